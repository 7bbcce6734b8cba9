import type { Initializer, Layer, Role } from '../graph/scope.ts'
import { affine } from '../ops/composite.ts'
import { needPositive } from './options.ts'
import { fanIn, zeros } from './init.ts'

export interface LinearOptions {
  /** Adds a bias, initially 0. Default true. */
  readonly bias?: boolean
  /** Initial weight. Default `fanIn(1)`: deviation 1/sqrt(in). */
  readonly init?: Initializer
  /** What the weight is for. Default 'inner'. */
  readonly role?: Role
}

/**
 * Affine map of the last axis: `x W^T + b`.
 *
 * Shapes: x `[..., in]` to `[..., width]`; parameters `weight` `[width, in]`, `bias` `[width]`.
 */
export function linear(width: number, options: LinearOptions = {}): Layer {
  needPositive('linear', 'width', width)
  const { bias = true, init = fanIn(), role = 'inner' } = options
  return (s, x) => {
    const weight = s.parameter('weight', [width, x.shape.at(-1) ?? 1], { role, init })
    return s.adapt(x, affine(x, weight, bias ? s.parameter('bias', [width], { role: 'bias', init: zeros }) : undefined))
  }
}

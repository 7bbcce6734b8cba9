import { ShapeError } from '../errors.ts'
import type { Initializer, Layer } from '../graph/scope.ts'
import type { Value } from '../graph/value.ts'
import { add, mul } from '../ops/arithmetic.ts'
import { cast } from '../ops/compare.ts'
import { constant } from '../ops/constant.ts'
import { gather } from '../ops/gather.ts'
import { reshape } from '../ops/reshape.ts'
import { sliceAxis } from '../ops/slice.ts'
import { sin } from '../ops/unary.ts'
import { tensor } from '../tensor.ts'
import { normal } from './init.ts'
import { needPositive } from './options.ts'
import { sharedConstants } from './shared-constants.ts'
import { tokensOf } from './tokens.ts'

export interface PositionOptions {
  /** Longest sequence, in tokens. Default: that of the first trace. */
  readonly context?: number
  /** Initial table. Default normal(0.02). */
  readonly init?: Initializer
}

/**
 * Adds a trained vector per position: `x_t + P_t`.
 *
 * Shapes: x `[batch, time, d]` to the same; parameter `weight` `[context, d]`. Throws ShapeError where time > context.
 *
 * Source: Gehring et al. 2017, arXiv:1705.03122.
 */
export function learnedPositions({ context: longest, init = normal(0.02) }: PositionOptions = {}): Layer {
  if (longest !== undefined) needPositive('learnedPositions', 'context', longest)
  return (s, x) => {
    const [, time, width] = tokensOf('learnedPositions', s, x)
    const { decoding } = s
    const context = longest ?? decoding?.context ?? time
    if (decoding === null && time > context) {
      throw new ShapeError(`learnedPositions '${s.path}': expected at most ${context} tokens, got ${time}`)
    }
    const table = s.parameter('weight', [context, width], { role: 'embed', init })
    if (decoding !== null) return add(x, gather(table, decoding.positions))
    return add(x, time === context ? table : sliceAxis(table, 0, 0, time))
  }
}

/** `sin(t / 10000^(2 i / d))` in feature 2 i, the cosine of the same angle in feature 2 i + 1. */
function waves(time: number, width: number): Value {
  const at = (position: number, i: number): number =>
    (i % 2 === 0 ? Math.sin : Math.cos)(position / 10000 ** ((i - (i % 2)) / width))
  const data = Float64Array.from({ length: time * width }, (_, place) => at(Math.floor(place / width), place % width))
  return constant({ dtype: 'float32', shape: [time, width], data })
}

/** The same for tokens at `positions` `[batch, time]`: cosines are sines a quarter turn on. */
function wavesAt(positions: Value, width: number): Value {
  const row = (value: (i: number) => number): Value =>
    constant(tensor(Array.from({ length: width }, (_, i) => value(i))))
  const frequency = row((i) => 10000 ** -((i - (i % 2)) / width))
  const place = reshape(cast(positions, 'float32'), [...positions.shape, 1])
  return sin(
    add(
      mul(place, frequency),
      row((i) => (i % 2) * (Math.PI / 2)),
    ),
  )
}

/**
 * Adds fixed waves: `x_t + P_t` with `P_{t, 2i} = sin(t / 10000^(2 i / d))` and `P_{t, 2i+1}` the cosine of that angle.
 *
 * Shapes: x `[batch, time, d]` to the same.
 *
 * Source: Vaswani et al. 2017, arXiv:1706.03762.
 */
export function sinusoidalPositions(): Layer {
  return (s, x) => {
    const [, time, width] = tokensOf('sinusoidalPositions', s, x)
    if (s.decoding !== null) return add(x, wavesAt(s.decoding.positions, width))
    const [table] = sharedConstants(s, `sinusoidal ${time} ${width}`, () => [waves(time, width)])
    return add(x, table!)
  }
}

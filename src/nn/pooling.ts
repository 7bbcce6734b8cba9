import { ShapeError } from '../errors.ts'
import type { Layer, Scope } from '../graph/scope.ts'
import type { Value } from '../graph/value.ts'
import { add, div, mul } from '../ops/arithmetic.ts'
import { sum } from '../ops/broadcast.ts'
import { cast, equal } from '../ops/compare.ts'
import { averagePool as averagePoolOp, type AveragePoolOptions } from '../ops/pooling-average.ts'
import { maxPool as maxPoolOp } from '../ops/pooling-max.ts'
import type { PoolOptions } from '../ops/pooling-window.ts'
import { max, mean } from '../ops/reduce.ts'
import { reshape } from '../ops/reshape.ts'
import { sameShape, typeText } from '../tensor.ts'
import { refuseDecoding } from './decoding.ts'
import { tokensOf } from './tokens.ts'

/**
 * Largest element of each window; of equal ones the first in row-major order gets the gradient.
 *
 * Shapes: x `[batch, channels, height, width]` or `[batch, channels, length]` to the same rank, each spatial size
 * becoming floor((size + 2 padding - kernel) / stride) + 1. Throws ShapeError while tracing where the windows do not fit.
 */
export function maxPool(options: PoolOptions): Layer {
  return (_, x) => maxPoolOp(x, options)
}

/**
 * Mean of each window.
 *
 * Shapes: x `[batch, channels, height, width]` or `[batch, channels, length]` to the same rank, each spatial size
 * becoming floor((size + 2 padding - kernel) / stride) + 1. Throws ShapeError while tracing where the windows do not fit.
 */
export function averagePool(options: AveragePoolOptions): Layer {
  return (_, x) => averagePoolOp(x, options)
}

function spatialAxes(where: string, s: Scope, { shape }: Value): number[] {
  if (shape.length >= 3) return shape.map((_, axis) => axis).slice(2)
  throw new ShapeError(`${where} '${s.path}': expected [batch, channels, ...spatial], got [${shape.join(', ')}]`)
}

/**
 * Mean of each channel over all places.
 *
 * Shapes: x `[batch, channels, ...spatial]` to `[batch, channels]`. Throws ShapeError where x has no spatial axis.
 *
 * Source: Lin, Chen & Yan 2013, arXiv:1312.4400.
 */
export function globalAveragePool(): Layer {
  return (s, x) => mean(x, spatialAxes('globalAveragePool', s, x))
}

/**
 * Largest element of each channel over all places; equal ones share the gradient equally.
 *
 * Shapes: x `[batch, channels, ...spatial]` to `[batch, channels]`. Throws ShapeError where x has no spatial axis.
 */
export function globalMaxPool(): Layer {
  return (s, x) => max(x, spatialAxes('globalMaxPool', s, x))
}

/**
 * Mean over the tokens of a sequence, or over those that a mask keeps; an example without any gives 0.
 *
 * Shapes: x `[batch, time, width]` and, as context, optionally a mask `[batch, time]`, bool or float (not 0: kept), to
 * `[batch, width]`. Throws ShapeError for other shapes.
 */
export function meanPool(): Layer {
  return (s, x, ...[mask]) => {
    refuseDecoding('meanPool', s, 'it reads all tokens')
    const [batch, time] = tokensOf('meanPool', s, x)
    if (mask === undefined) return mean(x, [1])
    if (!sameShape(mask.shape, [batch, time]) || mask.dtype === 'int32') {
      throw new ShapeError(
        `meanPool '${s.path}': expected a mask bool or float [${batch}, ${time}], 1 for tokens to keep, got ${typeText(mask.type)}`,
      )
    }
    const kept = reshape(cast(cast(mask, 'bool'), x.dtype), [batch, time, 1])
    const count = sum(kept, [1])
    return div(sum(mul(x, kept), [1]), add(count, cast(equal(count, 0), x.dtype)))
  }
}

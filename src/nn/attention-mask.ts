import { ShapeError } from '../errors.ts'
import type { Decoding } from '../graph/decoding.ts'
import type { Scope } from '../graph/scope.ts'
import type { Value } from '../graph/value.ts'
import { add } from '../ops/arithmetic.ts'
import { broadcastTo } from '../ops/broadcast.ts'
import { cast, greater, where } from '../ops/compare.ts'
import { constant, scalar } from '../ops/constant.ts'
import { max } from '../ops/reduce.ts'
import { reshape } from '../ops/reshape.ts'
import { concat } from '../ops/slice.ts'
import { sameShape, typeText } from '../tensor.ts'
import { sharedConstants } from './shared-constants.ts'

/** Added to the scores of keys that a query must not see; finite, since a row of -infinity has no softmax. */
const hidden = -1e30

/** Which keys a query sees. */
export interface AttentionMask {
  /** What is added to scores `[batch, heads, time, keys]`, or null. */
  readonly added: Value | null
  /** 1 for queries that see a key, 0 for others; null where all see one. Broadcasts to `[batch, heads, time, size]`. */
  readonly sees: Value | null
}

function future(time: number): Value {
  const data = Float32Array.from({ length: time ** 2 }, (_, i) => (i % time > Math.floor(i / time) ? hidden : 0))
  return constant({ dtype: 'float32', shape: [time, time], data })
}

/** The mask of earlier tokens: each query sees the keys up to its own place. */
const causalMask = (s: Scope, time: number): Value => sharedConstants(s, `causal ${time}`, () => [future(time)])[0]!

/** The mask of `keep` `[batch, keys]` (not 0 or true: seen), if any, and, if `causal`, of earlier tokens. */
export function attentionMask(
  layer: string,
  s: Scope,
  [batch, keys]: readonly [number, number],
  causal: boolean,
  keep: Value | undefined,
): AttentionMask {
  const later = causal ? causalMask(s, keys) : null
  if (keep === undefined) return { added: later, sees: null }
  if (!sameShape(keep.shape, [batch, keys]) || keep.dtype === 'int32') {
    throw new ShapeError(
      `${layer} '${s.path}': expected a mask bool or float [${batch}, ${keys}], 1 for tokens to keep, got ${typeText(keep.type)}`,
    )
  }
  const padding = reshape(where(cast(keep, 'bool'), 0, hidden), [batch, 1, 1, keys])
  const added = later === null ? padding : add(later, padding)
  return { added, sees: cast(greater(max(added, [-1], true), hidden / 2), 'float32') }
}

/** The mask of tokens that are decoded: each sees the keys that may be seen, of the new ones those at or before its own place. */
export function decodingMask(s: Scope, { positions, keep, past }: Decoding): AttentionMask {
  const make = (): Value => {
    const [batch, time] = positions.shape as [number, number]
    const seen = reshape(where(keep, 0, hidden), [batch, 1, 1, past + time])
    if (time === 1) return seen
    const later = greater(reshape(positions, [batch, 1, 1, time]), reshape(positions, [batch, 1, time, 1]))
    return add(seen, concat([broadcastTo(scalar(0), [batch, 1, time, past]), where(later, hidden, 0)], -1))
  }
  return { added: sharedConstants(s, 'decoding mask', () => [make()])[0]!, sees: null }
}

import type { Value } from '../graph/value.ts'
import { div, mul } from './arithmetic.ts'
import { broadcastTo, reduce, reduction, sum } from './broadcast.ts'
import { cast, equal } from './compare.ts'
import { floatDtype } from './host.ts'

const meanOp = reduction(
  'mean',
  'ReduceMean',
  0,
  (t, x) => t + x,
  (t, count) => t / count,
  (g, x, _y, count) => broadcastTo(mul(g, 1 / count), x.shape),
)
const maxOp = reduction(
  'max',
  'ReduceMax',
  -Infinity,
  Math.max,
  (t) => t,
  (g, x, y) => {
    const hits = cast(equal(x, y), floatDtype([x.type])) // ties share the gradient equally
    const axes = x.shape.flatMap((size, axis) => (y.shape[axis] === size ? [] : [axis]))
    return mul(hits, div(g, sum(hits, axes, true)))
  },
)

/** Mean over `axes` (all by default). */
export const mean = (x: Value, axes?: readonly number[], keep = false): Value => reduce(meanOp, x, axes, keep)
/** Largest element over `axes` (all by default); ties share the gradient equally. */
export const max = (x: Value, axes?: readonly number[], keep = false): Value => reduce(maxOp, x, axes, keep)

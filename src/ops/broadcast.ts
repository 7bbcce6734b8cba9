import { ShapeError } from '../errors.ts'
import { bind, located, type Op } from '../graph/op.ts'
import type { Value } from '../graph/value.ts'
import { sameShape, type Shape, sizeOf } from '../tensor.ts'
import { broadcastShapes, floatDtype, isCount, offsets, referenceArray, resolveAxis } from './host.ts'
import { reshape } from './reshape.ts'

interface Reduction {
  readonly axes: readonly number[]
  readonly keep: boolean
}
export type ReduceOp = Op<[x: Value], Reduction>

const keptShape = (shape: Shape, axes: readonly number[]): Shape =>
  shape.map((size, axis) => (axes.includes(axis) ? 1 : size))

const squeezed = (shape: Shape, axes: readonly number[]): Shape => shape.filter((_, axis) => !axes.includes(axis))

/** A gradient or result of a reduction, with the reduced axes back as size 1. */
const unsqueeze = (g: Value, x: Value, axes: readonly number[]): Value => {
  const shape = keptShape(x.shape, axes)
  return sameShape(g.shape, shape) ? g : reshape(g, shape)
}

/** The record of a reduction; `vjp` gets the gradient and the result with the reduced axes as size 1. */
export function reduction(
  name: string,
  onnxName: string,
  start: number,
  combine: (total: number, x: number) => number,
  finish: (total: number, count: number) => number,
  vjp: (g: Value, x: Value, y: Value, count: number) => Value,
): ReduceOp {
  return {
    name,
    type: ([x], { axes, keep }) => {
      if (new Set(axes).size !== axes.length) throw new ShapeError(`axes [${axes.join(', ')}] name one axis twice`)
      return [{ dtype: floatDtype([x]), shape: keep ? keptShape(x.shape, axes) : squeezed(x.shape, axes) }]
    },
    vjp: ([g], [x], { axes }, [y]) => [
      vjp(unsqueeze(g, x, axes), x, unsqueeze(y, x, axes), sizeOf(x.shape) / sizeOf(y.shape)),
    ],
    onnx: (emit, [x], { axes, keep }) =>
      // ReduceMax and its kin take axes as input from opset 18, ReduceSum from 13
      [
        axes.length === 0
          ? emit.node('Identity', [x])
          : emit.node(onnxName, [x, emit.ints(axes)], { keepdims: keep ? 1 : 0 }),
      ],
    flops: ({ inputs: [x] }) => sizeOf(x.shape),
    evaluate: ([x], { axes }, { outputs: [type] }) => {
      const out = referenceArray(type).fill(start)
      offsets(keptShape(x.shape, axes), x.shape).forEach((offset, position) => {
        out[offset] = combine(out[offset]!, x.data[position]!)
      })
      const count = x.data.length / out.length
      return [out.map((total) => finish(total, count))]
    },
  }
}

const sumOp = reduction(
  'sum',
  'ReduceSum',
  0,
  (t, x) => t + x,
  (t) => t,
  (g, x) => broadcastTo(g, x.shape),
)
/** Applies a reduction over `axes` (all by default). */
export function reduce(op: ReduceOp, x: Value, axes: readonly number[] | undefined, keep: boolean): Value {
  const rank = x.shape.length
  const all = x.shape.map((_, axis) => axis)
  const resolved = located(op.name, [x], () => (axes ?? all).map((axis) => resolveAxis(axis, rank)))
  return bind(op, [x], { axes: resolved.toSorted((a, b) => a - b), keep })[0]
}

/** Sum over `axes` (all by default); with `keep` the reduced axes stay as size 1. */
export const sum = (x: Value, axes?: readonly number[], keep = false): Value => reduce(sumOp, x, axes, keep)
/** Undoes broadcasting: sums `x` over the axes that `shape` lacks or has as 1. */
export function sumTo(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x
  const lead = x.shape.length - shape.length
  const axes = x.shape.flatMap((size, axis) => (axis < lead || (shape[axis - lead] === 1 && size !== 1) ? [axis] : []))
  const total = sum(x, axes)
  return sameShape(total.shape, shape) ? total : reshape(total, shape)
}

const broadcastOp: Op<[x: Value], { shape: Shape }> = {
  name: 'broadcastTo',
  flops: () => 0,
  type: ([x], { shape }) => {
    if (!shape.every(isCount) || !sameShape(broadcastShapes(x.shape, shape), shape)) {
      throw new ShapeError(`[${x.shape.join(', ')}] does not broadcast to [${shape.join(', ')}]`)
    }
    return [{ dtype: x.dtype, shape }]
  },
  vjp: ([g], [x]) => [sumTo(g, x.shape)],
  onnx: (emit, [x], { shape }, { inputs: [type] }) => {
    const lead = shape.length - type.shape.length
    const target = shape.map((size, axis) => (type.shape[axis - lead] === size ? 1 : size)) // 1 keeps the axis, open or not
    return [emit.node('Expand', [x, emit.ints(target)])]
  },
  evaluate: ([x], { shape }, { outputs: [type] }) => {
    const out = referenceArray(type)
    offsets(x.shape, shape).forEach((offset, position) => {
      out[position] = x.data[offset]!
    })
    return [out]
  },
  simplify: ([x], { shape }) => (sameShape(x.shape, shape) ? [x] : null),
}

/** Repeats axes of size 1 and missing leading axes. Elementwise ops broadcast on their own. */
export function broadcastTo(x: Value, shape: Shape): Value {
  return sameShape(x.shape, shape) ? x : bind(broadcastOp, [x], { shape })[0]
}

/** What stood before a broadcast, or null: an elementwise op can take it directly. */
export function beforeBroadcast(x: Value): Value | null {
  return x.node.op === (broadcastOp as unknown) ? x.node.inputs[0]! : null
}

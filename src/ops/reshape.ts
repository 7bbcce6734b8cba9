import { ShapeError } from '../errors.ts'
import { bind, located, type Op } from '../graph/op.ts'
import type { Value } from '../graph/value.ts'
import { sameShape, type Shape, sizeOf } from '../tensor.ts'
import { referenceArray, resolveAxis, stridesOf, walk } from './host.ts'
import { packing } from './move.ts'

type UnaryOp<A> = Op<[x: Value], A>

const reshapeOp: UnaryOp<{ shape: Shape }> = {
  name: 'reshape',
  view: true,
  type: ([x], { shape }) => {
    if (sizeOf(shape) !== sizeOf(x.shape) || shape.some((size) => !Number.isInteger(size) || size < 0)) {
      throw new ShapeError(
        `[${x.shape.join(', ')}] has ${sizeOf(x.shape)} elements and cannot become [${shape.join(', ')}]`,
      )
    }
    return [{ dtype: x.dtype, shape }]
  },
  vjp: ([g], [x]) => [reshape(g, x.shape)],
  onnx: (emit, [x], { shape }) => [emit.node('Reshape', [x, emit.shape(shape)])],
  evaluate: ([x]) => [x.data],
  simplify: ([x], { shape }) => (x.node.op === (reshapeOp as unknown) ? [reshape(x.node.inputs[0]!, shape)] : null),
  accumulate: ([x], _, addend) => {
    const { op, inputs, attrs } = x.node // what is reshaped may take the addend in its own shape
    const total = op?.accumulate?.(inputs, attrs, reshape(addend, x.shape))
    return total ? reshape(total, addend.shape) : null
  },
}

/** The same elements in another shape. */
export const reshape = (x: Value, shape: Shape): Value =>
  sameShape(x.shape, shape) ? x : bind(reshapeOp, [x], { shape })[0]

const transposeOp: UnaryOp<{ order: readonly number[] }> = {
  name: 'transpose',
  flops: () => 0,
  type: ([x], { order }) => {
    if (order.length !== x.shape.length || new Set(order).size !== order.length) {
      throw new ShapeError(`order [${order.join(', ')}] is not a permutation of ${x.shape.length} axes`)
    }
    return [{ dtype: x.dtype, shape: order.map((axis) => x.shape[axis]!) }]
  },
  vjp: ([g], _, { order }) => [transpose(g, inverse(order))],
  onnx: (emit, [x], { order }, { inputs: [{ dtype }] }) => {
    const { pack, unpack } = packing(emit, dtype)
    return [unpack(emit.node('Transpose', [pack(x)], { perm: order }))]
  },
  evaluate: ([x], { order }, { outputs: [type] }) => {
    const out = referenceArray(type)
    const strides = stridesOf(x.shape)
    const moved = order.map((axis) => strides[axis]!)
    walk(type.shape, moved, (offset, position) => {
      out[position] = x.data[offset]!
    })
    return [out]
  },
  simplify: ([x], { order }) => {
    if (order.every((axis, i) => axis === i)) return [x]
    if (x.node.op !== (transposeOp as unknown)) return null
    const before = x.node.attrs.order as readonly number[]
    return [
      transpose(
        x.node.inputs[0]!,
        order.map((axis) => before[axis]!),
      ),
    ]
  },
}

const inverse = (order: readonly number[]): number[] => order.map((_, axis) => order.indexOf(axis))

/** Axes in another order; by default the last two are swapped. */
export function transpose(x: Value, order?: readonly number[]): Value {
  const rank = x.shape.length
  const swapped = [...x.shape.slice(0, -2).keys(), -1, -2]
  const axes = located('transpose', [x], () => (order ?? swapped).map((axis) => resolveAxis(axis, rank)))
  return bind(transposeOp, [x], { order: axes })[0]
}

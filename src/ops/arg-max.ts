import { ShapeError } from '../errors.ts'
import { bind, type Op } from '../graph/op.ts'
import type { Value } from '../graph/value.ts'
import { sizeOf, tensor } from '../tensor.ts'
import { floatDtype, rowOf } from './host.ts'

const argMaxOp: Op<[x: Value]> = {
  name: 'argMax',
  type: ([x]) => {
    floatDtype([x])
    if (x.shape.length === 0) throw new ShapeError('expected at least one axis, got a scalar')
    return [{ dtype: 'int32', shape: x.shape.slice(0, -1) }]
  },
  vjp: null,
  flops: ({ inputs: [x] }) => sizeOf(x.shape),
  onnx: (emit, [x], _, { inputs: [type] }) => {
    const axis = type.shape.length - 1
    if (emit.target !== 'webgpu')
      return [emit.node('Cast', [emit.node('ArgMax', [x], { axis, keepdims: 0 })], { to: 6 })]
    // ArgMax gives int64, which falls back to the CPU there: the smallest index among the largest elements instead
    const size = type.shape[axis]!
    const top = emit.node('ReduceMax', [x, emit.ints([axis])], { keepdims: 1 })
    const hit = emit.node('Cast', [emit.node('Equal', [x, top])], { to: 1 })
    const countdown = emit.tensor(tensor(Float32Array.from({ length: size }, (_, i) => size - i)))
    const best = emit.node('ReduceMax', [emit.node('Mul', [hit, countdown]), emit.ints([axis])], { keepdims: 0 })
    return [emit.node('Cast', [emit.node('Sub', [emit.scalar(size), best])], { to: 6 })]
  },
  evaluate: ([x], _, { outputs: [type] }) => [
    Int32Array.from({ length: sizeOf(type.shape) }, (__, row) => {
      const values = rowOf(x, row)
      return values.indexOf(values.reduce((a, b) => Math.max(a, b), -Infinity))
    }),
  ],
}

/** Index of the largest element of the last axis, the first of equals; int32, not differentiable. */
export const argMax = (x: Value): Value => bind(argMaxOp, [x], {})[0]

import { ShapeError } from '../errors.ts'
import { bind, type Op } from '../graph/op.ts'
import type { Value } from '../graph/value.ts'
import { type DType, type HostTensor, isFloat, type Shape, sizeOf, tensor } from '../tensor.ts'
import { referenceArray } from './host.ts'

const constantOp: Op<[], { value: HostTensor }> = {
  name: 'constant',
  flops: () => 0,
  type: (_, { value }) => [{ dtype: value.dtype, shape: value.shape }],
  vjp: null,
  onnx: (emit, _, { value }) => [emit.tensor(value)],
  evaluate: (_, { value }) => {
    const data = referenceArray(value)
    data.set(value.data)
    return [data]
  },
}

/** A value that is part of the graph. */
export function constant(value: HostTensor): Value {
  return bind(constantOp, [], { value })[0]
}

/** A scalar constant; floats keep all their bits here and are rounded where a device needs it. */
export function scalar(value: number, dtype: DType = 'float32'): Value {
  return constant(isFloat({ dtype }) ? { dtype, shape: [], data: Float64Array.of(value) } : tensor(value, [], dtype))
}

/** A constant of `shape` whose every element is `value`. */
export function filled(value: number, shape: Shape, dtype: DType = 'float32'): Value {
  return constant(tensor(new Array<number>(sizeOf(shape)).fill(value), shape, dtype))
}

/** The number behind a scalar constant, or undefined for any other value. */
export function scalarValue(value: Value): number | undefined {
  const { op, attrs } = value.node
  if (op !== (constantOp as unknown)) return undefined
  const data = (attrs.value as HostTensor).data
  return data.length === 1 ? data[0] : undefined
}

/** What elementwise functions accept: a value, or a number that becomes a scalar of the other operand's dtype. */
export type Operand = Value | number

export function operand(x: Operand, like: Operand): Value {
  if (typeof x !== 'number') return x
  if (typeof like !== 'number' && like.dtype === 'int32' && !Number.isInteger(x)) {
    throw new ShapeError(`expected an integer beside int32, got ${x}; use cast`)
  }
  return scalar(x, typeof like === 'number' ? 'float32' : like.dtype)
}

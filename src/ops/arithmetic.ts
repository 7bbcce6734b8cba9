import { ShapeError } from '../errors.ts'
import { bind, type Op } from '../graph/op.ts'
import type { Value } from '../graph/value.ts'
import { sameShape, type TensorType } from '../tensor.ts'
import { type Operand, operand, scalarValue } from './constant.ts'
import { broadcastShapes, mapElements } from './host.ts'
import { beforeBroadcast } from './broadcast.ts'

export type Pair = [a: Value, b: Value]
type BinaryOp = Op<Pair>

export function pairType([a, b]: readonly [TensorType, TensorType]): TensorType {
  if (a.dtype !== b.dtype || a.dtype === 'bool') {
    throw new ShapeError(`expected numbers of one dtype, got ${a.dtype} and ${b.dtype}; use cast`)
  }
  return { dtype: a.dtype, shape: broadcastShapes(a.shape, b.shape) }
}

function binary(
  name: string,
  onnxName: string,
  simd: number,
  f: (a: number, b: number) => number,
  vjp: (g: Value, a: Value, b: Value, out: Value) => readonly [Value, Value],
  identity?: (a: Value, b: Value) => Value | null,
): BinaryOp {
  const op: BinaryOp = {
    name,
    simd,
    type: (types) => [pairType(types)],
    vjp: ([g], [a, b], _, [out]) => vjp(g, a, b, out),
    onnx: (emit, [a, b]) => [emit.node(onnxName, [a, b])],
    evaluate: ([a, b], _, { outputs: [type] }) => [mapElements(type, [a, b], f)],
    simplify: ([a, b], _, [out]) => {
      const kept = identity?.(a, b)
      if (kept && sameShape(kept.shape, out.shape)) return [kept]
      const lazyA = beforeBroadcast(a)
      if (lazyA && sameShape(broadcastShapes(lazyA.shape, b.shape), out.shape)) return bind(op, [lazyA, b], {})
      const lazyB = beforeBroadcast(b)
      if (lazyB && sameShape(broadcastShapes(a.shape, lazyB.shape), out.shape)) return bind(op, [a, lazyB], {})
      return null
    },
  }
  return op
}

/** Applies an op to two operands; a number becomes a scalar of the other's dtype. */
export const applyPair = (op: Op<Pair>, a: Operand, b: Operand): Value =>
  bind(op, [operand(a, b), operand(b, a)], {})[0]

const addOp = binary(
  'add',
  'Add',
  0xe4,
  (a, b) => a + b,
  (g) => [g, g],
  (a, b) => (scalarValue(b) === 0 ? a : scalarValue(a) === 0 ? b : null),
)
const subOp = binary(
  'sub',
  'Sub',
  0xe5,
  (a, b) => a - b,
  (g) => [g, neg(g)],
  (a, b) => (scalarValue(b) === 0 ? a : null),
)
const mulOp = binary(
  'mul',
  'Mul',
  0xe6,
  (a, b) => a * b,
  (g, a, b) => [mul(g, b), mul(g, a)],
  (a, b) => (scalarValue(b) === 1 ? a : scalarValue(a) === 1 ? b : null),
)
const divOp = binary(
  'div',
  'Div',
  0xe7,
  (a, b) => a / b,
  (g, _a, b, out) => [div(g, b), neg(div(mul(g, out), b))], // d(a/b)/db = -(a/b)/b
  (a, b) => (scalarValue(b) === 1 ? a : null),
)

/** `a + b`, elementwise with broadcasting. */
export const add = (a: Operand, b: Operand): Value => applyPair(addOp, a, b)
/** `a - b`, elementwise with broadcasting. */
export const sub = (a: Operand, b: Operand): Value => applyPair(subOp, a, b)
/** `a * b`, elementwise with broadcasting. */
export const mul = (a: Operand, b: Operand): Value => applyPair(mulOp, a, b)
/** `a / b`, elementwise with broadcasting. */
export const div = (a: Operand, b: Operand): Value => applyPair(divOp, a, b)

const negOp: Op<[x: Value]> = {
  name: 'neg',
  type: ([x]) => {
    if (x.dtype === 'bool') throw new ShapeError('expected numbers, got bool; use cast')
    return [x]
  },
  vjp: ([g]) => [neg(g)],
  onnx: (emit, [x], _, { inputs: [{ dtype }] }) => [
    emit.target === 'webgpu' && dtype === 'int32'
      ? emit.node('Sub', [emit.scalar(0, dtype), x]) // Neg of int32 falls back to the CPU there
      : emit.node('Neg', [x]),
  ],
  evaluate: ([x], _, { outputs: [type] }) => [mapElements(type, [x], (a) => -a)],
}

/** `-x`. */
export const neg = (x: Value): Value => bind(negOp, [x], {})[0]

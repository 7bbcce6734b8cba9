import { ShapeError } from '../errors.ts'
import { type Emit, onnxType } from '../graph/emit.ts'
import { bind, type Op } from '../graph/op.ts'
import type { Value } from '../graph/value.ts'
import { type DType, isFloat } from '../tensor.ts'
import { applyPair, type Pair, pairType } from './arithmetic.ts'
import { type Operand, operand } from './constant.ts'
import { broadcastShapes, bytesOf, mapElements } from './host.ts'

function comparison(name: string, onnxName: string, f: (a: number, b: number) => boolean): Op<Pair> {
  return {
    name,
    type: (types) => [{ dtype: 'bool', shape: pairType(types).shape }],
    vjp: null,
    onnx: (emit, [a, b]) => [emit.node(onnxName, [a, b])],
    evaluate: ([a, b], _, { outputs: [type] }) => [mapElements(type, [a, b], (x, y) => Number(f(x, y)))],
  }
}

function logical(
  name: string,
  lower: (emit: Emit, a: string, b: string) => string,
  f: (a: boolean, b: boolean) => boolean,
): Op<Pair> {
  return {
    name,
    type: ([a, b]) => {
      if (a.dtype !== 'bool' || b.dtype !== 'bool') throw new ShapeError(`expected bool, got ${a.dtype} and ${b.dtype}`)
      return [{ dtype: 'bool', shape: broadcastShapes(a.shape, b.shape) }]
    },
    vjp: null,
    onnx: (emit, [a, b]) => [lower(emit, a, b)],
    evaluate: ([a, b], _, { outputs: [type] }) => [mapElements(type, [a, b], (x, y) => Number(f(x === 1, y === 1)))],
  }
}

const equalOp = comparison('equal', 'Equal', (a, b) => a === b)
const lessOp = comparison('less', 'Less', (a, b) => a < b)
const greaterOp = comparison('greater', 'Greater', (a, b) => a > b)
const andOp = logical(
  'and',
  (emit, a, b) => emit.node('And', [a, b]),
  (a, b) => a && b,
)
const orOp = logical(
  'or',
  (emit, a, b) => {
    if (emit.target !== 'webgpu') return emit.node('Or', [a, b])
    const neither = emit.node('And', [emit.node('Not', [a]), emit.node('Not', [b])]) // Or falls back to the CPU there
    return emit.node('Not', [neither])
  },
  (a, b) => a || b,
)

/** `a = b`, elementwise; bool, not differentiable, as are all comparisons. */
export const equal = (a: Operand, b: Operand): Value => applyPair(equalOp, a, b)
/** `a < b`, elementwise. */
export const less = (a: Operand, b: Operand): Value => applyPair(lessOp, a, b)
/** `a > b`, elementwise. */
export const greater = (a: Operand, b: Operand): Value => applyPair(greaterOp, a, b)
/** Both, elementwise. */
export const and = (a: Value, b: Value): Value => applyPair(andOp, a, b)
/** Either, elementwise. */
export const or = (a: Value, b: Value): Value => applyPair(orOp, a, b)

const notOp: Op<[x: Value]> = {
  name: 'not',
  type: ([x]) => {
    if (x.dtype !== 'bool') throw new ShapeError(`expected bool, got ${x.dtype}`)
    return [x]
  },
  vjp: null,
  onnx: (emit, [x]) => [emit.node('Not', [x])],
  evaluate: ([x], _, { outputs: [type] }) => [mapElements(type, [x], (a) => 1 - a)],
}

/** Negation of a bool. */
export const not = (x: Value): Value => bind(notOp, [x], {})[0]

const whereOp: Op<[condition: Value, a: Value, b: Value]> = {
  name: 'where',
  type: ([condition, a, b]) => {
    if (condition.dtype !== 'bool') throw new ShapeError(`the condition must be bool, got ${condition.dtype}`)
    const { dtype, shape } = pairType([a, b])
    return [{ dtype, shape: broadcastShapes(condition.shape, shape) }]
  },
  vjp: ([g], [condition]) => [null, where(condition, g, 0), where(condition, 0, g)],
  scratch: ({ outputs: [out] }) => 2 * bytesOf(out), // ONNX Runtime selects from each side, then merges
  onnx: (emit, [condition, a, b]) => [emit.node('Where', [condition, a, b])],
  evaluate: ([condition, a, b], _, { outputs: [type] }) => [
    mapElements(type, [condition, a, b], (c, x, y) => (c === 1 ? x : y)),
  ],
}

/** `a` where the condition holds, else `b`. */
export const where = (condition: Value, a: Operand, b: Operand): Value =>
  bind(whereOp, [condition, operand(a, b), operand(b, a)], {})[0]

const castOp: Op<[x: Value], { to: DType }> = {
  name: 'cast',
  flops: () => 0,
  type: ([x], { to }) => [{ dtype: to, shape: x.shape }],
  vjp: ([g], [x]) => [isFloat(x) ? cast(g, x.dtype) : null],
  onnx: (emit, [x], { to }) => [emit.node('Cast', [x], { to: onnxType[to] })],
  evaluate: ([x], { to }, { outputs: [type] }) => [
    mapElements(type, [x], (a) => (to === 'int32' ? Math.trunc(a) : to === 'bool' ? Number(a !== 0) : a)),
  ],
  simplify: ([x], { to }) => (x.dtype === to ? [x] : null),
}

/** Another dtype; towards int32 fractions are cut, towards bool everything but 0 is true. */
export const cast = (x: Value, to: DType): Value => bind(castOp, [x], { to })[0]

import { expect, test } from 'vitest'
import { grad } from '../autodiff/grad.ts'
import { add, mul } from '../ops/arithmetic.ts'
import { sum } from '../ops/broadcast.ts'
import { constant } from '../ops/constant.ts'
import { affine } from '../ops/composite.ts'
import { customGradient } from '../ops/gradient.ts'
import { mean } from '../ops/reduce.ts'
import { split } from '../ops/slice.ts'
import { exp, relu } from '../ops/unary.ts'
import { tensor, type TensorType } from '../tensor.ts'
import { check, graph } from './graph.ts'
import { print } from './print.ts'
import { simplify } from './simplify.ts'
import { input, makeNode, type Value } from './value.ts'

const x = input('x', 'float32', [4, 6])

test('print of a residual block and its gradient', () => {
  const weight = input('weight', 'float32', [6, 6])
  const bias = input('bias', 'float32', [6])
  const loss = mean(add(x, relu(affine(x, weight, bias))))
  const [dx, dWeight, dBias] = grad(loss, [x, weight, bias]) as [Value, Value, Value]
  const traced = simplify(graph({ loss, dx, dWeight, dBias }))
  check(traced)
  expect(print(traced)).toMatchInlineSnapshot(`
    "graph(x: float32[4, 6], weight: float32[6, 6], bias: float32[6])
      %0: float32[4, 6] = gemm(x, weight, bias) {transposeA: false, transposeB: true}
      %1: float32[4, 6] = relu(%0)
      %2: float32[4, 6] = add(x, %1)
      %3: float32[] = mean(%2) {axes: [0, 1], keep: false}
      %4: float32[] = constant() {value: <float32[] 1>}
      %5: float32[1, 1] = reshape(%4) {shape: [1, 1]}
      %6: float32[] = constant() {value: <float32[] 0.0416667>}
      %7: float32[1, 1] = mul(%5, %6)
      %8: float32[4, 6] = step(%1)
      %9: float32[4, 6] = stopGradient(%8)
      %10: float32[4, 6] = mul(%7, %9)
      %11: float32[6, 6] = matMul(%10, x) {transposeA: true, transposeB: false}
      %12: float32[4, 6] = gemm(%10, weight, %7) {transposeA: false, transposeB: false}
      %13: float32[6] = sum(%10) {axes: [0], keep: false}
      return loss = %3, dx = %12, dWeight = %11, dBias = %13"
  `)
})

test('print shows constants, several outputs, and functions by name only', () => {
  const [a, b] = split(add(x, 0.5), 1, [2, 4]) as [Value, Value]
  const [own] = customGradient([exp(b)], [b], (gradients) => gradients) as [Value]
  expect(print(graph({ a, own, same: a, many: constant(tensor([1, 2, 3, 4, 5])) }))).toMatchInlineSnapshot(`
    "graph(x: float32[4, 6])
      %0: float32[] = constant() {value: <float32[] 0.5>}
      %1: float32[4, 6] = add(x, %0)
      %2: float32[4, 2], %3: float32[4, 4] = split(%1) {axis: 1, sizes: [2, 4]}
      %4: float32[4, 4] = exp(%3)
      %5: float32[4, 4] = customGradient(%4, %3) {outputs: 1, backward: <function>}
      %6: float32[5] = constant() {value: <float32[5] 1, 2, 3, 4, ...>}
      return a = %2, own = %5, same = %2, many = %6"
  `)
})

test('equal graphs print equally', () => {
  const trace = (): string => print(graph({ y: exp(mul(input('x', 'float32', [2]), 3)) }))
  expect(trace()).toBe(trace())
})

test('a graph holds what its outputs depend on, inputs before uses', () => {
  const unused = exp(x)
  const y = add(exp(x), x)
  const traced = graph({ y })
  expect(traced.nodes.map((node) => node.op?.name)).toEqual(['exp', 'add'])
  expect(traced.nodes).not.toContain(unused.node)
  expect([...traced.inputs]).toEqual([['x', x]])
})

test('two leaves of one name are refused, one leaf used twice is not', () => {
  expect(() => graph({ y: add(x, input('x', 'float32', [4, 6])) })).toThrowErrorMatchingInlineSnapshot(
    `[GraphError: graph: two leaves are named 'x'; names are unique]`,
  )
  expect(graph({ y: add(x, x) }).inputs.size).toBe(1)
})

/** `relu(x)` with output types of choice, and a sum behind it. */
function corrupted(types: readonly TensorType[]): Value {
  const { op, attrs } = relu(x).node
  return sum(makeNode(op, '', [x], attrs, types).outputs[0]!)
}

test('check accepts what was traced', () => {
  expect(() => check(graph({ y: sum(relu(x)) }))).not.toThrow()
})

test('check catches a wrong shape, dtype and number of outputs', () => {
  const right: TensorType = { dtype: 'float32', shape: [4, 6] }
  const of =
    (...types: TensorType[]) =>
    () =>
      check(graph({ y: corrupted(types) }))
  expect(of(right)).not.toThrow()
  expect(of({ dtype: 'float32', shape: [6, 4] })).toThrowErrorMatchingInlineSnapshot(
    `[GraphError: check: relu carries float32[6, 4], inferred float32[4, 6]]`,
  )
  expect(of({ dtype: 'float64', shape: [4, 6] })).toThrowErrorMatchingInlineSnapshot(
    `[GraphError: check: relu carries float64[4, 6], inferred float32[4, 6]]`,
  )
  expect(of(right, right)).toThrowErrorMatchingInlineSnapshot(
    `[GraphError: check: relu carries float32[4, 6], inferred nothing]`,
  )
  const [, second] = split(x, 1, [2, 4]) as [Value, Value]
  const { op, inputs, attrs } = second.node
  const short = makeNode(op, '', inputs, attrs, [{ dtype: 'float32', shape: [4, 2] }]).outputs[0]!
  expect(() => check(graph({ y: short }))).toThrowErrorMatchingInlineSnapshot(
    `[GraphError: check: split has 1 outputs, inferred 2]`,
  )
})

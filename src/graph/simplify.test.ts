import { describe, expect, test } from 'vitest'
import { add, div, mul, sub } from '../ops/arithmetic.ts'
import { broadcastTo } from '../ops/broadcast.ts'
import { cast } from '../ops/compare.ts'
import { constant, filled, scalar } from '../ops/constant.ts'
import { customGradient } from '../ops/gradient.ts'
import { gemm } from '../ops/matmul.ts'
import { reshape, transpose } from '../ops/reshape.ts'
import { split } from '../ops/slice.ts'
import { exp, pow } from '../ops/unary.ts'
import { tensor } from '../tensor.ts'
import { check, graph } from './graph.ts'
import { bind, type Op } from './op.ts'
import { simplify } from './simplify.ts'
import { input, type Value } from './value.ts'

const x = input('x', 'float32', [2, 3])
const row = input('row', 'float32', [3])

/** An identity that must not be merged with its like. */
const barrier: Op<[x: Value]> = {
  name: 'barrier',
  type: ([a]) => [a],
  vjp: ([g]) => [g],
  onnx: (emit, [a]) => [emit.node('Identity', [a])],
  evaluate: ([a]) => [a.data],
  unique: true,
}

/** Names of the ops that are left, in order. */
function left(...outputs: Value[]): (string | undefined)[] {
  const simpler = simplify(graph(new Map(outputs.map((value, i) => [`y${i}`, value]))))
  check(simpler)
  return simpler.nodes.map((node) => node.op?.name)
}

/** The value that stands for `y` after simplification. */
const simplified = (y: Value): Value => simplify(graph({ y })).outputs.get('y')!

describe('equal applications', () => {
  test('merge, with all that depends on them', () => {
    expect(left(add(exp(mul(x, 2)), exp(mul(x, 2))))).toEqual(['constant', 'mul', 'exp', 'add'])
  })

  test('stay apart when an attribute, an operand, its order or a constant differs', () => {
    expect(left(pow(x, 2), pow(x, 3))).toHaveLength(2)
    expect(left(sub(x, row), sub(row, x))).toHaveLength(2)
    expect(left(constant(tensor([0])), constant(tensor([-0])))).toHaveLength(2)
    expect(left(constant(tensor([1])), constant(tensor([1], [1, 1])))).toHaveLength(2)
    expect(left(constant(tensor([1])), constant(tensor([1], [1], 'int32')))).toHaveLength(2)
  })

  test('merge with several outputs', () => {
    const parts = [...split(x, 1, [1, 2]), ...split(x, 1, [1, 2])]
    expect(left(...parts)).toEqual(['split'])
    const simpler = simplify(graph(new Map(parts.map((value, i) => [`y${i}`, value]))))
    expect(simpler.outputs.get('y3')).toBe(simpler.outputs.get('y1'))
    expect(simpler.outputs.get('y3')?.shape).toEqual([2, 2])
  })

  test('that are unique do not merge', () => {
    const again = (): Value => bind(barrier, [exp(x)], {})[0]
    expect(left(add(again(), again()))).toEqual(['exp', 'barrier', 'barrier', 'add'])
  })

  test('that carry functions do not merge', () => {
    const region = (): Value => customGradient([exp(x)], [x], (gradients) => gradients)[0]!
    expect(left(add(region(), region()))).toEqual(['exp', 'customGradient', 'customGradient', 'add'])
  })
})

describe('identity arithmetic', () => {
  test.each<[string, Value]>([
    ['x + 0', add(x, 0)],
    ['0 + x', add(0, x)],
    ['x - 0', sub(x, 0)],
    ['x * 1', mul(x, 1)],
    ['1 * x', mul(1, x)],
    ['x / 1', div(x, 1)],
    ['x + 0, broadcast from [1]', add(x, filled(0, [1]))],
    ['cast to itself', cast(x, 'float32')],
    ['a split into one', split(x, 0, [2])[0]!],
    ['a broadcast of a reshape there and back', add(broadcastTo(reshape(reshape(x, [6]), [2, 3]), [2, 3]), 0)],
  ])('drops %s', (_, y) => {
    expect(simplified(y)).toBe(x)
  })

  test.each<[string, Value]>([
    ['0 - x', sub(0, x)],
    ['1 / x', div(1, x)],
    ['x * 0', mul(x, 0)],
    ['x + 1', add(x, 1)],
    ['a zero that broadcasts', add(x, filled(0, [4, 1, 1]))],
  ])('keeps %s', (_, y) => {
    expect(left(y)).toEqual(['constant', y.node.op?.name])
  })
})

describe('chains', () => {
  test('of reshapes become one', () => {
    const y = simplified(reshape(reshape(reshape(x, [6]), [1, 6]), [3, 2]))
    expect(y.node.inputs).toEqual([x])
    expect(y.shape).toEqual([3, 2])
  })

  test('of transposes become one', () => {
    const a = input('a', 'float32', [2, 3, 4])
    const y = simplified(transpose(transpose(a, [2, 0, 1]), [2, 0, 1]))
    expect(y.node.inputs).toEqual([a])
    expect(y.node.attrs.order).toEqual([1, 2, 0])
    expect(y.shape).toEqual([3, 4, 2])
  })

  test('that lead back vanish', () => {
    expect(simplified(reshape(reshape(x, [6]), [2, 3]))).toBe(x)
    expect(simplified(transpose(transpose(x)))).toBe(x)
  })

  test('merge with what they become equal to', () => {
    expect(left(reshape(x, [3, 2]), reshape(reshape(x, [6]), [3, 2]))).toEqual(['reshape'])
  })
})

describe('broadcasts', () => {
  test('are left to the elementwise op behind them', () => {
    expect(left(mul(broadcastTo(row, [2, 3]), x))).toEqual(['mul'])
    expect(left(sub(x, broadcastTo(scalar(2), [2, 3])))).toEqual(['constant', 'sub'])
  })

  test('are left to the product that adds them', () => {
    expect(left(gemm(x, x, broadcastTo(scalar(2), [2, 2]), { b: true }))).toEqual(['constant', 'gemm'])
  })

  test('stay where the result needs them', () => {
    const y = add(broadcastTo(row, [2, 3]), broadcastTo(scalar(2), [2, 3]))
    expect(simplified(y).shape).toEqual([2, 3])
    expect(left(y)).toEqual(['constant', 'broadcastTo', 'add'])
  })
})

test('dead nodes fall away', () => {
  expect(left(reshape(transpose(transpose(exp(x))), [6]))).toEqual(['exp', 'reshape'])
})

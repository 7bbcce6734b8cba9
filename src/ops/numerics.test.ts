import { describe, expect, test } from 'vitest'
import { vjp } from '../autodiff/grad.ts'
import { graph } from '../graph/graph.ts'
import { input, type Value } from '../graph/value.ts'
import { evaluate } from '../runtime/reference.ts'
import { type HostTensor, tensor } from '../tensor.ts'
import { argMax } from './arg-max.ts'
import { sum } from './broadcast.ts'
import { maximum, softplus } from './composite.ts'
import { filled } from './constant.ts'
import { addOneHot, gather, oneHot, scatterAdd, takeLast } from './gather.ts'
import { layerNorm, rmsNorm } from './normalize.ts'
import { max } from './reduce.ts'
import { logSoftmax, softmax, softmaxCrossEntropy } from './softmax.ts'
import { abs, erf64, gelu, pow, relu, sigmoid, tanh } from './unary.ts'

const rows = (...values: number[][]): HostTensor =>
  tensor(Float64Array.from(values.flat()), [values.length, values[0]!.length])
const numbers = (...values: number[]): HostTensor => tensor(Float64Array.from(values))
const classes = (...values: number[]): HostTensor => tensor(Int32Array.from(values))

/** Values of `f`, then the gradients of their sum with respect to its float operands. */
function run(f: (...values: Value[]) => Value, ...operands: HostTensor[]): { y: number[]; gradients: number[][] } {
  const leaves = operands.map((x, i) => input(`x${i}`, x.dtype, x.shape))
  const y = f(...leaves)
  const floats = leaves.filter(({ dtype }) => dtype === 'float64')
  const gradients = y.dtype === 'float64' ? vjp([y], [filled(1, y.shape, y.dtype)], floats) : []
  const traced = graph({ y, ...Object.fromEntries(gradients.map((g, i) => [`g${i}`, g])) })
  const results = evaluate(traced, Object.fromEntries(operands.map((x, i) => [`x${i}`, x])))
  const list = (name: string): number[] => Array.from(results[name]?.data as Float64Array)
  return { y: list('y'), gradients: gradients.map((_, i) => list(`g${i}`)) }
}

test.each([
  [1e-10, 1.1283791670955126e-10],
  [0.1, 0.11246291601828489840471],
  [0.5, 0.52049987781304653768274],
  [1, 0.84270079294971486934122],
  [1.5, 0.96610514647531072706697],
  [1.99, 0.99511141319961699704731],
  [2, 0.99532226501895273416206],
  [2.5, 0.99959304798255504106043],
  [3, 0.99997790950300141455862],
  [4, 0.99999998458274209971998],
  [5, 0.99999999999846254020557],
  [5.9, 0.9999999999999999280959],
  [7, 1],
])('erf64(%d) to 1e-15', (x, expected) => {
  expect(Math.abs(erf64(x) - expected)).toBeLessThanOrEqual(1e-15 * expected)
  expect(erf64(-x)).toBe(-erf64(x))
})

describe('large magnitudes do not overflow', () => {
  const logits = rows([1e4, -1e4, 0, 1e4], [-1e4, -1e4, -1e4, -1e4])

  test('softmax', () => {
    expect(run(softmax, logits).y).toEqual([0.5, 0, 0, 0.5, 0.25, 0.25, 0.25, 0.25])
  })

  test('logSoftmax', () => {
    const { y } = run(logSoftmax, logits)
    expect(y[0]).toBeCloseTo(-Math.LN2, 10)
    expect(y[1]).toBeCloseTo(-2e4 - Math.LN2, 10)
    expect(y[7]).toBeCloseTo(-Math.log(4), 10)
  })

  test('softmaxCrossEntropy', () => {
    const { y, gradients } = run((x, t) => softmaxCrossEntropy(x, t)[0], logits, classes(1, 0))
    expect(y[0]).toBeCloseTo(2e4 + Math.LN2, 10)
    expect(y[1]).toBeCloseTo(Math.log(4), 10)
    const expected = [0.5, -1, 0, 0.5, -0.75, 0.25, 0.25, 0.25]
    gradients[0]?.forEach((g, i) => expect(g).toBeCloseTo(expected[i]!, 10))
  })

  test.each<[string, (x: Value) => Value, number[], number[]]>([
    ['sigmoid', sigmoid, [0, 1], [0, 0]],
    ['tanh', tanh, [-1, 1], [0, 0]],
    ['softplus', softplus, [0, 1e4], [0, 1]],
    ['gelu', gelu, [-0, 1e4], [0, 1]],
  ])('%s', (_, f, values, slopes) => {
    const { y, gradients } = run(f, numbers(-1e4, 1e4))
    y.forEach((value, i) => expect(value).toBeCloseTo(values[i]!, 10))
    gradients[0]?.forEach((g, i) => expect(g).toBeCloseTo(slopes[i]!, 10))
  })
})

describe('norms of rows without spread are finite', () => {
  test('layerNorm of equal elements is the bias', () => {
    const { y, gradients } = run(
      (x, g, b) => layerNorm(x, g, b)[0],
      rows([3, 3, 3]),
      numbers(1, 2, 3),
      numbers(4, 5, 6),
    )
    expect(y).toEqual([4, 5, 6])
    // dx = (g gain - mean(g gain)) / sqrt(epsilon)
    gradients[0]?.forEach((g, i) => expect(g).toBeCloseTo((i - 1) / Math.sqrt(1e-5), 8))
    expect(gradients[1]).toEqual([0, 0, 0])
  })

  test('rmsNorm of zeros is zero', () => {
    const { y, gradients } = run((x, g) => rmsNorm(x, g)[0], rows([0, 0, 0]), numbers(1, 2, 3))
    expect(y).toEqual([0, 0, 0])
    gradients[0]?.forEach((g, i) => expect(g).toBeCloseTo((i + 1) / Math.sqrt(1e-5), 8))
  })
})

describe('gradients at kinks and ties are the documented ones', () => {
  test.each<[string, (x: Value) => Value, number]>([
    ['relu', relu, 0],
    ['abs', abs, 0],
    ['softplus', softplus, 0.5],
    ['pow 0', (x) => pow(x, 0), 0],
    ['pow 1', (x) => pow(x, 1), 1],
    ['pow 2', (x) => pow(x, 2), 0],
  ])('%s at 0', (_, f, slope) => {
    expect(run(f, numbers(0)).gradients).toEqual([[slope]])
  })

  test('max shares the gradient of a tie equally', () => {
    const { y, gradients } = run((x) => max(x, [1]), rows([1, 3, 3], [2, 1, 0]))
    expect(y).toEqual([3, 2])
    expect(gradients[0]).toEqual([0, 0.5, 0.5, 1, 0, 0])
  })

  test('maximum takes infinities', () => {
    expect(run(maximum, numbers(1, -3, -Infinity), numbers(-Infinity, Infinity, 2)).y).toEqual([1, Infinity, 2])
  })

  test('maximum shares the gradient of a tie equally', () => {
    const { y, gradients } = run(maximum, numbers(1, 2, 5), numbers(1, 3, 4))
    expect(y).toEqual([1, 3, 5])
    expect(gradients).toEqual([
      [0.5, 0, 1],
      [0.5, 1, 0],
    ])
  })
})

describe('indices', () => {
  const table = rows([1, 2, 3], [4, 5, 6])

  test.each<[string, (x: Value, i: Value) => Value]>([
    ['gather', gather],
    ['takeLast', takeLast],
    ['addOneHot', (x, i) => addOneHot(x, i, filled(1, [2], 'float64'))],
    ['softmaxCrossEntropy', (x, i) => softmaxCrossEntropy(x, i)[0]],
    ['scatterAdd', (x, i) => scatterAdd(x, i, 2)],
  ])('%s refuses what is out of range', (_, f) => {
    expect(() => run(f, table, classes(0, 3))).toThrow(/index: expected 0 to [12], got 3 at place 1/)
    expect(() => run(f, table, classes(-1, 0))).toThrow(/index: expected 0 to [12], got -1 at place 0/)
    expect(() => run(f, table, classes(1, 0))).not.toThrow()
  })

  test('oneHot gives zeros there', () => {
    const traced = graph({ y: oneHot(input('i', 'int32', [3]), 2) })
    const { y } = evaluate(traced, { i: classes(-1, 1, 2) })
    expect(Array.from(y?.data as Float64Array)).toEqual([0, 0, 0, 1, 0, 0])
  })

  test('argMax takes the first of equals', () => {
    expect(run(argMax, rows([1, 3, 3], [2, 2, 2], [0, -1, 1])).y).toEqual([1, 0, 2])
  })

  test('repeated indices add up, in the gradient too', () => {
    expect(run((x, i) => scatterAdd(x, i, 3), rows([1], [2], [4]), classes(2, 0, 2)).y).toEqual([2, 0, 5])
    expect(run((x, i) => sum(gather(x, i)), numbers(1, 2), classes(0, 0, 1)).gradients).toEqual([[2, 1]])
  })
})

import { describe, expect, test } from 'vitest'
import { checkGrad } from '../../test/check-grad.ts'
import { expectClose } from '../../test/close.ts'
import { graph } from '../graph/graph.ts'
import { input, type Value } from '../graph/value.ts'
import { add, mul, neg } from '../ops/arithmetic.ts'
import { sum } from '../ops/broadcast.ts'
import { cast, greater } from '../ops/compare.ts'
import { affine, square } from '../ops/composite.ts'
import { filled } from '../ops/constant.ts'
import { oneHot } from '../ops/gather.ts'
import { customGradient, stopGradient } from '../ops/gradient.ts'
import { gemm, matMul } from '../ops/matmul.ts'
import { layerNorm } from '../ops/normalize.ts'
import { mean } from '../ops/reduce.ts'
import { split } from '../ops/slice.ts'
import { exp, relu, step, tanh } from '../ops/unary.ts'
import { random } from '../random.ts'
import { evaluate } from '../runtime/reference.ts'
import { type HostTensor, type Shape, sizeOf, tensor } from '../tensor.ts'
import { grad, vjp } from './grad.ts'

const x = input('x', 'float64', [3])
const at = tensor(Float64Array.of(1, -2, 3))

const normal = (path: string, shape: Shape): HostTensor => {
  const source = random(1, path)
  return tensor(
    Float64Array.from({ length: sizeOf(shape) }, () => source.normal()),
    shape,
  )
}

/** Numbers of values that depend on `x` alone. */
function numbers(...values: Value[]): number[][] {
  const traced = graph(new Map(values.map((value, i) => [`y${i}`, value])))
  return Object.values(evaluate(traced, { x: at })).map(({ data }) => Array.from(data))
}

const opNames = (value: Value): (string | undefined)[] => graph({ value }).nodes.map((node) => node.op?.name)

describe('grad', () => {
  test('sums over the uses of a value', () => {
    expect(numbers(...grad(sum(add(mul(x, x), add(x, x))), [x]))).toEqual([[4, -2, 8]]) // 2x + 2
  })

  test('gives zeros, in shape and dtype, for what does not matter', () => {
    const unused = input('unused', 'float64', [2, 2])
    const [dx, zero] = grad(sum(x), [x, unused]) as [Value, Value]
    expect(zero.type).toEqual(unused.type)
    expect(numbers(dx, zero)).toEqual([
      [1, 1, 1],
      [0, 0, 0, 0],
    ])
  })

  test('takes intermediate values, and the output itself', () => {
    const y = mul(x, 2)
    const loss = sum(square(y))
    expect(numbers(...grad(loss, [y, x, loss]))).toEqual([[4, -8, 12], [8, -16, 24], [1]])
  })

  test('is graph again', () => {
    const [first] = grad(sum(mul(square(x), x)), [x]) as [Value]
    const [second] = grad(sum(first), [x]) as [Value]
    const [third] = grad(sum(second), [x]) as [Value]
    expect(numbers(first, second, third)).toEqual([
      [3, 12, 27],
      [6, -12, 18],
      [6, 6, 6],
    ])
  })

  test('goes through relu and abs to second order', () => {
    const [first] = grad(sum(mul(relu(x), x)), [x]) as [Value]
    expect(numbers(first, ...grad(sum(first), [x]))).toEqual([
      [2, 0, 6],
      [2, 0, 2],
    ])
  })

  test('refuses what is not a scalar', () => {
    expect(() => grad(x, [x])).toThrowErrorMatchingInlineSnapshot(
      `[GraphError: grad: expected a scalar, got float64[3]; take its sum or mean]`,
    )
  })

  test('refuses to go through an op without a gradient, and says what helps', () => {
    expect(() => grad(sum(step(x)), [x])).toThrowErrorMatchingInlineSnapshot(
      `[GraphError: grad: step has no gradient; wrap its result in stopGradient if that is meant]`,
    )
    expect(numbers(...grad(sum(mul(stopGradient(step(x)), x)), [x]))).toEqual([[1, 0, 1]])
    expect(() => grad(sum(oneHot(cast(x, 'int32'), 2)), [x])).toThrow('oneHot has no gradient')
  })

  test('passes nothing through comparisons and integers', () => {
    const gate = cast(greater(x, 0), 'float64')
    expect(numbers(...grad(sum(mul(gate, x)), [x]))).toEqual([[1, 0, 1]])
    expect(numbers(...grad(sum(cast(cast(x, 'int32'), 'float64')), [x]))).toEqual([[0, 0, 0]])
  })

  test('does not build gradients of what leads to no input', () => {
    const other = input('other', 'float64', [3])
    const [dx] = grad(sum(mul(x, exp(other))), [x]) as [Value]
    expect(opNames(dx).filter((name) => name === 'exp')).toHaveLength(1)
    expect(() => grad(sum(mul(x, step(other))), [x])).not.toThrow()
  })
})

describe('vjp', () => {
  test('takes several outputs, each with its cotangent', () => {
    const two = filled(2, [3], 'float64')
    expect(numbers(...vjp([square(x), neg(x)], [two, two], [x]))).toEqual([[2, -10, 10]])
  })

  test('sums the cotangents of an output named twice', () => {
    const y = square(x)
    const one = filled(1, [3], 'float64')
    expect(numbers(...vjp([y, y], [one, one], [x]))).toEqual([[4, -8, 12]])
  })

  test('refuses a cotangent that is not like its output', () => {
    const y = square(x)
    expect(() => vjp([y], [], [x])).toThrowErrorMatchingInlineSnapshot(
      `[GraphError: vjp: cotangent 0 must be float64[3] as its output, got nothing]`,
    )
    expect(() => vjp([y], [filled(1, [], 'float64')], [x])).toThrowErrorMatchingInlineSnapshot(
      `[GraphError: vjp: cotangent 0 must be float64[3] as its output, got float64[]]`,
    )
    expect(() => vjp([y], [filled(1, [3])], [x])).toThrowErrorMatchingInlineSnapshot(
      `[GraphError: vjp: cotangent 0 must be float64[3] as its output, got float32[3]]`,
    )
  })
})

describe('stopGradient and customGradient', () => {
  test('nothing flows through stopGradient', () => {
    expect(numbers(...grad(sum(stopGradient(square(x))), [x]))).toEqual([[0, 0, 0]])
    expect(numbers(...grad(sum(mul(stopGradient(x), x)), [x]))).toEqual([[1, -2, 3]])
  })

  test('customGradient keeps the value and uses its backward', () => {
    const y = customGradient([square(x)], [x], ([g]) => [mul(g!, 10)])[0]!
    expect(numbers(y, ...grad(sum(y), [x]))).toEqual([
      [1, 4, 9],
      [10, 10, 10],
    ])
  })

  test('its backward sees null for an output that nothing used', () => {
    const seen: (Value | null)[] = []
    const [, second] = customGradient([square(x), neg(x)], [x], (gradients) => {
      seen.push(...gradients)
      return [null]
    }) as [Value, Value]
    expect(numbers(...grad(sum(second), [x]))).toEqual([[0, 0, 0]])
    expect(seen.map((g) => g?.shape)).toEqual([undefined, [3]])
  })

  test('its backward must give one gradient per input', () => {
    const y = customGradient([square(x)], [x], () => [])[0]!
    expect(() => grad(sum(y), [x])).toThrowErrorMatchingInlineSnapshot(
      `[GraphError: customGradient: 1 inputs, got 0 gradients]`,
    )
  })
})

describe('several outputs', () => {
  test('unused ones count as zero', () => {
    const [, last] = split(x, 0, [1, 2]) as [Value, Value]
    expect(numbers(...grad(sum(square(last)), [x]))).toEqual([[0, -4, 6]])
  })

  test('statistics of a norm are differentiable apart from its result', () => {
    const operands = [normal('x', [2, 4]), normal('gain', [4]), normal('bias', [4])]
    checkGrad((a, gain, bias) => layerNorm(a, gain, bias)[2], operands)
    checkGrad((a, gain, bias) => {
      const [y, average, inverse] = layerNorm(a, gain, bias)
      return [mul(y, inverse), square(average)]
    }, operands)
  })
})

describe('accumulate', () => {
  const w = input('w', 'float64', [4, 4])
  const h = input('h', 'float64', [3, 4])
  const feeds = { w: normal('w', [4, 4]), h: normal('h', [3, 4]) }

  test('a product absorbs the sum so far, with the same numbers', () => {
    const loss = sum(square(add(h, tanh(matMul(h, w)))))
    const [absorbed] = grad(loss, [h]) as [Value]
    expect(absorbed.node.op?.name).toBe('gemm')
    const [a, b, total] = absorbed.node.inputs as [Value, Value, Value]
    const { transposeA, transposeB } = absorbed.node.attrs as { transposeA: boolean; transposeB: boolean }
    const plain = add(total, matMul(a, b, { a: transposeA, b: transposeB }))
    const results = evaluate(graph({ absorbed, plain }), feeds)
    expectClose(results.absorbed!, results.plain!, 1e-15)
    checkGrad((v, u) => square(add(v, tanh(matMul(v, u)))), [feeds.h, feeds.w])
  })

  test('a product behind a reshape absorbs it too: layers on [..., features]', () => {
    const stream = input('stream', 'float64', [2, 3, 4])
    const [ds] = grad(sum(mul(affine(stream, w), tanh(affine(stream, w)))), [stream]) as [Value]
    expect(opNames(ds)).toContain('gemm')
    checkGrad((a, b) => mul(affine(a, b), tanh(affine(a, b))), [normal('stream', [2, 3, 4]), feeds.w])
  })

  test('a product that other gradients use as well is not computed again', () => {
    // g = d loss / d(h + u) is a product; h gets it on top of what the outer sum brought
    const u = input('u', 'float64', [3, 4])
    const loss = sum(add(h, square(matMul(add(h, u), w))))
    const gradients = grad(loss, [h, u])
    const names = graph(new Map(gradients.map((g, i) => [`g${i}`, g]))).nodes.map((node) => node.op?.name)
    expect(names.filter((name) => name === 'gemm')).toHaveLength(0)
    expect(names.filter((name) => name === 'matMul')).toHaveLength(2) // the forward product and its gradient
    checkGrad((a, b, v) => add(a, square(matMul(add(a, b), v))), [feeds.h, normal('u', [3, 4]), feeds.w])
  })

  test('a residual network of products', () => {
    const shapes: Shape[] = [[3, 4], [4, 4], [4], [4, 4]]
    checkGrad(
      (input0, w0, b0, w1) => {
        const first = add(input0, relu(affine(input0, w0, b0)))
        return mean(add(first, tanh(gemm(first, w1, first))), [1])
      },
      shapes.map((shape, i) => normal(`net ${i}`, shape)),
    )
  })
})

import { describe, expect, test } from 'vitest'
import { bind, type Op } from '../src/graph/op.ts'
import type { Value } from '../src/graph/value.ts'
import { add, mul } from '../src/ops/arithmetic.ts'
import { constant } from '../src/ops/constant.ts'
import { gather } from '../src/ops/gather.ts'
import { stopGradient } from '../src/ops/gradient.ts'
import { mapElements } from '../src/ops/host.ts'
import { tensor } from '../src/tensor.ts'
import { checkGrad } from './check-grad.ts'
import { expectClose, relativeError } from './close.ts'

type Rule = (g: Value, a: Value, b: Value) => readonly [Value | null, Value | null]

/** `a^2 b` under a gradient rule of choice. */
function squareTimes(rule: Rule): (a: Value, b: Value) => Value {
  const op: Op<[a: Value, b: Value]> = {
    name: 'squareTimes',
    type: ([a]) => [a],
    vjp: ([g], [a, b]) => rule(g, a, b),
    onnx: (emit, [a, b]) => [emit.node('Mul', [emit.node('Mul', [a, a]), b])],
    evaluate: ([a, b], _, { outputs: [type] }) => [mapElements(type, [a, b], (x, y) => x * x * y)],
  }
  return (a, b) => bind(op, [a, b], {})[0]
}

const byA = (g: Value, a: Value, b: Value): Value => mul(g, mul(mul(a, b), 2))
const byB = (g: Value, a: Value): Value => mul(g, mul(a, a))
const right: Rule = (g, a, b) => [byA(g, a, b), byB(g, a)]
const operands = [tensor(Float64Array.of(0.5, -1.5, 2)), tensor(Float64Array.of(1, 3, -2))]

describe('checkGrad', () => {
  test('passes a right rule to second order and returns the slope', () => {
    expect(Math.abs(checkGrad(squareTimes(right), operands))).toBeGreaterThan(0.1)
  })

  test.each<[string, Rule]>([
    ['0.1% too large', (g, a, b) => [mul(byA(g, a, b), 1.001), byB(g, a)]],
    ['0.1% too small', (g, a, b) => [byA(g, a, b), mul(byB(g, a), 0.999)]],
    [
      'wrong in one element',
      (g, a, b) => [mul(byA(g, a, b), constant(tensor([1, 1, 1.001], [3], g.dtype))), byB(g, a)],
    ],
    ['of the wrong sign', (g, a, b) => [mul(byA(g, a, b), -1), byB(g, a)]],
    ['missing', (g, a, b) => [byA(g, a, b), null]],
    ['not a number', (g, a, b) => [mul(byA(g, a, b), NaN), byB(g, a)]],
  ])('refuses a rule that is %s', (_, rule) => {
    expect(() => checkGrad(squareTimes(rule), operands)).toThrow('checkGrad: order 1')
  })

  test('refuses a rule that is right only to first order', () => {
    const flat = squareTimes((g, a, b) => [byA(g, stopGradient(a), b), byB(g, a)])
    checkGrad(flat, operands, { order: 1 })
    expect(() => checkGrad(flat, operands)).toThrow('checkGrad: order 2')
  })

  test('leaves integers where they are', () => {
    const table = tensor(Float64Array.of(1, 2, 3, 4), [2, 2])
    checkGrad((x, i) => mul(gather(x, i), gather(x, i)), [table, tensor(Int32Array.of(1, 1, 0))])
  })

  test('takes several outputs', () => {
    checkGrad((a, b) => [mul(a, b), add(a, b)], operands)
    const oneWrong = (a: Value, b: Value): Value[] => [mul(a, b), squareTimes((g) => [g, g])(a, b)]
    expect(() => checkGrad(oneWrong, operands)).toThrow('checkGrad: order 1')
  })
})

describe('close', () => {
  test('measures against the largest element', () => {
    expect(relativeError([1, 2.5], [1, 2])).toBe(0.25)
    expect(relativeError([0, 1e-9], [0, 0])).toBeGreaterThan(1)
    expect(relativeError([0, -0], [0, 0])).toBe(0)
  })

  test.each([
    [[NaN], [1]],
    [[1], [NaN]],
    [[Infinity], [1]],
    [[-Infinity], [Infinity]],
  ])('%j is not close to %j', (actual, expected) => {
    expect(() => expectClose(tensor(actual), tensor(expected), 1e9)).toThrow('off by Infinity')
  })

  test('lets NaN and infinity match themselves', () => {
    expectClose(tensor([NaN, Infinity, 1]), tensor([NaN, Infinity, 1]), 0)
  })

  test('compares shapes', () => {
    expect(() => expectClose(tensor([1, 2], [1, 2]), tensor([1, 2]), 1)).toThrow('expected float32[2]')
  })
})

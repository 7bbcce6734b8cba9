import { describe, expect, test } from 'vitest'
import { type FunctionCase, type InitializerOptions, loadFixture } from '../../test/fixtures/load.ts'
import type { Initializer } from '../graph/scope.ts'
import { random } from '../random.ts'
import { type Shape, sizeOf } from '../tensor.ts'
import { constant, fanIn, he, normal, ones, scaled, truncatedNormal, xavier, zeros } from './init.ts'

const draw = (init: Initializer, shape: Shape, path = 'weight'): Float32Array => init.fill(random(3, path), shape)

function moments(values: Float32Array): { mean: number; deviation: number; largest: number } {
  const mean = values.reduce((total, value) => total + value, 0) / values.length
  const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length
  return { mean, deviation: Math.sqrt(variance), largest: values.reduce((top, v) => Math.max(top, Math.abs(v)), 0) }
}

/** Mean and deviation of so many draws lie within four of their own standard errors. */
function expectSpread(values: Float32Array, deviation: number): void {
  const drawn = moments(values)
  expect(Math.abs(drawn.mean) / deviation).toBeLessThan(4 / Math.sqrt(values.length))
  expect(Math.abs(drawn.deviation / deviation - 1)).toBeLessThan(4 / Math.sqrt(2 * values.length))
}

/** The initializer that a fixture of PyTorch describes; null for those that this package does not have. */
function initializerOf({ initializer, activation, sigma }: InitializerOptions): Initializer | null {
  if (initializer === 'heNormal') return activation === 'relu' ? he() : fanIn()
  if (initializer === 'xavierUniform') return xavier()
  return initializer === 'truncatedNormal' ? truncatedNormal(sigma!) : null
}

const known = loadFixture('initializers').filter(({ options }) => initializerOf(options) !== null)

test('a fixture stands behind he, fanIn, xavier and truncatedNormal, for three shapes each', () => {
  expect(known).toHaveLength(12)
})

test.each(known)('$name', ({ options, outputs }: FunctionCase<InitializerOptions>) => {
  const values = draw(initializerOf(options)!, options.shape)
  expectSpread(values, outputs.std!.data[0]!)
  const bound = outputs.bound?.data[0]
  if (bound === undefined) return
  expect(moments(values).largest).toBeGreaterThan(0.97 * bound)
  expect(moments(values).largest).toBeLessThanOrEqual(Math.fround(bound) * (1 + 2 ** -23))
})

describe('the scale of an initializer', () => {
  test('is what it is told', () => {
    expectSpread(draw(normal(0.02), [200, 100]), 0.02)
    expectSpread(draw(fanIn(1.7), [100, 400]), 1.7 / 20)
  })

  test('counts the kernel of a convolution into both fans', () => {
    expectSpread(draw(he(), [32, 16, 3, 3]), Math.sqrt(2 / (16 * 9)))
    const bound = Math.sqrt(6 / ((16 + 32) * 9))
    const { largest } = moments(draw(xavier(), [32, 16, 3, 3]))
    expect(largest).toBeGreaterThan(0.97 * bound)
    expect(largest).toBeLessThanOrEqual(bound)
  })

  test('of a truncated normal depends on where it is cut', () => {
    expect(moments(draw(truncatedNormal(0.5, 1), [100, 100])).largest).toBeLessThanOrEqual(0.5)
    expectSpread(draw(truncatedNormal(0.5, 1), [100, 100]), 0.5 * 0.53956) // variance 1 - 2 phi(1) / (2 Phi(1) - 1)
    for (const bound of [0, -1, NaN]) expect(() => truncatedNormal(1, bound)).toThrow('the bound must be positive')
  })
})

test('constants are constant, and scaled multiplies the same draw', () => {
  expect(draw(zeros, [2, 3])).toEqual(new Float32Array(6))
  expect(draw(ones, [2, 3])).toEqual(new Float32Array(6).fill(1))
  expect(draw(constant(0.25), [4])).toEqual(new Float32Array(4).fill(0.25))
  const own = draw(xavier(), [8, 8])
  expect(draw(scaled(xavier(), 0.5), [8, 8])).toEqual(own.map((value) => value / 2))
})

test('the names tell initializers apart', () => {
  const all = [
    normal(1),
    normal(2),
    truncatedNormal(1),
    truncatedNormal(1, 3),
    fanIn(),
    fanIn(2),
    he(),
    xavier(),
    zeros,
    ones,
  ]
  const names = [...all, scaled(he(), 2), scaled(he(), 3)].map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(all.every((init) => draw(init, [5, 3]).length === sizeOf([5, 3]))).toBe(true)
})

import { describe, expect, test } from 'vitest'
import { loadFixture } from '../test/fixtures/load.ts'
import { permutation, philox, random, type Random } from './random.ts'

const draw = (count: number, next: () => number): number[] => Array.from({ length: count }, next)
const bitsOf = (source: Random): number[] => draw(8, source.bits)

/** Mean of the k-th powers, about `centre`. */
function moment(values: readonly number[], k: number, centre = 0): number {
  return values.reduce((sum, value) => sum + (value - centre) ** k, 0) / values.length
}

/** Pearson's statistic of counts against equal expectation. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

/** Chi-square's mean and five standard deviations. */
const likely = (freedom: number): number => freedom + 5 * Math.sqrt(2 * freedom)

function countsOf(values: readonly number[], bins: number): number[] {
  const counts = new Array<number>(bins).fill(0)
  for (const value of values) counts[value] = (counts[value] ?? NaN) + 1
  return counts
}

test.each(loadFixture('random'))('philox4x32-10 known answer: $name', ({ counter, key, result }) => {
  const out = new Uint32Array(4)
  philox(counter, key[0], key[1], out)
  expect([...out]).toEqual(result)
})

describe('a stream depends on (seed, path, step) alone', () => {
  const reference = bitsOf(random(7, 'blocks.0.up.weight', 3))

  test('the same key gives the same numbers whatever was drawn before', () => {
    const other = random(7, 'blocks.0.down.weight', 3)
    draw(13, other.normal)
    expect(bitsOf(random(7, 'blocks.0.up.weight', 3))).toEqual(reference)
  })

  test.each([
    ['seed', random(8, 'blocks.0.up.weight', 3)],
    ['high half of the seed', random(7 + 2 ** 32, 'blocks.0.up.weight', 3)],
    ['path', random(7, 'blocks.1.up.weight', 3)],
    ['step', random(7, 'blocks.0.up.weight', 4)],
  ])('another %s gives other numbers', (_what, source) => {
    const other = bitsOf(source)
    expect(other.filter((value) => reference.includes(value))).toEqual([])
  })

  test('neighbouring streams are uncorrelated', () => {
    const streams = [random(1, 'x', 0), random(2, 'x', 0), random(1, 'y', 0), random(1, 'x', 1)]
    const values = streams.map((source) => draw(10_000, source.normal))
    for (let i = 0; i < values.length; i++) {
      for (let j = 0; j < i; j++) {
        const product = values[i]!.map((value, k) => value * values[j]![k]!)
        expect(Math.abs(moment(product, 1))).toBeLessThan(0.04) // 4 / sqrt(10,000)
      }
    }
  })

  test.each([-1, 0.5, NaN, 2 ** 53])('seed %d is refused', (seed) => {
    expect(() => random(seed, 'x')).toThrow(/seed: expected an integer >= 0, got/)
  })
})

// Bands are four standard errors of the mean of 1e5 draws.
describe('distributions over 1e5 draws', () => {
  const count = 1e5
  const band = (variance: number): number => 4 * Math.sqrt(variance / count)

  test('uniform: range, moments and a flat histogram', () => {
    const values = draw(count, random(11, 'uniform').uniform)
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true)
    expect(Math.abs(moment(values, 1) - 1 / 2)).toBeLessThan(band(1 / 12))
    expect(Math.abs(moment(values, 2, 0.5) - 1 / 12)).toBeLessThan(band(1 / 180))
    const bins = values.map((value) => Math.floor(value * 64))
    expect(chiSquare(countsOf(bins, 64))).toBeLessThan(likely(63))
  })

  test('normal: four moments, tails and no correlation within a pair', () => {
    const values = draw(count, random(12, 'normal').normal)
    expect(values.every(Number.isFinite)).toBe(true)
    expect(Math.abs(moment(values, 1))).toBeLessThan(band(1))
    expect(Math.abs(moment(values, 2) - 1)).toBeLessThan(band(2))
    expect(Math.abs(moment(values, 3))).toBeLessThan(band(15))
    expect(Math.abs(moment(values, 4) - 3)).toBeLessThan(band(96))
    const beyondTwo = values.filter((value) => Math.abs(value) > 2).length / count
    expect(Math.abs(beyondTwo - 0.0455003)).toBeLessThan(band(0.0455 * 0.9545))
    const pairs = values.filter((_, i) => i % 2 === 0).map((value, i) => value * values[2 * i + 1]!)
    expect(Math.abs(moment(pairs, 1))).toBeLessThan(Math.SQRT2 * band(1))
  })

  test.each([2, 7, 10, 100])('below(%d) hits every value equally often', (bound) => {
    const source = random(13, 'below')
    const values = draw(count, () => source.below(bound))
    expect(chiSquare(countsOf(values, bound))).toBeLessThan(likely(bound - 1))
  })

  test('below a bound that does not divide 2^32 has no bias (a bare remainder hits the first third twice as often)', () => {
    const source = random(13, 'below')
    const thirds = draw(count, () => Math.floor(source.below(3 * 2 ** 30) / 2 ** 30))
    expect(chiSquare(countsOf(thirds, 3))).toBeLessThan(likely(2))
  })
})

describe('permutation', () => {
  const order = (seed: number): number[] => [...permutation(1000, random(seed, 'shuffle'))]
  const sorted = Array.from({ length: 1000 }, (_, i) => i)

  test('holds every index once', () => {
    expect(order(1).toSorted((a, b) => a - b)).toEqual(sorted)
    expect(order(1)).not.toEqual(sorted)
  })

  test('is repeated by the same seed and changed by another', () => {
    expect(order(1)).toEqual(order(1))
    expect(order(1)).not.toEqual(order(2))
  })

  test('every order of three comes equally often', () => {
    const source = random(14, 'orders')
    const orders = ['0,1,2', '0,2,1', '1,0,2', '1,2,0', '2,0,1', '2,1,0']
    const values = draw(60_000, () => orders.indexOf(permutation(3, source).join()))
    expect(chiSquare(countsOf(values, 6))).toBeLessThan(likely(5))
  })

  test.each([0, 1])('of %d elements is trivial', (count) => {
    expect([...permutation(count, random(1, 'x'))]).toEqual(sorted.slice(0, count))
  })
})

import { describe, expect, test } from 'vitest'
import { rateInterval } from './rate.ts'
import { differenceTail, rateDifference, rateDifferenceP } from './rate-difference.ts'
import { seedsForRanks, seedsForRate, seedsForRates } from './sample-size.ts'

/** Written apart from the source: Pascal's triangle. */
function chance(n: number, k: number, p: number): number {
  let ways = 1
  for (let i = 1; i <= k; i++) ways = (ways * (n - k + i)) / i
  return ways * p ** k * (1 - p) ** (n - k)
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

test.each([3, 5, 10, 20])('Clopper-Pearson over %i runs never covers too little: all rates, all counts', (n) => {
  const bands = range(n + 1).map((count) => rateInterval(count, n))
  const coverages = range(1001).map((i) =>
    bands.reduce(
      (sum, { low, high }, k) => sum + (low <= i / 1000 && i / 1000 <= high ? chance(n, k, i / 1000) : 0),
      0,
    ),
  )
  expect(Math.min(...coverages)).toBeGreaterThanOrEqual(0.95)
})

describe.each([
  [3, 3],
  [4, 6],
])('two rates over %i and %i runs', (na, nb) => {
  const tables = range(na + 1).flatMap((ka) => range(nb + 1).map((kb) => [ka, kb] as const))

  test('the interval of their difference never covers too little', () => {
    const bands = tables.map(([ka, kb]) => rateDifference(ka, na, kb, nb))
    for (const pa of range(21)) {
      for (const pb of range(21)) {
        const truth = (pa - pb) / 20
        const covered = tables.reduce((sum, [ka, kb], i) => {
          const { low, high } = bands[i]!
          return sum + (low <= truth && truth <= high ? chance(na, ka, pa / 20) * chance(nb, kb, pb / 20) : 0)
        }, 0)
        expect(covered).toBeGreaterThanOrEqual(0.95)
      }
    }
  })

  test('the test of equal rates never rejects too often', () => {
    const rejected = tables.filter(([ka, kb]) => rateDifferenceP(ka, na, kb, nb) <= 0.05)
    const sizes = range(201).map((i) =>
      rejected.reduce((sum, [ka, kb]) => sum + chance(na, ka, i / 200) * chance(nb, kb, i / 200), 0),
    )
    expect(rejected.length).toBeGreaterThan(0)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(0.05)
  })
})

test('three of three against none of three: p = 2 / 4^3, and the interval leaves 0 out', () => {
  expect(rateDifferenceP(3, 3, 0, 3)).toBeCloseTo(1 / 32, 12)
  expect(rateDifference(3, 3, 0, 3).low).toBeCloseTo(2 * 0.025 ** (1 / 6) - 1, 3)
  expect(rateDifference(0, 3, 3, 3).high).toBeCloseTo(1 - 2 * 0.025 ** (1 / 6), 3)
})

test('the seeds for two rates find them with the power computed, and one fewer does not', () => {
  const power = (n: number, pa: number, pb: number): number =>
    range(n + 1).reduce(
      (sum, ka) =>
        range(n + 1).reduce(
          (inner, kb) =>
            inner + (ka > kb && rateDifferenceP(ka, n, kb, n) <= 0.05 ? chance(n, ka, pa) * chance(n, kb, pb) : 0),
          sum,
        ),
      0,
    )
  const n = seedsForRates(0.9, 0.2)!
  expect(power(n, 0.9, 0.2)).toBeGreaterThanOrEqual(0.8)
  expect(power(n - 1, 0.9, 0.2)).toBeLessThan(0.8)
  expect(seedsForRates(1, 0)).toBe(3)
  expect(seedsForRates(0.5, 0.5)).toBeNull()
  expect(differenceTail(-1, 4, 4)(0.3, 0.6)).toBeCloseTo(1, 12)
})

test('six runs that all train show a rate above one half; five do not', () => {
  expect(seedsForRate(1, 0.5)).toBe(6)
  expect(rateInterval(5, 5).low).toBeLessThan(0.5)
  expect(seedsForRate(0.5, 0.5)).toBeNull()
})

test('impossible counts are refused', () => {
  expect(() => rateInterval(4, 3)).toThrow('expected a count between 0 and n, and n >= 1, got 4 of 3')
  expect(() => rateDifference(0, 0, 1, 3)).toThrow('got 0 of 0')
})

test('the seeds that ranks need are those of Noether, and null where arms are alike', () => {
  expect(seedsForRanks(1)).toBe(6) // (1.960 + 0.842)^2 / 1.5 = 5.23
  expect(seedsForRanks(0.7, { power: 0.9, confidence: 0.99 })).toBe(62) // (2.576 + 1.282)^2 / 0.24 = 62.0
  expect(seedsForRanks(0.3)).toBe(seedsForRanks(0.7))
  expect(seedsForRanks(0.5)).toBeNull()
  expect(() => seedsForRanks(1.1)).toThrow('superiority must be in [0, 1], got 1.1')
})

import { expect, test } from 'vitest'
import { mean, meanInterval, standardDeviation } from './mean.ts'
import { differences, pairedInterval, pairedP } from './paired.ts'
import { seedsForDifference } from './sample-size.ts'

test('mean and deviation of 1, 2, 3, 4', () => {
  expect(mean([1, 2, 3, 4])).toBe(2.5)
  expect(standardDeviation([1, 2, 3, 4])).toBeCloseTo(Math.sqrt(5 / 3), 15)
})

test('equal values have no spread, whatever their rounding', () => {
  expect(standardDeviation([0.1, 0.1, 0.1])).toBe(0)
  expect(meanInterval([0.1, 0.1, 0.1])).toEqual({
    ...{ estimate: 0.1, low: 0.1, high: 0.1, n: 3 },
    ...{ confidence: 1, kind: 'range' },
  })
  expect(pairedInterval([0.9, 0.8, 0.7], [0.8, 0.7, 0.6])).toMatchObject({ n: 3, confidence: 1, kind: 'range' })
})

test('differences without spread are judged by their signs', () => {
  expect(pairedP([0.3, 0.3, 0.3], [0.1, 0.1, 0.1])).toBe(1 / 4)
  expect(pairedP([0.9, 0.8, 0.7, 0.6, 0.5, 0.4], [0.8, 0.7, 0.6, 0.5, 0.4, 0.3])).toBe(1 / 32)
  expect(seedsForDifference(0.1, 0)).toBe(6)
  expect(seedsForDifference(0.1, 0, { confidence: 0.99 })).toBe(8)
  expect(pairedP([0.3, 0.4, 0.5], [0.3, 0.4, 0.5])).toBe(1)
})

test('what cannot be averaged is refused', () => {
  expect(() => meanInterval([1])).toThrow('standardDeviation: expected at least 2 values, got 1. Run more seeds')
  expect(() => meanInterval([1, NaN])).toThrow('expected finite values, got NaN. Count failed runs apart, as a rate')
  expect(() => meanInterval([1, 2], 95)).toThrow('confidence must be in (0, 1), such as 0.95, got 95')
  expect(() => differences([1, 2], [1])).toThrow('got 2 and 1. Pair them by seed')
})

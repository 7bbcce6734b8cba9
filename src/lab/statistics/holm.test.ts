import { expect, test } from 'vitest'
import { holm } from './holm.ts'

/** Worked by hand: 0.005 * 4, 0.01 * 3, 0.03 * 2, and 0.04 * 1 raised to the one before. */
test('four p-values, worked by hand', () => {
  const adjusted = holm([0.01, 0.04, 0.03, 0.005])
  expect(adjusted.map((p) => Number(p.toPrecision(12)))).toEqual([0.03, 0.06, 0.06, 0.02])
})

test('at most 1, the order is kept, ties are equal', () => {
  expect(holm([0.6, 0.5, 0.9])).toEqual([1, 1, 1])
  expect(holm([0.02, 0.02])).toEqual([0.04, 0.04])
  expect(holm([])).toEqual([])
})

test('what is no p-value is refused', () =>
  expect(() => holm([0.1, NaN])).toThrow('expected p-values in [0, 1], got NaN'))

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isDrawable, marks, type Point, smooth, thin } from './curve.ts'

const line = (ys: readonly number[], step = 1): Point[] => ys.map((y, i) => [1 + i * step, y])

describe('smooth', () => {
  const weighted = (
    points: readonly Point[],
    at: number,
    halfLife: number,
    f: (y: number) => number = Number,
  ): number => {
    const past = points.filter(([x]) => x <= at).map(([x, y]) => ({ weight: 2 ** ((x - at) / halfLife), y: f(y) }))
    return past.reduce((total, { weight, y }) => total + weight * y, 0) / past.reduce((total, p) => total + p.weight, 0)
  }

  test('is the weighted mean of its formula, for uneven distances too', () => {
    const points: Point[] = [
      [-3, 1],
      [0, 5],
      [0.5, 2],
      [7, 9],
    ]
    for (const [x, y] of smooth(points, 2, 'linear')) expect(y).toBeCloseTo(weighted(points, x, 2), 12)
  })

  test('smooths logarithms on a log scale', () => {
    const points = line([1, 100, 10, 1e-6])
    for (const [x, y] of smooth(points, 3, 'log')) expect(Math.log(y)).toBeCloseTo(weighted(points, x, 3, Math.log), 12)
  })

  test('starts at the first value, wherever x begins', () => {
    expect(smooth([[-1e6, 4]], 1, 'linear')).toEqual([[-1e6, 4]])
  })

  test('values that cannot be drawn stay and do not count', () => {
    expect(smooth(line([2, NaN, 2, 0, 2]), 5, 'log').map(([, y]) => y)).toEqual([
      expect.closeTo(2),
      NaN,
      expect.closeTo(2),
      0,
      expect.closeTo(2),
    ])
  })
})

describe('marks', () => {
  test('one for every stretch of like values', () => {
    const points = line([1, NaN, NaN, NaN, Infinity, 2, NaN, 0, -1, -Infinity])
    expect(marks(points, 'log')).toEqual([
      { x: 2, kind: 'not a number', text: { en: 'NaN at 2, and so on to 4', zh: '2 处为 NaN，直到 4' } },
      { x: 5, kind: 'above', text: { en: 'Infinity at 5', zh: '5 处为 Infinity' } },
      { x: 7, kind: 'not a number', text: { en: 'NaN at 7', zh: '7 处为 NaN' } },
      { x: 8, kind: 'below', text: { en: '0 at 8, and so on to 10', zh: '8 处为 0，直到 10' } },
    ])
  })

  test('zero has a place on a linear axis', () => {
    expect(marks(line([0, -1, 2]), 'linear')).toEqual([])
  })
})

describe('thin', () => {
  test('keeps the extreme values, the order and whatever cannot be drawn', () => {
    const values = fc.array(fc.oneof({ weight: 20, arbitrary: fc.double() }, fc.constant(NaN)), { maxLength: 400 })
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 40 }), (ys, buckets) => {
        const points = line(ys)
        const kept = thin(points, buckets, 'linear')
        const drawable = (from: readonly Point[]): number[] =>
          from.map(([, y]) => y).filter((y) => isDrawable(y, 'linear'))
        expect(Math.max(...drawable(kept))).toBe(Math.max(...drawable(points)))
        expect(Math.min(...drawable(kept))).toBe(Math.min(...drawable(points)))
        expect(kept).toEqual(points.filter((point) => kept.includes(point)))
        expect(marks(kept, 'linear').map(({ kind }) => kind)).toEqual(marks(points, 'linear').map(({ kind }) => kind))
      }),
    )
  })

  test('shortens long lines', () => {
    const points = line(Array.from({ length: 1000 }, (_, i) => Math.sin(i)))
    expect(thin(points, 50, 'linear').length).toBeLessThanOrEqual(100)
    expect(thin(points, 500, 'linear')).toEqual(points)
  })
})

import { describe, expect, test } from 'vitest'
import { random } from '../random.ts'
import { type HullTest, inConvexHull } from './convex-hull.ts'
import { dot } from './linear-algebra.ts'

const square = [
  [0, 0],
  [1, 0],
  [0, 1],
  [1, 1],
].map((corner) => Float64Array.from(corner))

/** Expects the test to prove what it says. */
function expectProof(found: HullTest, point: Float64Array, points: readonly Float64Array[]): void {
  if (!found.inside) {
    const most = Math.max(...points.map((other) => dot(found.direction, other)))
    expect(dot(found.direction, point)).toBeGreaterThan(most)
    return
  }
  expect(Math.min(...found.weights)).toBeGreaterThanOrEqual(0)
  expect(found.weights.reduce((a, b) => a + b)).toBeCloseTo(1, 12)
  point.forEach((x, axis) => {
    const mixed = points.reduce((total, other, j) => total + found.weights[j]! * other[axis]!, 0)
    expect(mixed).toBeCloseTo(x, 6)
  })
}

test.each([
  [[0.5, 0.5], true],
  [[0.1, 0.85], true],
  [[1, 0.5], true],
  [[1, 1], true],
  [[1.001, 0.5], false],
  [[1.01, 1.01], false],
  [[-3, 40], false],
])('%j against a square: %s', (at, inside) => {
  const point = Float64Array.from(at)
  const found = inConvexHull(point, square)
  expect(found.inside).toBe(inside)
  expectProof(found, point, square)
})

describe('random points', () => {
  const { normal } = random(5, 'points')
  const draw = (count: number, size: number): Float64Array[] =>
    Array.from({ length: count }, () => Float64Array.from({ length: size }, normal))

  test.each([2, 4, 8, 16])('every answer in %i dimensions is proved', (size) => {
    const points = draw(60, size)
    points.forEach((point, i) => {
      const others = points.toSpliced(i, 1)
      expectProof(inConvexHull(point, others), point, others)
    })
  })

  test('mixtures are inside, points on a sphere are not', () => {
    const points = draw(40, 6)
    for (let i = 0; i < 20; i++) {
      const weights = Float64Array.from(points, () => Math.abs(normal()) ** 3)
      const total = weights.reduce((a, b) => a + b)
      const mixed = points[0]!.map((_, axis) => points.reduce((s, p, j) => s + (weights[j]! / total) * p[axis]!, 0))
      expect(inConvexHull(mixed, points).inside).toBe(true)
    }
    const sphere = points.map((point) => point.map((x) => x / Math.sqrt(dot(point, point))))
    sphere.forEach((point, i) => expect(inConvexHull(point, sphere.toSpliced(i, 1)).inside).toBe(false))
  })

  test('in the plane: as many are outside as a turning line touches', () => {
    const points = draw(50, 2)
    const angles = Array.from({ length: 200_000 }, (_, i) => (2 * Math.PI * i) / 200_000)
    const touched = new Set(
      angles.map((angle) => {
        const along = points.map(([x, y]) => Math.cos(angle) * x! + Math.sin(angle) * y!)
        return along.indexOf(Math.max(...along))
      }),
    )
    const outside = points.filter((point, i) => !inConvexHull(point, points.toSpliced(i, 1)).inside)
    expect(outside).toHaveLength(touched.size)
  })
})

test('a twin is inside, however few others there are', () => {
  const one = Float64Array.of(3, -4)
  expect(inConvexHull(one, [one]).inside).toBe(true)
  expect(inConvexHull(one, [Float64Array.of(3, -4.1)]).inside).toBe(false)
})

test('what cannot be asked', () => {
  expect(() => inConvexHull(Float64Array.of(1), [])).toThrowErrorMatchingInlineSnapshot(
    `[DataError: inConvexHull: expected one point or more, each of length 1]`,
  )
  expect(() => inConvexHull(Float64Array.of(1), square)).toThrowErrorMatchingInlineSnapshot(
    `[DataError: inConvexHull: expected one point or more, each of length 1]`,
  )
})

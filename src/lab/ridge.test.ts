import { expect, test } from 'vitest'
import { dot, norm, plus } from './linear-algebra.ts'
import { normals } from './normals.ts'
import { matrixOf, product } from './probes/probes.test-kit.ts'
import { ridge } from './ridge.ts'

const x = matrixOf(normals([40, 5], 1, 'x'))
const map = matrixOf(normals([5, 3], 1, 'map'))
const noise = matrixOf(normals([40, 3], 1, 'noise'))
const exact = product(x, map).map((row) => plus(row, Float64Array.of(7, -2, 0.5)))
const noisy = exact.map((row, i) => plus(row, noise[i]!))

test('it finds an affine map that there is', () => {
  const fitted = ridge(x, exact, 1e-12)
  const fresh = matrixOf(normals([10, 5], 2, 'x'))
  const expected = product(fresh, map).map((row) => plus(row, Float64Array.of(7, -2, 0.5)))
  fresh.forEach((row, i) => expect(norm(plus(fitted(row), expected[i]!, -1))).toBeLessThan(1e-9))
})

test('its weights are where the gradient of |Y - XW|^2 + lambda |W|^2 is zero', () => {
  const strength = 0.3
  const fitted = ridge(x, noisy, strength)
  const origin = fitted(new Float64Array(5))
  const weights = Array.from({ length: 5 }, (_, i) =>
    plus(fitted(Float64Array.from({ length: 5 }, (__, j) => Number(i === j))), origin, -1),
  )
  const mean = Float64Array.from({ length: 5 }, (_, i) => x.reduce((sum, row) => sum + row[i]! / 40, 0))
  const centred = x.map((row) => plus(row, mean, -1))
  const lambda = (strength * centred.reduce((sum, row) => sum + dot(row, row), 0)) / 5
  const left = x.map((row, i) => plus(noisy[i]!, fitted(row), -1))
  weights.forEach((row, i) =>
    row.forEach((weight, j) => {
      const slope = centred.reduce((sum, example, n) => sum + example[i]! * left[n]![j]!, 0)
      expect(slope).toBeCloseTo(lambda * weight, 9)
    }),
  )
})

test('the units of the inputs do not matter', () => {
  const larger = x.map((row) => row.map((value) => 1e3 * value))
  const [fitted, scaled] = [ridge(x, noisy, 0.1), ridge(larger, noisy, 0.1)]
  x.forEach((row, i) => expect(norm(plus(fitted(row), scaled(larger[i]!), -1))).toBeLessThan(1e-9))
})

test('without anything to go by it gives the mean', () => {
  const fitted = ridge(new Array(40).fill(Float64Array.of(3, 3)), exact, 0.1)
  const mean = Float64Array.from({ length: 3 }, (_, j) => exact.reduce((sum, row) => sum + row[j]!, 0) / 40)
  expect(norm(plus(fitted(Float64Array.of(5, -1)), mean, -1))).toBeLessThan(1e-12)
})

import { expect, test } from 'vitest'
import { inOrder } from './batch.ts'
import type { Dataset } from './dataset.ts'
import { blobs, spiral } from './synthetic.ts'

function contents(dataset: Dataset): { points: number[][]; labels: number[] } {
  const [batch] = inOrder(dataset, dataset.size)
  const width = dataset.inputs.shape[0] ?? 0
  const values = [...(batch?.inputs ?? [])]
  const labels = [...(batch?.targets ?? [])]
  return { points: labels.map((_, i) => values.slice(i * width, (i + 1) * width)), labels }
}

test('spiral without noise follows its formula', () => {
  const { points, labels } = contents(spiral({ classes: 2, points: 4, noise: 0 }))
  expect(labels).toEqual([0, 1, 0, 1, 0, 1, 0, 1])
  points.forEach(([x, y], i) => {
    const radius = (Math.floor(i / 2) + 1) / 4
    const angle = Math.PI * (i % 2) + 4 * radius
    expect(x).toBeCloseTo(radius * Math.sin(angle), 6)
    expect(y).toBeCloseTo(radius * Math.cos(angle), 6)
  })
})

test('noise turns points around the origin by the seed', () => {
  const { points } = contents(spiral({ points: 50, noise: 0.3, seed: 1 }))
  points.forEach(([x = 0, y = 0], i) => expect(Math.hypot(x, y)).toBeCloseTo((Math.floor(i / 3) + 1) / 50, 5))
  expect(contents(spiral({ points: 50, noise: 0.3, seed: 1 })).points).toEqual(points)
  expect(contents(spiral({ points: 50, noise: 0.3, seed: 2 })).points).not.toEqual(points)
})

test('blobs scatter by `noise` around one centre per class', () => {
  const centres = contents(blobs({ classes: 3, points: 1, features: 4, noise: 0, seed: 5 })).points
  const { points, labels } = contents(blobs({ classes: 3, points: 2000, features: 4, noise: 0.5, seed: 5 }))
  expect(centres.flat().every((at) => Math.abs(at) <= 10)).toBe(true)
  const offsets = points.flatMap((point, i) => point.map((at, axis) => at - (centres[labels[i] ?? 0]?.[axis] ?? NaN)))
  const mean = offsets.reduce((sum, offset) => sum + offset, 0) / offsets.length
  const deviation = Math.sqrt(offsets.reduce((sum, offset) => sum + (offset - mean) ** 2, 0) / offsets.length)
  expect(Math.abs(mean)).toBeLessThan(0.02)
  expect(Math.abs(deviation - 0.5)).toBeLessThan(0.02)
})

test('refuses counts and noise that make no sense', () => {
  expect(() => spiral({ classes: 0 })).toThrow('spiral: classes: expected a whole number >= 1, got 0')
  expect(() => spiral({ noise: -1 })).toThrow('spiral: noise: expected a number >= 0, got -1')
  expect(() => blobs({ features: 1.5 })).toThrow('blobs: features: expected a whole number >= 1, got 1.5')
  expect(() => blobs({ points: NaN })).toThrow('blobs: points')
})

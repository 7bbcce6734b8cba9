import { expect, test } from 'vitest'
import { bestLearningRate, learningRateRange, learningRateSensitivity } from './learning-rates.ts'
import type { RunResult } from './run-result.ts'

/** Losses by rate and seed; null diverged. */
const runs = (grid: Readonly<Record<number, readonly (number | null)[]>>): RunResult[] =>
  Object.entries(grid).flatMap(([rate, losses]) =>
    losses.map((loss, seed): RunResult => ({
      arm: 'a',
      seed,
      learningRate: Number(rate),
      outcome: loss === null ? 'diverged' : 'trained',
      metrics: { loss: loss ?? NaN },
    })),
  )

const arm = runs({ 0.001: [2.5, 2.6], 0.004: [2.3, 2.4], 0.016: [2.0, null], 0.064: [null, null] })

test('the best rate is the best of those that always train, not one that lost its bad runs', () => {
  expect(bestLearningRate(arm, 'loss', 'lower')).toBe(0.004)
  expect(bestLearningRate(runs({ 0.1: [null, 2], 0.2: [null, null] }), 'loss', 'lower')).toBe(0.1)
  expect(bestLearningRate(runs({ 0.2: [1, 1], 0.1: [1, 1] }), 'loss', 'higher')).toBe(0.1)
})

test('the range is the widest stretch in which every run trains', () => {
  expect(learningRateRange(arm)).toEqual({ low: 0.001, high: 0.004, factor: 4, open: { low: true, high: false } })
  const torn = runs({ 0.001: [1], 0.002: [null], 0.004: [1], 0.008: [1], 0.016: [1] })
  expect(learningRateRange(torn)).toEqual({ low: 0.004, high: 0.016, factor: 4, open: { low: false, high: true } })
  expect(learningRateRange(runs({ 0.1: [null] }))).toBeNull()
})

test('sensitivity, worked by hand: failed runs count as untrained ones', () => {
  const options = { metric: 'loss', better: 'lower', untrained: 3 } as const
  const first = (2.5 + 2.3 + 2.0 + 3) / 4 - 2.0
  const second = (2.6 + 2.4 + 3 + 3) / 4 - 2.4
  const band = learningRateSensitivity(arm, options)
  expect(band.estimate).toBeCloseTo((first + second) / 2, 12)
  expect(band).toMatchObject({ n: 2, kind: 't' })
  expect(learningRateSensitivity(runs({ 1: [2, 2], 2: [2, 2] }), options).estimate).toBe(0)
  const accuracy = learningRateSensitivity(runs({ 1: [0.9, 0.9], 2: [null, null] }), {
    metric: 'loss',
    better: 'higher',
    untrained: 0.1,
  })
  expect(accuracy.estimate).toBeCloseTo(0.4, 12)
})

test('a grid with holes is refused', () => {
  expect(() => learningRateSensitivity(arm.slice(1), { metric: 'loss', better: 'lower', untrained: 3 })).toThrow(
    'expected one run per rate in seed 0, got 3 of 4. Run the missing cells',
  )
  expect(() => learningRateRange([{ arm: 'a', seed: 1, outcome: 'trained', metrics: {} }])).toThrow(
    "expected a learning rate > 0, got undefined in arm 'a', seed 1",
  )
})

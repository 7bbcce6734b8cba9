import { expect, test } from 'vitest'
import { random } from '../../random.ts'
import type { RunResult } from '../statistics/run-result.ts'
import { falseAlarms } from './equal-arms.ts'

/** Runs of one net at two rates: accuracies about 0.9 and 0.88, of which a share failed. */
const runsOf = (failing: number): RunResult[] =>
  [1e-3, 3e-3].flatMap((learningRate, i) =>
    Array.from({ length: 30 }, (_, seed): RunResult => {
      const { normal } = random(5, `rate ${i}`, seed)
      const accuracy = 0.9 - 0.02 * i + 0.01 * normal()
      return seed < 30 * failing
        ? { arm: 'net', seed, learningRate, outcome: 'plateaued', metrics: {} }
        : { arm: 'net', seed, learningRate, outcome: 'trained', metrics: { accuracy } }
    }),
  )
const value = { metric: 'accuracy', better: 'higher', smallest: 0.001, seeds: 5, studies: 60 } as const

/** Two standard errors of 60 studies at 5% are 5.6 points. */
test('equal arms: at 95% confidence about 5% or less, whatever the rule', () => {
  const { frequency, ...others } = falseAlarms(runsOf(0), value)
  expect(frequency).toBeNull()
  for (const alarms of Object.values(others)) expect(alarms).toBeLessThan(0.106)
  expect(others.difference).toBeGreaterThan(0)
})

test('with failures there are frequencies to ask about, and no mean over all runs', () => {
  const { threshold, ...others } = falseAlarms(runsOf(0.4), value)
  expect(threshold).toBeNull()
  for (const alarms of Object.values(others)) expect(alarms).toBeLessThan(0.106)
})

test('less confidence, more alarms', () => {
  const { difference, best, threshold } = falseAlarms(runsOf(0), { ...value, confidence: 0.5 })
  expect(difference).toBeGreaterThan(0.35)
  expect(difference).toBeLessThan(0.65)
  expect(best).toBeGreaterThan(0.2)
  expect(threshold).toBeGreaterThan(0.15)
})

test('a difference that must be larger is found less often', () => {
  const shareOf = (smallest: number): number =>
    falseAlarms(runsOf(0), { ...value, confidence: 0.5, smallest }).difference
  expect(shareOf(0.02)).toBeLessThan(shareOf(0.001) / 2)
})

test('the same seed, the same studies', () => {
  expect(falseAlarms(runsOf(0.2), { ...value, studies: 20 })).toEqual(
    falseAlarms(runsOf(0.2), { ...value, studies: 20 }),
  )
})

test('it needs runs to draw from', () => {
  const one = [
    ...runsOf(0),
    { arm: 'net', seed: 0, learningRate: 1, outcome: 'trained', metrics: { accuracy: 1 } } as const,
  ]
  expect(() => falseAlarms(one, value)).toThrowErrorMatchingInlineSnapshot(
    `[DataError: falseAlarms: expected two runs or more at rate 1, got 1. Run more]`,
  )
})

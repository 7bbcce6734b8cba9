import { expect, test } from 'vitest'
import { random } from '../../random.ts'
import { rateInterval } from '../statistics/rate.ts'
import type { RunResult } from '../statistics/run-result.ts'
import { type AlarmCount, falseAlarms } from './equal-arms.ts'

/** Runs of one net at two rates: accuracies about 0.9 and 0.88, of which a share failed, spread over the seeds. */
const runsOf = (count: number, failing: number): RunResult[] =>
  [1e-3, 3e-3].flatMap((learningRate, i) =>
    Array.from({ length: count }, (_, seed): RunResult => {
      const { normal, uniform } = random(5, `rate ${i}`, seed)
      const accuracy = 0.9 - 0.02 * i + 0.01 * normal()
      return uniform() < failing
        ? { arm: 'net', seed, learningRate, outcome: 'plateaued', metrics: {} }
        : { arm: 'net', seed, learningRate, outcome: 'trained', metrics: { accuracy } }
    }),
  )
const value = { metric: 'accuracy', better: 'higher', smallest: 0.001, seeds: 5 } as const
const shareOf = ({ alarms, studies }: AlarmCount): number => alarms / studies

/** Whether 5% lies in the exact interval of the share, or above it. */
const atMostFive = ({ alarms, studies }: AlarmCount): boolean => rateInterval(alarms, studies, 0.99).low <= 0.05

test('equal arms: at 95% confidence about 5% or less, whatever the rule', () => {
  const { frequency, ...others } = falseAlarms(runsOf(900, 0), value)
  expect(frequency).toBeNull()
  expect(Object.values(others).filter((count) => count === null || !atMostFive(count))).toEqual([])
  expect(others.difference.alarms).toBeGreaterThan(0)
})

test('with failures there are frequencies to ask about, and no mean over all runs', () => {
  const { threshold, ...others } = falseAlarms(runsOf(900, 0.4), value)
  expect(threshold).toBeNull()
  expect(Object.values(others).filter((count) => count === null || !atMostFive(count))).toEqual([])
})

test('less confidence, more alarms', () => {
  const { difference, best, threshold } = falseAlarms(runsOf(900, 0), { ...value, confidence: 0.5 })
  expect(shareOf(difference)).toBeGreaterThan(0.35)
  expect(shareOf(difference)).toBeLessThan(0.65)
  expect(shareOf(best)).toBeGreaterThan(0.2)
  expect(shareOf(threshold!)).toBeGreaterThan(0.15)
})

test('a difference that must be larger is found less often', () => {
  const found = (smallest: number): number =>
    falseAlarms(runsOf(900, 0), { ...value, confidence: 0.5, smallest }).difference.alarms
  expect(found(0.02)).toBeLessThan(found(0.001) / 2)
})

test('no run is in two studies: what a rule of k arms gets is 1 / k of the runs, and one odd run one alarm at most', () => {
  const counts = falseAlarms(runsOf(64, 0), value)
  const studies = Object.entries(counts).map(([rule, count]) => [rule, (count as AlarmCount | null)?.studies])
  expect(Object.fromEntries(studies)).toEqual({
    ...{ difference: 6, order: 4, best: 4, rate: 6 },
    ...{ threshold: 12, frequency: undefined },
  })
  const alike = Array.from({ length: 60 }, (_, seed): RunResult => ({
    ...{ arm: 'net', seed, learningRate: 1e-3, outcome: 'trained' },
    metrics: { accuracy: Math.floor(seed / 5) === 4 ? 1 + ((3 * seed) % 7) / 1000 : 0.5 + (seed % 5) / 1000 },
  }))
  expect(falseAlarms(alike, value)).toMatchObject({
    difference: { alarms: 1, studies: 6 },
    best: { alarms: 1, studies: 4 },
    threshold: { alarms: 1, studies: 12 },
  })
})

test('it needs runs for a study of three arms', () => {
  expect(falseAlarms(runsOf(15, 0), value).order.studies).toBe(1)
  expect(() => falseAlarms(runsOf(14, 0), value)).toThrowErrorMatchingInlineSnapshot(
    `[DataError: falseAlarms: expected at least 15 runs at rate 0.001, 3 arms of 5 seeds, got 14. Run more, or ask for fewer seeds]`,
  )
  expect(() => falseAlarms(runsOf(15, 0), { ...value, seeds: 20 })).toThrow('expected at least 60 runs at rate 0.001')
})

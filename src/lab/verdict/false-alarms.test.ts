/** How often the whole procedure, from results to decision, sees a difference where there is none, or misses one. */
import { expect, test } from 'vitest'
import { random } from '../../random.ts'
import type { RunResult } from '../statistics/run-result.ts'
import { pairedPower, seedsForDifference } from '../statistics/sample-size.ts'
import { selectArms } from './arms.ts'
import { judge } from './judge.ts'
import { relatePairs, thresholdsOf } from './relation.ts'
import { runsOf, simulated } from './results.test-kit.ts'
import type { DifferenceRule, Rule } from './rule.ts'

const studies = 600
const measure = { metric: 'accuracy', better: 'higher', smallest: 1e-9 } as const

/** Share of studies in which any two arms are called different. */
function alarms(arms: readonly string[], resultsOf: (study: number) => RunResult[]): number {
  const comparisons = (arms.length * (arms.length - 1)) / 2
  const seen = Array.from({ length: studies }, (_, study) =>
    relatePairs(selectArms(resultsOf(study), { ...measure, arms }), measure, thresholdsOf(measure, comparisons)).some(
      ({ relation }) => relation === 'better' || relation === 'worse',
    ),
  )
  return seen.filter(Boolean).length / studies
}

const six = ['a', 'b', 'c', 'd', 'e', 'f']
const equal = (arms: readonly string[], diverges: number): Record<string, { mean: number; diverges: number }> =>
  Object.fromEntries(arms.map((arm) => [arm, { mean: 0.9, diverges }]))

/** Two standard errors of 600 studies at 5% are 1.8 points. */
test.each([
  [3, 0],
  [3, 0.1],
  [3, 0.5],
  [5, 0.1],
  [5, 0.5],
])('two equal arms, %i seeds, each run diverging with probability %f: about 5% or less', (seeds, diverges) => {
  const share = alarms(['a', 'b'], (study) => simulated(equal(['a', 'b'], diverges), seeds, study))
  expect(share).toBeLessThan(0.07)
})

test.each([0, 0.3])('six equal arms, all pairs by Holm, diverging with probability %f: under 5%', (diverges) => {
  expect(alarms(six, (study) => simulated(equal(six, diverges), 5, study))).toBeLessThan(0.05)
})

test('choosing the best of three learning rates per arm raises no alarms', () => {
  const share = alarms(six, (study) =>
    [1e-3, 3e-3, 1e-2].flatMap((learningRate, i) =>
      simulated(equal(six, 0), 5, 3 * study + i).map((run) => ({ ...run, learningRate })),
    ),
  )
  expect(share).toBeLessThan(0.05)
})

/** Where nothing lies between two values, all seeds often agree by chance: at 3 seeds in a quarter of studies. */
test.each([3, 5, 6, 10])('a fair coin of two values, %i seeds: arms are called different in 5% or less', (seeds) => {
  const share = alarms(['a', 'b'], (study) => {
    const heads = Array.from({ length: seeds }, (_, seed) => Number(random(study, 'coin', seed).uniform() < 0.5))
    return [
      ...runsOf('a', heads),
      ...runsOf(
        'b',
        heads.map((head) => 1 - head),
      ),
    ]
  })
  expect(share).toBeLessThan(0.07)
})

test.each([3, 5, 6, 10])('a fair coin of two values, %i seeds: the mean is put on a side in 5% or less', (seeds) => {
  const rule: Rule = { kind: 'threshold', arm: 'a', metric: 'accuracy', is: 'above', bound: 0.5 }
  const decided = Array.from({ length: studies }, (_, study) => {
    const heads = Array.from({ length: seeds }, (_, seed) => Number(random(study, 'coin', seed).uniform() < 0.5))
    return judge(rule, runsOf('a', heads)).holds !== null
  })
  expect(decided.filter(Boolean).length / studies).toBeLessThan(0.07)
})

test('the statement of a difference is affirmed in under 5% of studies in which it is false', () => {
  const rule: DifferenceRule = { ...measure, smallest: 0.002, kind: 'difference', arms: ['a', 'b'] }
  const verdicts = Array.from({ length: 120 }, (_, study) => judge(rule, simulated(equal(['a', 'b'], 0), 5, study)))
  expect(verdicts.filter(({ holds }) => holds).length / 120).toBeLessThan(0.05)
})

test('a true difference is found with the power computed', () => {
  const noise = 0.008
  const deviation = noise * Math.SQRT2
  const seeds = seedsForDifference(0.01, deviation)!
  const truth = { a: { mean: 0.91 }, b: { mean: 0.9 } }
  const found = alarms(['a', 'b'], (study) => simulated(truth, seeds, study, noise))
  expect(Math.abs(found - pairedPower(seeds, 0.01, deviation))).toBeLessThan(0.04)
})

import { expect, test } from 'vitest'
import { loadCases } from '../../../test/fixtures/load.ts'
import { betaQuantile, incompleteBeta, noncentralTails, tCritical, tTails } from './distributions.ts'
import { hedgesG, pairedEffect } from './effect-size.ts'
import { meanInterval } from './mean.ts'
import { pairedInterval, pairedP } from './paired.ts'
import { rateInterval } from './rate.ts'
import { rateDifferenceP } from './rate-difference.ts'
import { rankSumP } from './rank-sum.ts'
import { seedsForDifference, seedsForHalfWidth } from './sample-size.ts'
import type { Band } from './band.ts'

type Row = readonly (number | readonly number[])[]

const middle = ({ estimate, low, high }: Band): number[] => [estimate, low, high]
const ends = ({ low, high }: Band): number[] => [low, high]

const subjects: Readonly<Record<string, (...given: never[]) => number | readonly number[] | null>> = {
  tTails,
  tCritical,
  incompleteBeta,
  betaQuantile,
  noncentralTails,
  meanInterval: (values: number[], confidence: number) => middle(meanInterval(values, confidence)),
  pairedInterval: (a: number[], b: number[], confidence: number) => middle(pairedInterval(a, b, confidence)),
  pairedP,
  hedgesG,
  pairedEffect,
  rateInterval: (count: number, n: number, confidence: number) => ends(rateInterval(count, n, confidence)),
  rankSumP,
  rateDifferenceP,
  seedsForDifference: (difference: number, deviation: number, power: number, confidence: number) =>
    seedsForDifference(difference, deviation, { power, confidence }),
  seedsForHalfWidth,
}

/** Relative: two ways of integrating, and two of finding the worst nuisance rate; all else agrees to 1e-10. */
const tolerances: Readonly<Record<string, number>> = { noncentralTails: 1e-8, rateDifferenceP: 1e-8 }

const cases = loadCases<{ name: string; rows: readonly Row[] }>('inference')

test('every statistic is compared', () => expect(cases.map(({ name }) => name)).toEqual(Object.keys(subjects)))

test.each(cases)('$name agrees with scipy', ({ name, rows }) => {
  for (const row of rows) {
    const got = [subjects[name]!(...(row.slice(0, -1) as never[]))].flat()
    const wanted = [row.at(-1)!].flat()
    const errors = wanted.map((value, i) => Math.abs(got[i]! - value) / Math.max(Math.abs(value), 1e-12))
    expect(Math.max(...errors), `${name}(${JSON.stringify(row.slice(0, -1))}): ${got}`).toBeLessThan(
      tolerances[name] ?? 1e-10,
    )
  }
})

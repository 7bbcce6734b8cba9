/** What a comparison comes to, measured by the smallest difference that matters. */
import { standardDeviation } from '../statistics/mean.ts'
import { differences } from '../statistics/paired.ts'
import { seedsForDifference, seedsForHalfWidth, seedsForRanks, seedsForRates } from '../statistics/sample-size.ts'
import { holm } from '../statistics/holm.ts'
import { unanimousP } from '../statistics/sign.ts'
import type { Better } from '../statistics/run-result.ts'
import type { ArmRuns } from './arms.ts'
import { compare, type Comparison, failureWeight, gainOf } from './comparison.ts'

/**
 * `better` and `worse` are separated, by at least what matters; `equal` differs by less than that; `not better` and
 * `not worse` rule one side out and leave the other open.
 */
export type Relation = 'better' | 'worse' | 'equal' | 'not better' | 'not worse' | 'open'

export interface Thresholds {
  readonly smallest: number
  readonly large: number
  /** 1 - confidence. */
  readonly alpha: number
  /** How many comparisons the rule makes. */
  readonly comparisons: number
}

export interface Related {
  readonly comparison: Comparison
  readonly relation: Relation
  readonly large: boolean
  /** Adjusted for all comparisons of the rule. */
  readonly p: number
}

/** A difference of failure rates from which on it is called large: 20 points. */
export const largeRate = 0.2

/** The confidence of intervals that hold for all comparisons at once (Bonferroni). */
const simultaneous = ({ alpha, comparisons }: Thresholds): number => 1 - alpha / comparisons

const directed = (lead: number): Relation => (lead > 0 ? 'better' : 'worse')

function ofFailures({ a, b, lead }: Comparison): { relation: Relation; large: boolean } {
  const gap = Math.abs(a.failed / a.runs.length - b.failed / b.runs.length)
  return { relation: directed(lead), large: gap >= largeRate }
}

function ofValues(
  comparison: Comparison,
  separated: boolean,
  thresholds: Thresholds,
): { relation: Relation; large: boolean } {
  const { lead, decidedBy } = comparison
  const { smallest, large } = thresholds
  const band = gainOf(comparison, simultaneous(thresholds))
  if (band === null) return { relation: 'open', large: false }
  const size = lead * band.estimate
  const nearEnd = lead > 0 ? band.low : -band.high
  const bounded = band.kind !== 'range' || unanimousP(band.n) <= 1 - simultaneous(thresholds)
  if (separated && size >= smallest)
    return { relation: directed(lead), large: bounded && size >= large && nearEnd >= smallest }
  if (decidedBy !== 'values' || !bounded) return { relation: 'open', large: false }
  const notBetter = band.high < smallest
  const notWorse = band.low > -smallest
  if (notBetter && notWorse) return { relation: 'equal', large: false }
  return { relation: notBetter ? 'not better' : notWorse ? 'not worse' : 'open', large: false }
}

export function relate(comparison: Comparison, p: number, thresholds: Thresholds): Related {
  const separated = p <= thresholds.alpha
  const found =
    separated && comparison.decidedBy === 'failures'
      ? ofFailures(comparison)
      : ofValues(comparison, separated, thresholds)
  return { comparison, p, ...found }
}

/**
 * How many seeds per arm would decide an open comparison: to see, with power 0.8, a difference as large as the one
 * measured or the smallest that matters; where so many were run already, to make the interval too narrow to hold both
 * outcomes; where runs failed, the fewer of what the tests on failures and on ranks need. Null where no affordable number
 * would.
 */
function seedsNeeded({ comparison, p }: Related, thresholds: Thresholds): number | null {
  const { a, b, values, superiority } = comparison
  const { smallest, alpha } = thresholds
  const confidence = simultaneous(thresholds)
  const n = a.runs.length
  if (a.failed !== b.failed) {
    const byFailures = seedsForRates(a.failed / n, b.failed / n, { confidence: 1 - failureWeight * (1 - confidence) })
    const byRanks = seedsForRanks(superiority, { confidence: 1 - (1 - failureWeight) * (1 - confidence) })
    const affordable = [byFailures, byRanks].filter((needed) => needed !== null)
    return affordable.length === 0 ? null : Math.min(...affordable)
  }
  const band = gainOf(comparison, confidence)
  if (band === null) return null
  const spread = standardDeviation(differences(values.a, values.b))
  const size = Math.abs(band.estimate)
  const byPower = seedsForDifference(Math.max(size, smallest), spread, { confidence })
  if (byPower === null || byPower > n) return byPower
  return seedsForHalfWidth(p <= alpha && size < smallest ? smallest - size : smallest / 2, spread, confidence)
}

/** Seeds to add to every arm, at least 1; null where no affordable number would decide. */
export function moreSeeds(related: Related, thresholds: Thresholds): number | null {
  const needed = seedsNeeded(related, thresholds)
  return needed === null ? null : Math.max(1, needed - related.comparison.a.runs.length)
}

/** The thresholds of a rule that makes `comparisons` comparisons. */
export const thresholdsOf = (
  rule: { readonly smallest: number; readonly large?: number; readonly confidence?: number },
  comparisons: number,
): Thresholds => ({
  smallest: rule.smallest,
  large: rule.large ?? 5 * rule.smallest,
  alpha: 1 - (rule.confidence ?? 0.95),
  comparisons,
})

/** The first `count` pairs of arms in the order given (default all), with p-values by Holm over all pairs. */
export function relatePairs(
  arms: readonly ArmRuns[],
  rule: { readonly metric: string; readonly better: Better },
  thresholds: Thresholds,
  count?: number,
): Related[] {
  const pairs = arms.flatMap((a, i) => arms.slice(i + 1).map((b) => compare(a, b, rule.metric, rule.better)))
  const adjusted = holm(pairs.map(({ p }) => p))
  return pairs.slice(0, count).map((pair, i) => relate(pair, adjusted[i]!, thresholds))
}

/**
 * Two arms with the same seeds compared. Where all runs trained, by the paired t-test. Where any failed, means over
 * those that trained would flatter the arm that lost its bad runs; two exact tests take their place: that the rates of
 * failure are equal, and that the ranks are, with every failed run below every one that trained. Together they err as
 * often as one test would, by weighted Bonferroni: 0.65 and 0.35, so that three seeds against none (p = 1/32) suffice.
 */
import type { Band } from '../statistics/band.ts'
import { mean } from '../statistics/mean.ts'
import { differences, pairedInterval, pairedP } from '../statistics/paired.ts'
import { rankSumP } from '../statistics/rank-sum.ts'
import { rateDifferenceP } from '../statistics/rate-difference.ts'
import { type Better, signOf, trained } from '../statistics/run-result.ts'
import type { ArmRuns } from './arms.ts'

/** Share of the error probability that the test on failures gets; the test on ranks has the rest. */
export const failureWeight = 0.65

export interface Comparison {
  readonly a: ArmRuns
  readonly b: ArmRuns
  /** The metric of the seeds in which both trained, turned so that more is better. */
  readonly values: { readonly a: readonly number[]; readonly b: readonly number[] }
  /** How likely a run of `a` is better than one of `b`, an equal one counting half; failed runs are below all others. */
  readonly superiority: number
  readonly decidedBy: 'values' | 'failures' | 'ranks'
  /** Two-sided, of this comparison alone. */
  readonly p: number
  /** 1 where the deciding test points to `a` as the better arm, -1 where to `b`. */
  readonly lead: -1 | 0 | 1
}

/** How much better `a` is than `b` over the seeds in which both trained; null for fewer than two. */
export const gainOf = ({ values: { a, b } }: Comparison, confidence: number): Band | null =>
  a.length < 2 ? null : pairedInterval(a, b, confidence)

const signed = (value: number): -1 | 0 | 1 => (value > 0 ? 1 : value < 0 ? -1 : 0)

/** Below every value that a run can have. */
const bottom = -Number.MAX_VALUE

/** The pairs that `a` wins, less those it loses. */
const pairsWon = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x) => b.reduce((inner, y) => inner + Math.sign(x - y), sum), 0)

export function compare(a: ArmRuns, b: ArmRuns, metric: string, better: Better): Comparison {
  const of = (arm: ArmRuns, i: number): number => signOf(better) * arm.runs[i]!.metrics[metric]!
  const both = a.runs.map((_, i) => i).filter((i) => trained(a.runs[i]!) && trained(b.runs[i]!))
  const values = { a: both.map((i) => of(a, i)), b: both.map((i) => of(b, i)) }
  const rankable = (arm: ArmRuns): number[] => arm.runs.map((run, i) => (trained(run) ? of(arm, i) : bottom))
  const [ofA, ofB] = [rankable(a), rankable(b)]
  const won = pairsWon(ofA, ofB)
  const compared = { a, b, values, superiority: (1 + won / (ofA.length * ofB.length)) / 2 }
  if (a.failed + b.failed === 0) {
    const lead = signed(mean(differences(values.a, values.b)))
    return { ...compared, decidedBy: 'values', p: pairedP(values.a, values.b), lead }
  }
  const failures = rateDifferenceP(a.failed, a.runs.length, b.failed, b.runs.length) / failureWeight
  const ranks = rankSumP(ofA, ofB) / (1 - failureWeight)
  return failures <= ranks
    ? { ...compared, decidedBy: 'failures', p: Math.min(1, failures), lead: signed(b.failed - a.failed) }
    : { ...compared, decidedBy: 'ranks', p: Math.min(1, ranks), lead: signed(won) }
}

import { DataError } from '../../errors.ts'
import type { Band } from './band.ts'
import { tTails } from './distributions.ts'
import { mean, meanInterval, standardDeviation } from './mean.ts'
import { unanimousP } from './sign.ts'

/** `a[i] - b[i]`; differences that are equal but for rounding are made equal. Throws DataError where the lengths differ. */
export function differences(a: readonly number[], b: readonly number[]): number[] {
  if (a.length !== b.length)
    throw new DataError(
      `differences: expected as many values in both arms, got ${a.length} and ${b.length}. Pair them by seed`,
    )
  const gaps = a.map((value, i) => value - b[i]!)
  const rounding = 4 * Number.EPSILON * Math.max(...a.map(Math.abs), ...b.map(Math.abs))
  return gaps.every((gap) => Math.abs(gap - gaps[0]!) <= rounding) ? gaps.map(() => gaps[0]!) : gaps
}

/**
 * The paired t-interval of the mean of `a - b`, two arms with the same seeds in the same order; the range of differences
 * that are all the same. Default confidence 0.95.
 */
export function pairedInterval(a: readonly number[], b: readonly number[], confidence = 0.95): Band {
  const band = meanInterval(differences(a, b), confidence)
  return band.kind === 't' ? { ...band, kind: 'paired t' } : band
}

/** The two-sided p-value of the paired t-test; where all differences are the same, of the sign test, and 1 if they are 0. */
export function pairedP(a: readonly number[], b: readonly number[]): number {
  const gaps = differences(a, b)
  const error = standardDeviation(gaps) / Math.sqrt(gaps.length)
  const center = mean(gaps)
  if (error === 0) return center === 0 ? 1 : unanimousP(gaps.length)
  return tTails(center / error, gaps.length - 1)
}

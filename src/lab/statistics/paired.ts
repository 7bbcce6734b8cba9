import { DataError } from '../../errors.ts'
import type { Band } from './band.ts'
import { tTails } from './distributions.ts'
import { mean, meanInterval, standardDeviation } from './mean.ts'

/** `a[i] - b[i]`. Throws DataError where the lengths differ. */
export function differences(a: readonly number[], b: readonly number[]): number[] {
  if (a.length !== b.length)
    throw new DataError(
      `differences: expected as many values in both arms, got ${a.length} and ${b.length}. Pair them by seed`,
    )
  return a.map((value, i) => value - b[i]!)
}

/** The paired t-interval of the mean of `a - b`, two arms with the same seeds in the same order. Default confidence 0.95. */
export const pairedInterval = (a: readonly number[], b: readonly number[], confidence = 0.95): Band => ({
  ...meanInterval(differences(a, b), confidence),
  kind: 'paired t',
})

/** The two-sided p-value of the paired t-test; where all differences are equal, 1 if they are 0, else 0. */
export function pairedP(a: readonly number[], b: readonly number[]): number {
  const gaps = differences(a, b)
  const error = standardDeviation(gaps) / Math.sqrt(gaps.length)
  const center = mean(gaps)
  if (error === 0) return center === 0 ? 1 : 0
  return tTails(center / error, gaps.length - 1)
}

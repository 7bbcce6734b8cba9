import { DataError, OptionError } from '../../errors.ts'
import type { Band } from './band.ts'
import { tCritical } from './distributions.ts'

/** Throws OptionError unless `confidence` lies in (0, 1). */
export function needConfidence(where: string, confidence: number): void {
  if (!(confidence > 0 && confidence < 1))
    throw new OptionError(`${where}: confidence must be in (0, 1), such as 0.95, got ${confidence}`)
}

/** Throws DataError unless there are at least `least` values, all of them finite. */
export function needFinite(where: string, values: readonly number[], least: number): void {
  if (values.length < least)
    throw new DataError(`${where}: expected at least ${least} values, got ${values.length}. Run more seeds`)
  const wrong = values.find((value) => !Number.isFinite(value))
  if (wrong !== undefined)
    throw new DataError(`${where}: expected finite values, got ${wrong}. Count failed runs apart, as a rate`)
}

/** The sum over the count. Throws DataError for no values, or values that are not finite. */
export function mean(values: readonly number[]): number {
  needFinite('mean', values, 1)
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** The sample standard deviation, `sqrt(sum((x - mean)^2) / (n - 1))`; needs two values. */
export function standardDeviation(values: readonly number[]): number {
  needFinite('standardDeviation', values, 2)
  const [first] = values as readonly [number]
  if (values.every((value) => value === first)) return 0
  const center = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1))
}

/**
 * The t-interval of a mean over seeds: `mean +- t(n - 1) s / sqrt(n)`. Default confidence 0.95. Values that are all the
 * same say nothing of the spread, so that there is none: what comes back is their range.
 *
 * Source: Student 1908.
 */
export function meanInterval(values: readonly number[], confidence = 0.95): Band {
  needConfidence('meanInterval', confidence)
  const n = values.length
  const spread = standardDeviation(values)
  const [first] = values as readonly [number]
  if (spread === 0) return { estimate: first, low: first, high: first, n, confidence: 1, kind: 'range' }
  const estimate = mean(values)
  const half = (tCritical(1 - confidence, n - 1) * spread) / Math.sqrt(n)
  return { estimate, low: estimate - half, high: estimate + half, n, confidence, kind: 't' }
}

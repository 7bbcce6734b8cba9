import { OptionError } from '../../errors.ts'
import type { Band } from './band.ts'
import { betaQuantile } from './distributions.ts'
import { needConfidence } from './mean.ts'

/** Throws OptionError unless `count` of `n` is possible. */
export function needCount(where: string, count: number, n: number): void {
  if (!(Number.isInteger(n) && n >= 1 && Number.isInteger(count) && count >= 0 && count <= n))
    throw new OptionError(`${where}: expected a count between 0 and n, and n >= 1, got ${count} of ${n}`)
}

/**
 * The exact interval of a rate, `count` of `n`: it never covers less than its confidence (default 0.95).
 *
 * Source: Clopper & Pearson 1934.
 */
export function rateInterval(count: number, n: number, confidence = 0.95): Band {
  needCount('rateInterval', count, n)
  needConfidence('rateInterval', confidence)
  const tail = (1 - confidence) / 2
  const low = count === 0 ? 0 : betaQuantile(tail, count, n - count + 1)
  const high = count === n ? 1 : 1 - betaQuantile(tail, n - count, count + 1)
  return { estimate: count / n, low, high, n, confidence, kind: 'Clopper-Pearson' }
}

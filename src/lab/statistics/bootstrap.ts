import { OptionError } from '../../errors.ts'
import { random } from '../../random.ts'
import type { Band } from './band.ts'
import { mean, needConfidence, needFinite } from './mean.ts'

const leastItems = 100

export interface BootstrapOptions {
  /** Default 0.95. */
  readonly confidence?: number
  /** Default 2000. */
  readonly resamples?: number
  /** Default 0. */
  readonly seed?: number
}

/**
 * The percentile bootstrap of a mean over test items, or over the differences of two models on the same items.
 * Throws OptionError for fewer than 100: over the 3 to 10 seeds of a study it covers far less than it says.
 *
 * Source: Efron 1979.
 */
export function itemBootstrap(items: readonly number[], options: BootstrapOptions = {}): Band {
  const { confidence = 0.95, resamples = 2000, seed = 0 } = options
  needConfidence('itemBootstrap', confidence)
  if (items.length < leastItems)
    throw new OptionError(
      `itemBootstrap: expected at least ${leastItems} test items, got ${items.length}; a percentile bootstrap over so few covers too little. Use meanInterval over seeds`,
    )
  if (!Number.isInteger(resamples) || resamples < 1000)
    throw new OptionError(`itemBootstrap: resamples must be an integer >= 1000, got ${resamples}`)
  needFinite('itemBootstrap', items, leastItems)
  const source = random(seed, 'itemBootstrap')
  const n = items.length
  const means = Array.from({ length: resamples }, () => {
    let sum = 0
    for (let i = 0; i < n; i++) sum += items[source.below(n)]!
    return sum / n
  }).toSorted((x, y) => x - y)
  const tail = (1 - confidence) / 2
  const low = means[Math.floor(tail * (resamples - 1))]!
  const high = means[Math.ceil((1 - tail) * (resamples - 1))]!
  return { estimate: mean(items), low, high, n, confidence, kind: 'percentile bootstrap' }
}

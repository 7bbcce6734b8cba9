/** How many seeds a question needs. The spread is taken at its word: from few seeds it is itself uncertain. */
import jstat from 'jstat'
import { OptionError } from '../../errors.ts'
import { noncentralTails, tCritical } from './distributions.ts'
import { needConfidence } from './mean.ts'
import { rateInterval } from './rate.ts'
import { differenceTail, rateDifferenceP } from './rate-difference.ts'

/** Nobody runs more seeds than this. */
const mostSeeds = 1000
/** Exact tests of rates are tried up to this many. */
const mostExactSeeds = 100
const leastSeeds = 3

function needAbove(where: string, name: string, value: number): void {
  if (!(value > 0 && value < Infinity)) throw new OptionError(`${where}: ${name} must be > 0 and finite, got ${value}`)
}

/** By bisection an n in [least, most] for which `enough` holds, and not for n - 1; null where it fails for `most`. */
function smallest(enough: (n: number) => boolean, least: number, most: number): number | null {
  if (!enough(most)) return null
  let [low, high] = [least - 1, most]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (enough(middle)) high = middle
    else low = middle
  }
  return high
}

/** The chance that the paired t-test over n seeds finds a true `difference`, where differences spread by `deviation`. */
export function pairedPower(n: number, difference: number, deviation: number, confidence = 0.95): number {
  needConfidence('pairedPower', confidence)
  needAbove('pairedPower', 'deviation', deviation)
  const shift = (Math.abs(difference) * Math.sqrt(n)) / deviation
  return noncentralTails(tCritical(1 - confidence, n - 1), n - 1, shift)
}

/**
 * Seeds needed to find a true `difference` with this power (default 0.8); null where 1,000 are too few. Without any
 * deviation those of the sign test.
 */
export function seedsForDifference(
  difference: number,
  deviation: number,
  { power = 0.8, confidence = 0.95 }: { readonly power?: number; readonly confidence?: number } = {},
): number | null {
  needAbove('seedsForDifference', 'difference', difference)
  needConfidence('seedsForDifference', power)
  if (deviation === 0) return seedsForRate(1, 0.5, confidence)
  return smallest((n) => pairedPower(n, difference, deviation, confidence) >= power, leastSeeds, mostSeeds)
}

/** Seeds needed for a t-interval of at most `estimate +- halfWidth`, at this spread; null where 1,000 are too few. */
export function seedsForHalfWidth(halfWidth: number, deviation: number, confidence = 0.95): number | null {
  needAbove('seedsForHalfWidth', 'halfWidth', halfWidth)
  needConfidence('seedsForHalfWidth', confidence)
  if (deviation === 0) return leastSeeds
  return smallest(
    (n) => (tCritical(1 - confidence, n - 1) * deviation) / Math.sqrt(n) <= halfWidth,
    leastSeeds,
    mostSeeds,
  )
}

/**
 * Seeds per arm needed to find that the rates `pa` and `pb` differ, by the exact test with this power (default 0.8);
 * null where 100 are too few.
 */
export function seedsForRates(
  pa: number,
  pb: number,
  { power = 0.8, confidence = 0.95 }: { readonly power?: number; readonly confidence?: number } = {},
): number | null {
  needConfidence('seedsForRates', power)
  needConfidence('seedsForRates', confidence)
  const [upper, lower] = [Math.max(pa, pb), Math.min(pa, pb)]
  if (!(lower >= 0 && upper <= 1)) throw new OptionError(`seedsForRates: rates must be in [0, 1], got ${pa} and ${pb}`)
  if (upper === lower) return null
  const rejects = (successes: number, n: number): boolean => rateDifferenceP(successes, n, 0, n) <= 1 - confidence
  const enough = (n: number): boolean => {
    const critical = smallest((successes) => rejects(successes, n), 1, n)
    return critical !== null && differenceTail(critical / n, n, n)(upper, lower) >= power
  }
  return smallest(enough, leastSeeds, mostExactSeeds)
}

/**
 * Seeds per arm needed to find, by ranks and with this power (default 0.8), that a run of one arm is better than one of the
 * other with probability `superiority`, an equal one counting half: `(z(alpha / 2) + z(power))^2 / (6 (superiority - 1/2)^2)`;
 * null where 1,000 are too few. Source: Noether 1987.
 */
export function seedsForRanks(
  superiority: number,
  { power = 0.8, confidence = 0.95 }: { readonly power?: number; readonly confidence?: number } = {},
): number | null {
  needConfidence('seedsForRanks', power)
  needConfidence('seedsForRanks', confidence)
  if (!(superiority >= 0 && superiority <= 1))
    throw new OptionError(`seedsForRanks: superiority must be in [0, 1], got ${superiority}`)
  const z = jstat.normal.inv((1 + confidence) / 2, 0, 1) + jstat.normal.inv(power, 0, 1)
  const needed = Math.max(leastSeeds, Math.ceil(z ** 2 / (6 * (superiority - 0.5) ** 2)))
  return needed > mostSeeds ? null : needed
}

/** Seeds needed until the exact interval of a rate, if it stays as it is, leaves `bound` out; null where 1,000 are too few. */
export function seedsForRate(rate: number, bound: number, confidence = 0.95): number | null {
  if (!(rate >= 0 && rate <= 1 && bound > 0 && bound < 1))
    throw new OptionError(`seedsForRate: expected a rate in [0, 1] and a bound in (0, 1), got ${rate} and ${bound}`)
  for (let n = leastSeeds; n <= mostSeeds; n++) {
    const { low, high } = rateInterval(Math.round(rate * n), n, confidence)
    if (low > bound || high < bound) return n
  }
  return null
}

import { OptionError } from '../errors.ts'

/** Where a limit is sought, and how closely. */
export interface Bracket {
  readonly between: readonly [low: number, high: number]
  /** Whether only whole numbers are values. */
  readonly whole: boolean
  /** The search ends where the smallest failure is within this factor of the limit. */
  readonly factor: number
  /** Values tried in the widest gaps once it has ended. */
  readonly checks: number
}

/** What a search has found. */
export interface Found {
  /** The largest value that passed, or null. */
  readonly limit: number | null
  /** The smallest value above it that failed, or null; of all where none passed. */
  readonly failsAt: number | null
  /** Whether no failing value lies below a passing one. */
  readonly monotone: boolean
}

/** The most values that a search tries: both ends, the midpoints and the checks. */
export function plannedValues({ between: [low, high], factor, checks }: Bracket): number {
  const halvings = Math.ceil(Math.log2(Math.log(high / low) / Math.log(factor)))
  return 2 + Math.max(0, halvings) + checks
}

function foundIn(tried: ReadonlyMap<number, boolean>): Found {
  const values = [...tried.keys()].toSorted((a, b) => a - b)
  const limit = values.findLast((value) => tried.get(value)) ?? null
  const failures = values.filter((value) => !tried.get(value))
  return {
    limit,
    failsAt: limit === null ? (failures[0] ?? null) : (failures.find((value) => value > limit) ?? null),
    monotone: limit === null || failures.every((value) => value > limit),
  }
}

type Refused = (value: number) => Promise<string | null>

/** The value nearest to the geometric mean of two, strictly between them, that is not refused; null where there is none. */
async function midpoint(low: number, high: number, whole: boolean, refused: Refused): Promise<number | null> {
  const mean = Math.sqrt(low * high)
  const distance = (value: number): number => Math.abs(Math.log(value / mean))
  const between = whole
    ? Array.from({ length: Math.max(0, high - low - 1) }, (_, i) => low + 1 + i)
    : [Number(mean.toPrecision(3))].filter((value) => value > low && value < high)
  for (const value of between.toSorted((a, b) => distance(a) - distance(b))) {
    if ((await refused(value)) === null) return value
  }
  return null
}

/**
 * The largest value that passes: both ends of the bracket, then geometric midpoints between the largest that passed and
 * the smallest above it that failed, then midpoints of the widest gaps, of which one that passes is gone on from. Never
 * more than `plannedValues`. Throws OptionError where an end is refused.
 */
export async function bisection(
  bracket: Bracket,
  attempt: (value: number) => Promise<boolean>,
  refused: Refused,
): Promise<Found> {
  const { between, whole, factor } = bracket
  const tried = new Map<number, boolean>()
  for (const end of between) {
    const reason = await refused(end)
    if (reason !== null) throw new OptionError(`stableLimit: ${end} cannot be tried: ${reason}`)
    tried.set(end, await attempt(end))
  }
  const inGap = async (): Promise<number | null> => {
    const values = [...tried.keys()].toSorted((a, b) => a - b)
    const gaps = values.slice(1).map((high, i) => [values[i]!, high] as const)
    for (const [low, high] of gaps.toSorted((a, b) => b[1] / b[0] - a[1] / a[0])) {
      const value = high / low > factor ? await midpoint(low, high, whole, refused) : null
      if (value !== null) return value
    }
    return null
  }
  let checks = bracket.checks
  while (tried.size < plannedValues(bracket)) {
    const { limit, failsAt } = foundIn(tried)
    const open = limit !== null && failsAt !== null && failsAt / limit > factor
    const halving = open ? await midpoint(limit, failsAt, whole, refused) : null
    const value = halving ?? (checks-- > 0 ? await inGap() : null)
    if (value === null) break
    tried.set(value, await attempt(value))
  }
  return foundIn(tried)
}

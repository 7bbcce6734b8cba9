import { needFinite } from './mean.ts'

/** Twice the midranks, so that ties keep whole numbers. */
function doubledRanks(values: readonly number[]): number[] {
  return values.map(
    (value) => 1 + values.reduce((total, other) => total + (other < value ? 2 : other === value ? 1 : 0), 0),
  )
}

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b))

/** The sums of the first 0, 1, ... values. */
function sums(values: ArrayLike<number>): Float64Array {
  const totals = new Float64Array(values.length + 1)
  for (let i = 0; i < values.length; i++) totals[i + 1] = totals[i]! + values[i]!
  return totals
}

/** What a way to choose counts: so little that those of two arms of 1,000 runs, about 2^1995, stay finite. */
const oneWay = 2 ** -500

/** Numbers in rows of different lengths; row i is from `starts[i]` up to `starts[i + 1]`. */
interface Rows {
  readonly starts: Float64Array
  readonly values: Float64Array
}

/**
 * In how many ways c of the ascending `ranks`, c up to `size`, have a sum 0, 1, ... above the smallest possible:
 * `[c, excess]`. A rank comes in as the largest of c chosen, in the place of the c-th, which the smallest sum has.
 */
function waysByExcess(ranks: readonly number[], size: number): Rows {
  const most = Math.min(size, ranks.length)
  const lengths = [1]
  for (let c = 1; c <= most; c++) lengths.push(lengths[c - 1]! + ranks.at(-c)! - ranks[c - 1]!)
  const starts = sums(lengths)
  const values = new Float64Array(starts[most + 1]!)
  values[0] = oneWay
  const reached = new Float64Array(most + 1)
  ranks.forEach((rank, i) => {
    for (let c = Math.min(i + 1, most); c >= 1; c--) {
      const shift = rank - ranks[c - 1]!
      const [from, to] = [starts[c - 1]!, starts[c]! + shift]
      const last = reached[c - 1]!
      for (let excess = 0; excess <= last; excess++) values[to + excess]! += values[from + excess]!
      reached[c] = Math.max(reached[c]!, last + shift)
    }
  })
  return { starts, values }
}

/** Rows in which every number is the sum of those up to it. */
function accumulated({ starts, values }: Rows): Rows {
  const totals = values.slice()
  for (let i = 0; i + 1 < starts.length; i++)
    for (let at = starts[i]! + 1; at < starts[i + 1]!; at++) totals[at]! += totals[at - 1]!
  return { starts, values: totals }
}

/**
 * The exact two-sided p-value of the rank-sum test with ties (midranks): all ways to share the ranks out are counted, in
 * the lower and in the upper half of the ranks apart and then together.
 *
 * Source: Mann & Whitney 1947; Streitberg & Röhmel 1986.
 */
export function rankSumP(a: readonly number[], b: readonly number[]): number {
  needFinite('rankSumP', a, 1)
  needFinite('rankSumP', b, 1)
  const size = a.length
  const ranks = doubledRanks([...a, ...b])
  const mean = size * (ranks.length + 1)
  const end = sums(ranks)[size]! > mean ? Math.max(...ranks) : Math.min(...ranks)
  const distances = ranks.map((rank) => Math.abs(rank - end)) // from the end that `a` is nearer to
  const unit = distances.reduce(commonDivisor) || 1
  const units = distances.map((distance) => distance / unit)
  const sorted = units.toSorted((x, y) => x - y)
  const [low, high] = [sorted.slice(0, sorted.length >> 1), sorted.slice(sorted.length >> 1)]
  const [smallestLow, smallestHigh] = [sums(low), sums(high)]
  const [ways, waysUpTo] = [waysByExcess(low, size), accumulated(waysByExcess(high, size))]
  const seen = sums(units)[size]!
  let [all, upTo, below] = [0, 0, 0]
  for (let c = Math.max(0, size - high.length); c <= Math.min(size, low.length); c++) {
    const [start, past] = [ways.starts[c]!, ways.starts[c + 1]!]
    const [first, last] = [waysUpTo.starts[size - c]!, waysUpTo.starts[size - c + 1]! - 1]
    const left = seen - smallestLow[c]! - smallestHigh[size - c]!
    for (let i = start; i < past; i++) {
      const reach = first + left - (i - start)
      all += ways.values[i]! * waysUpTo.values[last]!
      if (reach >= first) upTo += ways.values[i]! * waysUpTo.values[Math.min(reach, last)]!
      if (reach > first) below += ways.values[i]! * waysUpTo.values[Math.min(reach - 1, last)]!
    }
  }
  return Math.min(1, (2 * Math.min(upTo, all - below)) / all)
}

import { needFinite } from './mean.ts'

/** Twice the midranks, so that ties keep whole numbers. */
function doubledRanks(values: readonly number[]): number[] {
  return values.map(
    (value) => 1 + values.reduce((sum, other) => sum + (other < value ? 2 : other === value ? 1 : 0), 0),
  )
}

/**
 * The exact two-sided p-value of the rank-sum test with ties (midranks): all ways to share the ranks out are counted.
 *
 * Source: Mann & Whitney 1947; Streitberg & Röhmel 1986.
 */
export function rankSumP(a: readonly number[], b: readonly number[]): number {
  needFinite('rankSumP', a, 1)
  needFinite('rankSumP', b, 1)
  const ranks = doubledRanks([...a, ...b])
  const seen = ranks.slice(0, a.length).reduce((sum, rank) => sum + rank, 0)
  const total = ranks.reduce((sum, rank) => sum + rank, 0)
  const ways = Array.from({ length: a.length + 1 }, () => new Float64Array(total + 1)) // [chosen][sum of ranks]
  ways[0]![0] = 1
  ranks.forEach((rank, i) => {
    for (let chosen = Math.min(i + 1, a.length); chosen >= 1; chosen--) {
      const [from, to] = [ways[chosen - 1]!, ways[chosen]!]
      for (let sum = rank; sum <= total; sum++) to[sum]! += from[sum - rank]!
    }
  })
  const counts = ways[a.length]!
  const tail = (from: number, to: number): number => counts.subarray(from, to).reduce((sum, count) => sum + count, 0)
  const smaller = Math.min(tail(0, seen + 1), tail(seen, total + 1))
  return Math.min(1, (2 * smaller) / tail(0, total + 1))
}

import { expect, test } from 'vitest'
import { random } from '../../random.ts'
import { rankSumP } from './rank-sum.ts'

const ones = (count: number, n: number): number[] => Array.from({ length: n }, (_, i) => Number(i < count))

/** Written apart from the source: the sign of every pair, over every way to choose the first arm. */
function byEnumeration(a: readonly number[], b: readonly number[]): number {
  const all = [...a, ...b]
  const lead = (chosen: (i: number) => boolean): number =>
    all.reduce(
      (sum, x, i) => sum + (chosen(i) ? all.reduce((inner, y, j) => inner + (chosen(j) ? 0 : Math.sign(x - y)), 0) : 0),
      0,
    )
  const seen = lead((i) => i < a.length)
  let [ways, above, below] = [0, 0, 0]
  for (let mask = 0; mask < 2 ** all.length; mask++) {
    const chosen = (i: number): boolean => ((mask >> i) & 1) === 1
    if (all.filter((_, i) => chosen(i)).length !== a.length) continue
    ways++
    if (lead(chosen) >= seen) above++
    if (lead(chosen) <= seen) below++
  }
  return Math.min(1, (2 * Math.min(above, below)) / ways)
}

test.each([1, 2, 3, 8, 1000])('all ways are counted, with %i levels and arms of unequal sizes', (levels) => {
  const source = random(3, 'rank-sum', levels)
  const arm = (n: number): number[] =>
    Array.from({ length: n }, () => (source.uniform() < 0.3 ? -Number.MAX_VALUE : source.below(levels)))
  for (let i = 0; i < 12; i++) {
    const [a, b] = [arm(1 + source.below(5)), arm(1 + source.below(5))]
    expect(rankSumP(a, b), JSON.stringify([a, b])).toBe(byEnumeration(a, b))
  }
})

/** Written apart from the source, in whole numbers of any size: the ways to have so many pairs won less pairs lost. */
function inWholeNumbers(a: readonly number[], b: readonly number[]): number {
  const all = [...a, ...b]
  const leads = all.map((x) => all.reduce((sum, y) => sum + Math.sign(x - y), 0))
  const ways = Array.from({ length: a.length + 1 }, () => new Map<number, bigint>())
  ways[0]!.set(0, 1n)
  for (const lead of leads)
    for (let c = a.length; c >= 1; c--)
      for (const [sum, count] of ways[c - 1]!) ways[c]!.set(sum + lead, (ways[c]!.get(sum + lead) ?? 0n) + count)
  const seen = leads.slice(0, a.length).reduce((sum, lead) => sum + lead)
  const counts = [...ways[a.length]!]
  const total = (of: readonly (readonly [number, bigint])[]): bigint => of.reduce((sum, [, count]) => sum + count, 0n)
  const tails = [counts.filter(([sum]) => sum <= seen), counts.filter(([sum]) => sum >= seen)].map(total)
  const smaller = tails[0]! < tails[1]! ? tails[0]! : tails[1]!
  return Math.min(1, Number((2n * 10n ** 60n * smaller) / total(counts)) / 1e60)
}

test.each([
  ['none failed', 0, 0, Infinity],
  ['some failed', 2, 9, Infinity],
  ['most failed', 18, 29, Infinity],
  ['some failed, and others are equal', 3, 9, 12],
])('arms of 30 runs, more ways than 2^53: %s', (_, failedA, failedB, levels) => {
  const source = random(5, 'rank-sum', failedB)
  const arm = (failed: number, shift: number): number[] =>
    Array.from({ length: 30 }, (_, i) => {
      const value = shift + source.normal()
      if (i < failed) return -Number.MAX_VALUE
      return levels === Infinity ? value : Math.round((value * levels) / 4)
    })
  for (const shift of [0, 1, 4]) {
    const [a, b] = [arm(failedA, shift), arm(failedB, 0)]
    const exact = inWholeNumbers(a, b)
    for (const p of [rankSumP(a, b), rankSumP(b, a)]) expect(Math.abs(p / exact - 1)).toBeLessThan(1e-14)
  }
})

/** With two levels it is Fisher's exact test: hypergeometric tails, from logarithms of factorials. */
test.each([
  [900, 450, 430],
  [900, 880, 700],
  [1000, 520, 480],
])('arms of %i runs, of which %i and %i are high, give finite and exact figures', (n, high, other) => {
  const logs = [0]
  for (let i = 1; i <= 2 * n; i++) logs.push(logs[i - 1]! + Math.log(i))
  const choose = (m: number, k: number): number => logs[m]! - logs[k]! - logs[m - k]!
  const total = high + other
  const chance = (k: number): number =>
    k > total || n - k > 2 * n - total
      ? 0
      : Math.exp(choose(total, k) + choose(2 * n - total, n - k) - choose(2 * n, n))
  let above = 0
  for (let k = high; k <= n; k++) above += chance(k)
  expect(rankSumP(ones(high, n), ones(other, n)) / (2 * above)).toBeCloseTo(1, 8)
})

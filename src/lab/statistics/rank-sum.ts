import { mean, needFinite } from './mean.ts'
import { remembered } from './remembered.ts'

/** Twice the midranks, so that ties keep whole numbers. */
function doubledRanks(values: readonly number[]): number[] {
  return values.map(
    (value) => 1 + values.reduce((total, other) => total + (other < value ? 2 : other === value ? 1 : 0), 0),
  )
}

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b))

/** The sums of the first 0, 1, ... values. */
function sums(values: readonly number[]): number[] {
  let total = 0
  return [0, ...values.map((value) => (total += value))]
}

/** What a way to choose counts: so little that those of two arms of 1,000 runs, about 2^1995, stay finite. */
const oneWay = 2 ** -500

/** In how many ways 0, 1, ..., n of n things are chosen, where a way counts `one`. */
function binomials(n: number, one = 1): number[] {
  const row = [one]
  for (let i = 1; i <= n; i++) {
    row.push(0)
    for (let k = i; k >= 1; k--) row[k]! += row[k - 1]!
  }
  return row
}

/** `[c][excess]`: in how many ways c of some ranks have a sum so far above the smallest possible. */
type Ways = readonly Float64Array[]

function add(from: Float64Array, count: number, to: Float64Array, shift: number): void {
  for (let i = 0; i < count; i++) to[shift + i]! += from[i]!
}

/**
 * The ways to choose up to `size` of the ascending `ranks`. A rank comes in as the largest of c chosen, in the place of
 * the c-th, which the smallest sum has.
 */
function waysByExcess(ranks: readonly number[], size: number): Ways {
  const most = Math.min(size, ranks.length)
  const ways = [Float64Array.of(oneWay)]
  for (let c = 1; c <= most; c++) ways.push(new Float64Array(ways[c - 1]!.length + ranks.at(-c)! - ranks[c - 1]!))
  const reached = ways.map((_, c) => Number(c === 0))
  ranks.forEach((rank, i) => {
    for (let c = Math.min(i + 1, most); c >= 1; c--) {
      const shift = rank - ranks[c - 1]!
      add(ways[c - 1]!, reached[c - 1]!, ways[c]!, shift)
      reached[c] = Math.max(reached[c]!, reached[c - 1]! + shift)
    }
  })
  return ways
}

/** Every number becomes the sum of those up to it in its row. */
function accumulated(ways: Ways): Ways {
  for (const row of ways) for (let i = 1; i < row.length; i++) row[i]! += row[i - 1]!
  return ways
}

/** Of the ranks 0, 1, ...: the better half in all pairs of arms without equal values, so the last is kept. */
const waysUpToUntied = remembered(
  (count: number, size: number): Ways => accumulated(waysByExcess([...Array(count).keys()], size)),
  1,
)

/** Some ascending ranks, also by what they lie above the first, in the largest unit that leaves them whole. */
interface Part {
  readonly smallest: readonly number[]
  readonly unit: number
  readonly steps: readonly number[]
}

function partOf(ranks: readonly number[]): Part {
  const above = ranks.map((rank) => rank - ranks[0]!)
  const unit = above.reduce(commonDivisor, 0) || 1
  return { smallest: sums(ranks), unit, steps: above.map((distance) => distance / unit) }
}

/** The ways in which two excesses are together at most `left`; those of the second are accumulated. */
function pairsUpTo(left: number, a: Float64Array, unitA: number, upToB: Float64Array, unitB: number): number {
  let total = 0
  for (let i = 0; i < a.length && unitA * i <= left; i++)
    total += a[i]! * upToB[Math.min(Math.floor((left - unitA * i) / unitB), upToB.length - 1)]!
  return total
}

/**
 * In how many ways `size` of the ascending `ranks` have a sum up to a given one: those of the lower half, of the upper
 * half, and of the last group of equal ranks (runs that failed) are counted apart and then together.
 */
function waysUpTo(ranks: readonly number[], size: number): (sum: number) => number {
  const last = ranks.at(-1)!
  const others = ranks.indexOf(last)
  const half = Math.min(ranks.length >> 1, others)
  const [low, high] = [partOf(ranks.slice(0, half)), partOf(ranks.slice(half, others))]
  const untied = low.steps.every((step, i) => step === i)
  const upToLow = untied ? waysUpToUntied(half, size) : accumulated(waysByExcess(low.steps, size))
  const ofHigh = waysByExcess(high.steps, size)
  const ofLast = binomials(ranks.length - others)
  return (sum) => {
    let total = 0
    for (let k = 0; k <= Math.min(size, ranks.length - others); k++) {
      for (let h = Math.max(0, size - k - half); h <= Math.min(size - k, others - half); h++) {
        const c = size - k - h
        const left = sum - low.smallest[c]! - high.smallest[h]! - k * last
        total += ofLast[k]! * pairsUpTo(left, ofHigh[h]!, high.unit, upToLow[c]!, low.unit)
      }
    }
    return total
  }
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
  const best = Math.max(...ranks)
  const places = ranks.map((rank) => best - rank)
  const [ofA, ofB] = [places.slice(0, a.length), places.slice(a.length)]
  const better = mean(ofA) < mean(ofB) ? ofA : ofB
  const size = better.length
  const seen = better.reduce((sum, place) => sum + place)
  const half = places.length >> 1
  const waysOfHigh = binomials(places.length - half, oneWay)
  const all = binomials(half, oneWay).reduce((sum, ways, c) => sum + ways * (waysOfHigh[size - c] ?? 0), 0)
  const ways = waysUpTo(
    places.toSorted((x, y) => x - y),
    size,
  )
  const upTo = ways(seen)
  return 2 * upTo <= all ? (2 * upTo) / all : Math.min(1, (2 * (all - ways(seen - 1))) / all)
}

/**
 * Two rates compared exactly, without conditions: tables are ordered by their difference of rates, and the tail is
 * taken at the worst value of the nuisance rate. Seeds are treated as independent; seeds that pull both arms the same
 * way make intervals and p-values conservative.
 *
 * Source: Santner & Snell 1980 (intervals); Suissa & Shuster 1985 (test).
 */
import type { Band } from './band.ts'
import { needConfidence } from './mean.ts'
import { needCount } from './rate.ts'
import { remembered } from './remembered.ts'

/** The probabilities of 0..n successes, by the rate of success. */
function binomial(n: number): (p: number) => number[] {
  const steps = Array.from({ length: n + 1 }, (_, k) => Math.log((n - k + 1) / k))
  return (p) => {
    if (p <= 0 || p >= 1) return steps.map((_, k) => Number(k === (p <= 0 ? 0 : n)))
    let term = n * Math.log1p(-p)
    const odds = Math.log(p) - Math.log1p(-p)
    return steps.map((step, k) => {
      if (k > 0) term += step + odds
      return Math.exp(term)
    })
  }
}

/** `P(K_a / n_a - K_b / n_b >= difference)`, by the rates p_a and p_b. */
export function differenceTail(difference: number, na: number, nb: number): (pa: number, pb: number) => number {
  const [ofA, ofB] = [binomial(na), binomial(nb)]
  const least = Array.from({ length: nb + 1 }, (_, k) => Math.max(0, Math.ceil(na * (difference + k / nb) - 1e-9)))
  return (pa, pb) => {
    const above = ofA(pa)
    for (let k = na - 1; k >= 0; k--) above[k]! += above[k + 1]!
    return ofB(pb).reduce((sum, share, k) => sum + share * (above[least[k]!] ?? 0), 0)
  }
}

const gridSteps = 64
const golden = (Math.sqrt(5) - 1) / 2

/** The largest value of `f` on [low, high], the best of a grid refined by golden section; or the first above `enough`. */
function largest(f: (x: number) => number, low: number, high: number, enough: number): number {
  const at = (i: number): number => low + ((high - low) * i) / gridSteps
  const values: number[] = []
  for (let i = 0; i <= gridSteps; i++) {
    const value = f(at(i))
    if (value > enough) return value
    values.push(value)
  }
  const best = values.indexOf(Math.max(...values))
  let [from, to] = [at(Math.max(0, best - 1)), at(Math.min(gridSteps, best + 1))]
  let top = values[best]!
  while (to - from > 1e-5 && top <= enough) {
    const [left, right] = [to - golden * (to - from), from + golden * (to - from)]
    const [atLeft, atRight] = [f(left), f(right)]
    top = Math.max(top, atLeft, atRight)
    if (atLeft < atRight) from = left
    else to = right
  }
  return top
}

/** The tail at the nuisance rate that makes it largest, where the true difference of rates is `truth`; or one above `enough`. */
const worst = (tail: (pa: number, pb: number) => number, truth: number, enough = Infinity): number =>
  largest((p) => tail(p + truth, p), Math.max(0, -truth), Math.min(1, 1 - truth), enough)

/** The smallest true difference at which a difference as large as the one seen is not too improbable. */
const lowEnd = remembered((difference: number, na: number, nb: number, improbable: number): number => {
  const tail = differenceTail(difference, na, nb)
  let [low, high] = [-1, difference]
  while (high - low > 1e-4) {
    const middle = (low + high) / 2
    if (worst(tail, middle, improbable) > improbable) high = middle
    else low = middle
  }
  return low
})

/** The exact interval of `ka / na - kb / nb`, to 1e-4, outwards. Default confidence 0.95; n is the smaller of the two. */
export function rateDifference(ka: number, na: number, kb: number, nb: number, confidence = 0.95): Band {
  needCount('rateDifference', ka, na)
  needCount('rateDifference', kb, nb)
  needConfidence('rateDifference', confidence)
  const estimate = ka / na - kb / nb
  const tail = (1 - confidence) / 2
  const low = lowEnd(estimate, na, nb, tail)
  const high = -lowEnd(-estimate, nb, na, tail)
  return { estimate, low, high, n: Math.min(na, nb), confidence, kind: 'exact difference of rates' }
}

/** The tail where the rates are equal. */
const equalTail = remembered((size: number, na: number, nb: number): number => worst(differenceTail(size, na, nb), 0))

/** The two-sided p-value of equal rates: twice the smaller tail. */
export function rateDifferenceP(ka: number, na: number, kb: number, nb: number): number {
  needCount('rateDifferenceP', ka, na)
  needCount('rateDifferenceP', kb, nb)
  const size = Math.abs(ka / na - kb / nb)
  if (size === 0) return 1
  return Math.min(1, 2 * (ka / na > kb / nb ? equalTail(size, na, nb) : equalTail(size, nb, na)))
}

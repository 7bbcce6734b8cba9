import { hedgesFactor } from './distributions.ts'
import { mean, standardDeviation } from './mean.ts'
import { differences } from './paired.ts'

const over = (difference: number, deviation: number): number | null =>
  deviation === 0 ? (difference === 0 ? 0 : null) : difference / deviation

/**
 * Hedges' g of two arms: Cohen's d with the pooled deviation, `J(n_a + n_b - 2) (mean_a - mean_b) / s`, without bias;
 * null where neither arm varies and the means differ. Source: Cohen 1988; Hedges 1981.
 */
export function hedgesG(a: readonly number[], b: readonly number[]): number | null {
  const freedom = a.length + b.length - 2
  const squares = (a.length - 1) * standardDeviation(a) ** 2 + (b.length - 1) * standardDeviation(b) ** 2
  const effect = over(mean(a) - mean(b), Math.sqrt(squares / freedom))
  return effect === null ? null : hedgesFactor(freedom) * effect
}

/**
 * Cohen's d_z of two arms with the same seeds, corrected: `J(n - 1) mean(a - b) / s(a - b)`; null where all differences
 * are equal and not 0. Source: Cohen 1988; Gibbons, Hedeker & Davis 1993.
 */
export function pairedEffect(a: readonly number[], b: readonly number[]): number | null {
  const gaps = differences(a, b)
  const effect = over(mean(gaps), standardDeviation(gaps))
  return effect === null ? null : hedgesFactor(gaps.length - 1) * effect
}

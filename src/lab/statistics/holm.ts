import { OptionError } from '../../errors.ts'

/**
 * Adjusted p-values in the order given: compare each with alpha, and the chance that any true hypothesis is rejected
 * stays below alpha, whatever depends on what. `max over smaller p_j of (m - rank_j) p_j`, at most 1.
 *
 * Source: Holm 1979.
 */
export function holm(pValues: readonly number[]): number[] {
  const wrong = pValues.find((p) => !(p >= 0 && p <= 1))
  if (wrong !== undefined) throw new OptionError(`holm: expected p-values in [0, 1], got ${wrong}`)
  const order = pValues.map((_, i) => i).toSorted((i, j) => pValues[i]! - pValues[j]!)
  const adjusted = pValues.map(() => 1)
  let largest = 0
  order.forEach((index, rank) => {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * pValues[index]!))
    adjusted[index] = largest
  })
  return adjusted
}

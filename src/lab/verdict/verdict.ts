import type { Band } from '../statistics/band.ts'
import { type Bilingual, joined } from './bilingual.ts'

/**
 * How firmly a verdict stands: algebra in float64; a fact that no seed changes; an effect at least as large as the
 * rule calls large; an effect that its interval shows; not decided; not to be decided here.
 */
export type Strength = 'exact' | 'deterministic' | 'large effect' | 'small effect' | 'inconclusive' | 'untestable'

/** A figure behind a verdict, with its n and the kind of its band. */
export interface Evidence {
  readonly what: Bilingual
  readonly band: Band
  /** Hedges-corrected d_z, in comparisons of values; null where the differences do not vary. */
  readonly effect?: number | null
  /** Two-sided, adjusted for all comparisons of the rule. */
  readonly p?: number
}

export interface Verdict {
  readonly strength: Strength
  /** Whether the statement of the rule holds; null where that is not decided. */
  readonly holds: boolean | null
  /** What was found. */
  readonly sentence: Bilingual
  /** What to do, for whom the metric is a choice: use an arm, or run more seeds. */
  readonly advice: Bilingual
  readonly evidence: readonly Evidence[]
  /** What speaks against the verdict, or weakens it. */
  readonly against: readonly Bilingual[]
  /** What would change it. */
  readonly wouldChange: Bilingual
  /** Seeds to add to every arm for a decision; 0 where there is one, null where seeds alone will not bring it. */
  readonly more: number | null
}

/** What was found, and what to do. */
export const verdictText = ({ sentence, advice }: Pick<Verdict, 'sentence' | 'advice'>): Bilingual =>
  joined([sentence, advice])

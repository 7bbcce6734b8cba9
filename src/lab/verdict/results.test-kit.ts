import { random } from '../../random.ts'
import type { RunOutcome, RunResult } from '../statistics/run-result.ts'
import type { Bilingual } from './bilingual.ts'
import type { Verdict } from './verdict.ts'

/** What is true of an arm: its mean accuracy and how often it diverges. */
export interface Truth {
  readonly mean: number
  readonly diverges?: number
}

/** A study of `seeds` paired seeds: each seed moves all arms alike by 0.02, each run by `noise`. */
export function simulated(
  arms: Readonly<Record<string, Truth>>,
  seeds: number,
  study: number,
  noise = 0.005,
): RunResult[] {
  const shared = Array.from({ length: seeds }, (_, seed) => 0.02 * random(study, 'seed', seed).normal())
  return Object.entries(arms).flatMap(([arm, { mean, diverges = 0 }]) =>
    shared.map((shift, seed) => {
      const source = random(study, arm, seed)
      const outcome: RunOutcome = source.uniform() < diverges ? 'diverged' : 'trained'
      const accuracy = outcome === 'diverged' ? NaN : mean + shift + noise * source.normal()
      return { arm, seed, outcome, metrics: { accuracy } }
    }),
  )
}

/** One run per value, seeds 0, 1, ...; null diverged. */
export const runsOf = (arm: string, values: readonly (number | null)[], learningRate?: number): RunResult[] =>
  values.map((value, seed) => ({
    arm,
    seed,
    ...(learningRate === undefined ? {} : { learningRate }),
    outcome: value === null ? 'diverged' : 'trained',
    metrics: { accuracy: value ?? NaN },
  }))

/** All texts of a verdict. */
export const textsOf = ({ sentence, evidence, against, wouldChange }: Verdict): Bilingual[] => [
  sentence,
  ...evidence.map(({ what }) => what),
  ...against,
  wouldChange,
]

/** The numbers in a text, sorted: word order differs between languages. */
export const figuresIn = (text: string): string[] => (text.match(/-?\d+(\.\d+)?(e-?\d+)?%?/g) ?? []).toSorted()

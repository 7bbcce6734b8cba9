/** How a run ended. One that did not train is a result: it counts in every statistic of its arm. */
export type RunOutcome = 'trained' | 'plateaued' | 'diverged'

/** One finished training, as statistics and verdicts see it. */
export interface RunResult {
  readonly arm: string
  readonly seed: number
  /** Where the arm was trained with a grid of them. */
  readonly learningRate?: number
  readonly outcome: RunOutcome
  /** What was measured at the end; finite in a run that trained. */
  readonly metrics: Readonly<Record<string, number>>
}

/** Which way a metric improves. */
export type Better = 'lower' | 'higher'

export const trained = (run: RunResult): boolean => run.outcome === 'trained'

/** 1 for metrics that improve upwards, -1 for the others. */
export const signOf = (better: Better): number => (better === 'higher' ? 1 : -1)

/** What an arm's learning-rate grid says: the best rate, the rates that train, and how much the choice matters. */
import { DataError } from '../../errors.ts'
import type { Band } from './band.ts'
import { mean, meanInterval } from './mean.ts'
import { type Better, type RunResult, signOf, trained } from './run-result.ts'

/** The runs of one arm by learning rate, lowest first. Throws DataError where a run names no rate. */
export function byLearningRate(runs: readonly RunResult[]): Map<number, RunResult[]> {
  const grid = new Map<number, RunResult[]>()
  for (const run of runs) {
    const { learningRate: rate } = run
    if (rate === undefined || !(rate > 0 && rate < Infinity))
      throw new DataError(
        `byLearningRate: expected a learning rate > 0, got ${rate} in arm '${run.arm}', seed ${run.seed}`,
      )
    grid.set(rate, [...(grid.get(rate) ?? []), run])
  }
  return new Map([...grid].toSorted(([a], [b]) => a - b))
}

/**
 * The rate at which most runs trained; among equals the one with the best mean metric over them, then the lowest.
 * Failures come first, so that a rate cannot win by the runs it lost.
 */
export function bestLearningRate(runs: readonly RunResult[], metric: string | null, better: Better): number {
  const scores = [...byLearningRate(runs)].map(([rate, cell]) => {
    const good = cell.filter(trained)
    const value =
      good.length === 0 || metric === null ? 0 : signOf(better) * mean(good.map((run) => run.metrics[metric]!))
    return { rate, share: good.length / cell.length, value }
  })
  return scores.toSorted((a, b) => b.share - a.share || b.value - a.value || a.rate - b.rate)[0]!.rate
}

/** A stretch of a learning-rate grid. */
export interface LearningRateRange {
  readonly low: number
  readonly high: number
  /** `high / low`. */
  readonly factor: number
  /** Whether the grid ends there, so that the true range may reach further. */
  readonly open: { readonly low: boolean; readonly high: boolean }
}

/** The widest stretch of neighbouring rates at which every run trained; null where there is none. */
export function learningRateRange(runs: readonly RunResult[]): LearningRateRange | null {
  const cells = [...byLearningRate(runs)]
  const stretches: number[][] = [[]]
  cells.forEach(([, cell], i) => {
    if (cell.every(trained)) stretches.at(-1)!.push(i)
    else stretches.push([])
  })
  const rateAt = (i: number): number => cells[i]![0]
  const ranges = stretches
    .filter((stretch) => stretch.length > 0)
    .map((stretch) => {
      const [first, last] = [stretch[0]!, stretch.at(-1)!]
      const open = { low: first === 0, high: last === cells.length - 1 }
      return { low: rateAt(first), high: rateAt(last), factor: rateAt(last) / rateAt(first), open }
    })
  return ranges.toSorted((a, b) => b.factor - a.factor)[0] ?? null
}

export interface SensitivityOptions {
  readonly metric: string
  readonly better: Better
  /** The metric of a net that has learned nothing; it stands for runs that failed, and bounds the others. */
  readonly untrained: number
  /** Default 0.95. */
  readonly confidence?: number
}

/**
 * Learning-rate sensitivity, its mean over seeds with a t-interval: per seed the mean over the grid of
 * `|metric - best|`, where no run counts as worse than `untrained`. 0 for an arm that does not mind. At least 2 seeds.
 *
 * Source: Wortsman et al. 2023, arXiv:2309.14322.
 */
export function learningRateSensitivity(runs: readonly RunResult[], options: SensitivityOptions): Band {
  const { metric, better, untrained, confidence } = options
  const sign = signOf(better)
  const value = (run: RunResult): number =>
    trained(run) ? Math.max(sign * run.metrics[metric]!, sign * untrained) : sign * untrained
  const grid = byLearningRate(runs)
  const seeds = [...new Set(runs.map((run) => run.seed))]
  const losses = seeds.map((seed) => {
    const values = [...grid.values()].flatMap((cell) => cell.filter((run) => run.seed === seed).map(value))
    if (values.length !== grid.size)
      throw new DataError(
        `learningRateSensitivity: expected one run per rate in seed ${seed}, got ${values.length} of ${grid.size}. Run the missing cells`,
      )
    return Math.max(...values) - mean(values)
  })
  return meanInterval(losses, confidence)
}

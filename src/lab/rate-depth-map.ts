import { DataError } from '../errors.ts'
import { bestLearningRate, byLearningRate } from './statistics/learning-rates.ts'
import { mean } from './statistics/mean.ts'
import { type Better, type RunOutcome, type RunResult, trained } from './statistics/run-result.ts'

/** The runs of one depth at one learning rate. */
export interface MapCell {
  readonly n: number
  readonly trained: number
  readonly plateaued: number
  readonly diverged: number
  /** Of the metric over the runs that trained; null where none did. */
  readonly mean: number | null
}

/** What learning rate and depth do together. */
export interface RateDepthMap {
  readonly metric: string
  /** Ascending. */
  readonly depths: readonly number[]
  /** Ascending. */
  readonly learningRates: readonly number[]
  /** By depth, then learning rate; null where nothing was run. */
  readonly cells: readonly (readonly (MapCell | null)[])[]
  /** The best learning rate of each depth; null where nothing trained. */
  readonly best: readonly (number | null)[]
  /** Octaves from the best rate of the shallowest depth to that of the deepest; null where one has none. */
  readonly shift: number | null
}

export interface MapOptions {
  readonly metric: string
  readonly better: Better
  /** The depth of each arm, by its name. */
  readonly depths: Readonly<Record<string, number>>
}

function cellOf(runs: readonly RunResult[], metric: string): MapCell {
  const count = (outcome: RunOutcome): number => runs.filter((run) => run.outcome === outcome).length
  const values = runs.filter(trained).map((run) => {
    const value = run.metrics[metric]
    if (value === undefined)
      throw new DataError(
        `rateDepthMap: expected the metric '${metric}' of arm '${run.arm}', got ${Object.keys(run.metrics).join(', ')}`,
      )
    return value
  })
  return {
    ...{ n: runs.length, trained: values.length, plateaued: count('plateaued'), diverged: count('diverged') },
    mean: values.length === 0 ? null : mean(values),
  }
}

/**
 * The map of runs over depth and learning rate. Arms of one depth are one row.
 *
 * Throws DataError for no runs, an arm whose depth is not given, a run without learning rate or without the metric.
 */
export function rateDepthMap(runs: readonly RunResult[], { metric, better, depths: of }: MapOptions): RateDepthMap {
  if (runs.length === 0) throw new DataError('rateDepthMap: expected runs, got none')
  const rows = new Map<number, RunResult[]>()
  for (const run of runs) {
    const depth = Object.hasOwn(of, run.arm) ? of[run.arm] : undefined
    if (depth === undefined)
      throw new DataError(`rateDepthMap: expected the depth of arm '${run.arm}', got ${Object.keys(of).join(', ')}`)
    rows.set(depth, [...(rows.get(depth) ?? []), run])
  }
  const sorted = [...rows].toSorted(([a], [b]) => a - b)
  const learningRates = [...byLearningRate(runs).keys()]
  const cells = sorted.map(([, row]) => {
    const byRate = byLearningRate(row)
    return learningRates.map((rate) => (byRate.has(rate) ? cellOf(byRate.get(rate)!, metric) : null))
  })
  const best = sorted.map(([, row]) => (row.some(trained) ? bestLearningRate(row, metric, better) : null))
  const [first, last] = [best[0] ?? null, best.at(-1) ?? null]
  return {
    ...{ metric, depths: sorted.map(([depth]) => depth), learningRates, cells, best },
    shift: first === null || last === null ? null : Math.log2(last / first),
  }
}

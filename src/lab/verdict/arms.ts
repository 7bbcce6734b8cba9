/** Which runs a rule is judged on: of every arm one run per seed, at one learning rate. */
import { DataError, OptionError } from '../../errors.ts'
import { nearest } from '../../nn/options.ts'
import { bestLearningRate, byLearningRate } from '../statistics/learning-rates.ts'
import { type Better, type RunResult, trained } from '../statistics/run-result.ts'

/** The runs of one arm at one learning rate, in the order of their seeds. */
export interface ArmRuns {
  readonly arm: string
  readonly runs: readonly RunResult[]
  readonly failed: number
  /** Where it was chosen out of a grid. */
  readonly learningRate: number | null
  /** Whether the best rate is the lowest or highest of its grid, so that a better one may lie beyond. */
  readonly atGridEnd: boolean
}

/** Whether no run of an arm trained. */
export const neverTrained = ({ runs, failed }: ArmRuns): boolean => failed === runs.length

export interface Selection {
  readonly arms: readonly string[]
  /** Null for rules about outcomes alone: the best rate is then the one at which most runs trained. */
  readonly metric: string | null
  readonly better: Better
  readonly learningRate?: number
}

const leastSeeds = 3

const cellsOf = ({ arm, learningRate }: RunResult): string =>
  `arm '${arm}'${learningRate === undefined ? '' : `, learning rate ${learningRate}`}`
const cell = (run: RunResult): string => `${cellsOf(run)}, seed ${run.seed}`

/** The runs of an arm. Throws OptionError where there are none, DataError for a cell that stands twice. */
function runsOf(arm: string, results: readonly RunResult[]): RunResult[] {
  const runs = results.filter((run) => run.arm === arm).toSorted((a, b) => a.seed - b.seed)
  const known = [...new Set(results.map((run) => run.arm))]
  if (runs.length === 0)
    throw new OptionError(
      `judge: no results of arm '${arm}', did you mean '${nearest(arm, known) ?? ''}'? Run it, or correct the rule. Known: ${known.join(', ')}`,
    )
  const seen = new Set<string>()
  for (const run of runs) {
    if (seen.has(cell(run)))
      throw new DataError(`judge: expected one run per cell, got two of ${cell(run)}. Remove one`)
    seen.add(cell(run))
  }
  return runs
}

function atRate(arm: string, runs: readonly RunResult[], { metric, better, learningRate }: Selection): ArmRuns {
  const done = (chosen: readonly RunResult[], rate: number | null, atGridEnd: boolean): ArmRuns => ({
    arm,
    runs: chosen,
    failed: chosen.filter((run) => !trained(run)).length,
    learningRate: rate,
    atGridEnd,
  })
  if (learningRate === undefined && runs.every((run) => run.learningRate === undefined)) return done(runs, null, false)
  const grid = byLearningRate(runs)
  const rates = [...grid.keys()]
  if (learningRate !== undefined && !grid.has(learningRate))
    throw new OptionError(`judge: arm '${arm}' has no learning rate ${learningRate}. Its rates: ${rates.join(', ')}`)
  if (learningRate !== undefined || rates.length === 1) {
    const [rate] = learningRate === undefined ? rates : [learningRate]
    return done(grid.get(rate!)!, rate!, false)
  }
  const best = bestLearningRate(runs, metric, better)
  return done(grid.get(best)!, best, best === rates[0] || best === rates.at(-1))
}

/** Throws DataError where the cells do not have the same seeds, or fewer than three. */
function needSeeds(runs: readonly RunResult[]): void {
  const seeds = [...new Set(runs.map((run) => run.seed))].toSorted((a, b) => a - b)
  const cells = new Map<string, RunResult[]>()
  for (const run of runs) {
    const where = cellsOf(run)
    cells.set(where, [...(cells.get(where) ?? []), run])
  }
  for (const [where, members] of cells) {
    const missing = seeds.filter((seed) => !members.some((run) => run.seed === seed))
    if (missing.length > 0)
      throw new DataError(
        `judge: expected the same seeds in every cell, but ${where} lacks ${missing.join(', ')}. Run the missing cells`,
      )
  }
  if (seeds.length < leastSeeds)
    throw new DataError(
      `judge: expected at least ${leastSeeds} seeds per arm, got ${seeds.length}. Run ${leastSeeds - seeds.length} more`,
    )
}

/**
 * The runs of every arm that the rule names, at the learning rate where it is judged. Throws OptionError for an arm or
 * a rate without results; DataError for missing, doubled or too few seeds, or a metric that is absent or not finite in
 * a run that trained.
 */
export function selectArms(results: readonly RunResult[], selection: Selection): ArmRuns[] {
  const { arms, metric } = selection
  const all = arms.map((arm) => runsOf(arm, results))
  needSeeds(all.flat())
  for (const run of metric === null ? [] : all.flat().filter(trained)) {
    const value = run.metrics[metric!]
    if (value === undefined)
      throw new DataError(
        `judge: ${cell(run)} has no metric '${metric}', it has ${Object.keys(run.metrics).join(', ')}. Measure it, or correct the rule`,
      )
    if (!Number.isFinite(value))
      throw new DataError(
        `judge: ${cell(run)} is marked as trained, but its ${metric} is ${value}. Mark it as diverged`,
      )
  }
  return all.map((runs, i) => atRate(arms[i]!, runs, selection))
}

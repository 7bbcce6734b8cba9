import type { Band } from '../statistics/band.ts'
import {
  bestLearningRate,
  type LearningRateRange,
  learningRateRange,
  learningRateSensitivity,
} from '../statistics/learning-rates.ts'
import type { RunResult } from '../statistics/run-result.ts'
import { judge } from '../verdict/judge.ts'
import type { Verdict } from '../verdict/verdict.ts'
import { type Origin, originOf } from './origin.ts'
import { cellOf, type Plan } from './plan.ts'
import type { CellResult, Store } from './store.ts'

/** One arm at one learning rate. */
export interface RateSummary {
  readonly learningRate: number
  /** Of the runs that trained, in the order of their seeds. */
  readonly values: readonly number[]
  readonly trained: number
  readonly plateaued: number
  readonly diverged: number
}

/** What a whole grid of learning rates says of an arm, see `statistics/learning-rates`. */
export interface GridSummary {
  readonly best: number
  readonly range: LearningRateRange | null
  readonly sensitivity: Band
}

export interface ArmSummary {
  readonly name: string
  /** Other arms that mean the same. */
  readonly same: readonly string[]
  readonly refused: string | null
  readonly rates: readonly RateSummary[]
  /** Null for a single learning rate or seed, and while cells are missing. */
  readonly grid: GridSummary | null
}

/** What a study has come to. */
export interface Summary {
  readonly question: string
  readonly metric: string
  /** The value of a model that knows only how frequent each answer is. */
  readonly chance: number
  readonly seeds: number
  readonly cells: { readonly done: number; readonly total: number }
  readonly arms: readonly ArmSummary[]
  /** Of the sources that the results were made from, see `Origin`. */
  readonly commits: Origin['commits']
  /** Null while cells are missing. */
  readonly verdict: Verdict | null
}

/** The results of a plan as statistics see them. */
export interface RunResults {
  readonly results: readonly RunResult[]
  /** Cells that the plan has. */
  readonly total: number
  readonly commits: Origin['commits']
}

/** The results that are there. Throws DataError where they are of different versions of the lab. */
export function runResults(plan: Plan, store: Store): RunResults {
  const arms = plan.arms.filter(({ refused }) => refused === null)
  const cells = arms.flatMap((arm) =>
    plan.learningRates.flatMap((learningRate) => plan.seeds.map((seed) => ({ arm, learningRate, seed }))),
  )
  const found: CellResult[] = []
  const results = cells.flatMap(({ arm, learningRate, seed }): RunResult[] => {
    const result = store.result(cellOf(plan, arm, learningRate, seed))
    if (result === null) return []
    found.push(result)
    return [{ arm: arm.name, seed, learningRate, outcome: result.outcome.state, metrics: result.outcome.metrics }]
  })
  return { results, total: cells.length, commits: originOf(found, 'study').commits }
}

function gridOf({ learningRates, seeds, metric, measure }: Plan, runs: readonly RunResult[]): GridSummary | null {
  const cells = learningRates.length * seeds.length
  if (learningRates.length < 2 || seeds.length < 2 || runs.length < cells) return null
  const { better, chance } = measure
  return {
    best: bestLearningRate(runs, metric, better),
    range: learningRateRange(runs),
    sensitivity: learningRateSensitivity(runs, { metric, better, untrained: chance }),
  }
}

/** What the results that are there say; the same results give the same bytes, in whatever order they came. */
export function summarise(plan: Plan, store: Store): Summary {
  const { results, total, commits } = runResults(plan, store)
  const arms = plan.arms.map(({ name, same, refused }): ArmSummary => {
    const own = results.filter((run) => run.arm === name)
    const rates = plan.learningRates.map((learningRate): RateSummary => {
      const runs = own.filter((run) => run.learningRate === learningRate)
      const count = (outcome: RunResult['outcome']): number => runs.filter((run) => run.outcome === outcome).length
      const values = runs.filter((run) => run.outcome === 'trained').map((run) => run.metrics[plan.metric]!)
      const counts = { trained: count('trained'), plateaued: count('plateaued'), diverged: count('diverged') }
      return { learningRate, values, ...counts }
    })
    return { name, same, refused, rates: refused === null ? rates : [], grid: gridOf(plan, own) }
  })
  return {
    ...{ question: plan.question, metric: plan.metric, chance: plan.measure.chance, seeds: plan.seeds.length },
    cells: { done: results.length, total },
    arms,
    commits,
    verdict: results.length === total ? judge(plan.rule, results) : null,
  }
}

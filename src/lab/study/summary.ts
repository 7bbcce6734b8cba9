import { DataError } from '../../errors.ts'
import type { RunResult } from '../statistics/run-result.ts'
import { judge } from '../verdict/judge.ts'
import type { Verdict } from '../verdict/verdict.ts'
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

export interface ArmSummary {
  readonly name: string
  /** Other arms that mean the same. */
  readonly same: readonly string[]
  readonly refused: string | null
  readonly rates: readonly RateSummary[]
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
  /** Null while cells are missing. */
  readonly verdict: Verdict | null
}

/** The results that are there, by the name of their cell. Throws DataError where some are of another version of the lab. */
function resultsOf(plan: Plan, store: Store): Map<string, CellResult> {
  const found = new Map<string, CellResult>()
  const origins = new Map<string, string>()
  for (const arm of plan.arms.filter(({ refused }) => refused === null)) {
    for (const learningRate of plan.learningRates) {
      for (const seed of plan.seeds) {
        const id = cellOf(plan, arm, learningRate, seed)
        const result = store.result(id)
        if (result === null) continue
        found.set(id, result)
        const { node: _, ...packages } = result.versions
        origins.set(JSON.stringify(packages), id)
      }
    }
  }
  if (origins.size > 1) {
    const [[first, a], [second, b]] = [...origins] as [[string, string], [string, string]]
    throw new DataError(
      `study: results of different versions do not go together: ${a} is of ${first}, ${b} of ${second}. Delete the older ones, and they are run again`,
    )
  }
  return found
}

/** The results of a plan as statistics see them. */
export function runResults(plan: Plan, store: Store): { readonly results: RunResult[]; readonly total: number } {
  const all = resultsOf(plan, store)
  let total = 0
  const results = plan.arms.flatMap((arm) => {
    if (arm.refused !== null) return []
    return plan.learningRates.flatMap((learningRate) =>
      plan.seeds.flatMap((seed) => {
        total++
        const result = all.get(cellOf(plan, arm, learningRate, seed))
        if (result === undefined) return []
        const { state, metrics } = result.outcome
        return [{ arm: arm.name, seed, learningRate, outcome: state, metrics }]
      }),
    )
  })
  return { results, total }
}

/** What the results that are there say; the same results give the same bytes, in whatever order they came. */
export function summarise(plan: Plan, store: Store): Summary {
  const { results, total } = runResults(plan, store)
  const arms = plan.arms.map(({ name, same, refused }): ArmSummary => {
    const rates = plan.learningRates.map((learningRate): RateSummary => {
      const runs = results.filter((run) => run.arm === name && run.learningRate === learningRate)
      const count = (outcome: RunResult['outcome']): number => runs.filter((run) => run.outcome === outcome).length
      const values = runs.filter((run) => run.outcome === 'trained').map((run) => run.metrics[plan.metric]!)
      const counts = { trained: count('trained'), plateaued: count('plateaued'), diverged: count('diverged') }
      return { learningRate, values, ...counts }
    })
    return { name, same, refused, rates: refused === null ? rates : [] }
  })
  return {
    ...{ question: plan.question, metric: plan.metric, chance: plan.measure.chance, seeds: plan.seeds.length },
    cells: { done: results.length, total },
    arms,
    verdict: results.length === total ? judge(plan.rule, results) : null,
  }
}

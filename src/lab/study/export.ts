import { directoryStore } from './directory-store.ts'
import { cellOf } from './plan.ts'
import { readStoredStudy } from './stored-study.ts'

/** A table for other programs: names, numbers in full, null where there is nothing. */
export interface DataTable {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number | null)[])[]
  /** Rows that are still to come. */
  readonly missing: number
}

/**
 * The cells of a study that have ended, one row each: id, commit of the sources (null for an installed package), arm,
 * learning rate, seed, outcome, updates done, loss of the last batch, and every metric (null where it diverged).
 *
 * Throws DataError as `readStoredStudy` does.
 */
export function cellTable(folder: string): DataTable {
  const { plan, summary } = readStoredStudy(folder)
  const store = directoryStore(folder)
  const arms = plan.arms.filter(({ refused }) => refused === null)
  const cells = arms.flatMap((arm) =>
    plan.learningRates.flatMap((learningRate) =>
      plan.seeds.flatMap((seed) => {
        const result = store.result(cellOf(plan, arm, learningRate, seed))
        return result === null ? [] : [{ ...result, arm: arm.name, learningRate, seed }]
      }),
    ),
  )
  const metrics = [...new Set(cells.flatMap(({ outcome }) => Object.keys(outcome.metrics)))]
  return {
    columns: ['cell', 'commit', 'arm', 'learningRate', 'seed', 'outcome', 'steps', 'trainLoss', ...metrics],
    rows: cells.map(({ id, commit, arm, learningRate, seed, outcome: { state, step, trainLoss, metrics: found } }) => [
      ...[id, commit ?? null, arm, learningRate, seed, state, step ?? null, trainLoss ?? null],
      ...metrics.map((metric) => found[metric] ?? null),
    ]),
    missing: summary.cells.total - cells.length,
  }
}

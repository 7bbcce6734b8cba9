import { OptionError } from '../errors.ts'
import type { RunOutcome } from './statistics/run-result.ts'
import { cellJobs } from './study/cell.ts'
import { originOf } from './study/origin.ts'
import { dataOf, type PoolOptions, runJobs } from './study/pool.ts'
import { cellId, type Setting } from './study/setting.ts'
import type { Store } from './study/store.ts'
import type { Task } from './study/task.ts'

/** What a short training came to. */
export interface ShortTraining {
  readonly outcome: RunOutcome
  /** On test data; null where it diverged. */
  readonly loss: number | null
  /** The loss of a model that knows only how frequent each answer is. */
  readonly chance: number
}

/**
 * A training has left the plateau where its loss is below this share of chance, 0.15 nats for text: a net that looks at
 * no input stays above, or within a few hundredths.
 */
const leftPlateau = 0.95

/** Runs short trainings that share the data of their task. */
export function shortTrainer(
  task: Task,
  store: Store,
): (settings: readonly Setting[], options?: PoolOptions) => Promise<ShortTraining[]> {
  const open = dataOf(task)
  const shared: Task = { ...task, open: (options) => open(options as Setting['options']) }

  /**
   * What each setting comes to; those that the store has are not run again. Throws what `signal` was aborted with;
   * OptionError where one failed or is in the hands of another process; DataError where those that are there are of
   * another version.
   */
  return async (settings, options = {}) => {
    const failures: string[] = []
    await runJobs(cellJobs(shared, settings, 0), store, {
      ...options,
      onEvent: (event) => {
        if (event.type === 'failed') failures.push(event.error.message)
        options.onEvent?.(event)
      },
    })
    const results = settings.map((setting) => {
      const result = store.result(cellId(setting))
      if (result !== null) return result
      options.signal?.throwIfAborted()
      const reason = failures.length > 0 ? failures.join('; ') : 'another process has it'
      throw new OptionError(
        `shortTraining: ${cellId(setting)} has no result: ${reason}. Run it again with the same folder to go on`,
      )
    })
    originOf(results, 'shortTraining')
    return Promise.all(
      settings.map(async (setting, i): Promise<ShortTraining> => {
        const { state, metrics } = results[i]!.outcome
        const { chance } = (await open(setting.options)).measures.loss!
        const { loss = null } = metrics
        if (state === 'diverged' || loss === null) return { outcome: 'diverged', loss: null, chance }
        return { outcome: loss < leftPlateau * chance ? 'trained' : 'plateaued', loss, chance }
      }),
    )
  }
}

import { availableParallelism } from 'node:os'
import { versions } from '../../train/versions.ts'
import { type Outcome, runCell } from './cell.ts'
import { cellId, type Setting } from './setting.ts'
import type { Claim, Store } from './store.ts'
import type { Task, TaskData } from './task.ts'

/** What running the cells says. */
export type CellEvent =
  | { readonly type: 'begin'; readonly id: string; readonly setting: Setting }
  | { readonly type: 'step'; readonly id: string; readonly setting: Setting; readonly step: number }
  | { readonly type: 'end'; readonly id: string; readonly setting: Setting; readonly outcome: Outcome }
  | { readonly type: 'failed'; readonly id: string; readonly setting: Setting; readonly error: Error }

export interface PoolOptions {
  /** Cells that run side by side. Default: as many as there are cores. */
  readonly workers?: number
  readonly signal?: AbortSignal
  readonly onEvent?: (event: CellEvent) => void
}

/** Steps between two events of a cell. */
const stepEvents = 20

/** The data of a task for each of its options, opened once. */
export function dataOf(task: Task): (options: Setting['options']) => Promise<TaskData> {
  const opened = new Map<string, Promise<TaskData>>()
  return (options) => {
    const key = JSON.stringify(options)
    const data = opened.get(key) ?? task.open(options)
    opened.set(key, data)
    data.catch(() => opened.delete(key)) // a data set that could not be opened may be there the next time
    return data
  }
}

/**
 * Runs the cells that have no result and that no other process has, several at a time, with the cores shared out among
 * them. A cell that fails is told and left for another time; the others go on.
 */
export async function runCells(
  task: Task,
  settings: readonly Setting[],
  store: Store,
  probeEvery: number,
  options: PoolOptions,
): Promise<void> {
  const { signal, onEvent } = options
  const cores = availableParallelism()
  const workers = Math.max(1, Math.min(options.workers ?? cores, settings.length))
  const threads = Math.max(1, Math.floor(cores / workers))
  const open = dataOf(task)
  const waiting = settings[Symbol.iterator]()

  const work = async (): Promise<void> => {
    for (const setting of waiting) {
      if (signal?.aborted) return
      const id = cellId(setting)
      let claim: Claim | null = null
      try {
        claim = store.claim(id)
        if (claim === null) continue
        onEvent?.({ type: 'begin', id, setting })
        const onStep = (step: number): void => {
          if (step % stepEvents === 0) onEvent?.({ type: 'step', id, setting, step })
        }
        const cell = { folder: claim.folder, threads, probeEvery, onStep, ...(signal && { signal }) }
        const outcome = await runCell(task, await open(setting.options), setting, cell)
        if (outcome === null) return
        claim.publish({ id, setting, outcome, versions: versions() })
        onEvent?.({ type: 'end', id, setting, outcome })
      } catch (error) {
        onEvent?.({ type: 'failed', id, setting, error: error instanceof Error ? error : new Error(String(error)) })
      } finally {
        claim?.release()
      }
    }
  }
  await Promise.all(Array.from({ length: workers }, work))
}

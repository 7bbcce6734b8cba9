import { availableParallelism } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { commitOf } from '../../commit.ts'
import { versions } from '../../train/versions.ts'
import type { Claim, Outcome, Store } from './store.ts'
import type { Setting } from './setting.ts'
import type { Task, TaskData } from './task.ts'

/** What a worker gives to a job. */
export interface JobOptions {
  /** A folder of the job's own. */
  readonly folder: string
  readonly threads: number
  readonly signal?: AbortSignal
  /** To be told of progress. */
  readonly onStep: (step: number) => void
}

/** One piece of work with one result. */
export interface Job<S extends object = object> {
  readonly id: string
  /** What it is, with nothing left open. */
  readonly setting: S
  /** Null where `signal` ended it before its time. */
  run(options: JobOptions): Promise<Outcome | null>
}

/** What running the jobs says. */
export type JobEvent<S extends object = object> =
  | { readonly type: 'begin'; readonly id: string; readonly setting: S }
  | { readonly type: 'step'; readonly id: string; readonly setting: S; readonly step: number }
  | { readonly type: 'end'; readonly id: string; readonly setting: S; readonly outcome: Outcome }
  /** Another worker took it over. */
  | { readonly type: 'lost'; readonly id: string; readonly setting: S; readonly error: Error }
  | { readonly type: 'failed'; readonly id: string; readonly setting: S; readonly error: Error }

export type CellEvent = JobEvent<Setting>

export interface PoolOptions<S extends object = Setting> {
  /** Cells that run side by side. Default: as many as there are cores. */
  readonly workers?: number
  readonly signal?: AbortSignal
  readonly onEvent?: (event: JobEvent<S>) => void
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
 * Runs the jobs that have no result and that no other process has, several at a time, with the cores shared out among
 * them. One that fails is told and left for another time; the others go on.
 */
export async function runJobs<S extends object>(
  jobs: readonly Job<S>[],
  store: Store,
  options: PoolOptions<S>,
): Promise<void> {
  const { signal, onEvent } = options
  const cores = availableParallelism()
  const workers = Math.max(1, Math.min(options.workers ?? cores, jobs.length))
  const threads = Math.max(1, Math.floor(cores / workers))
  const waiting = jobs[Symbol.iterator]()
  const commit = commitOf()

  const work = async (): Promise<void> => {
    for (const { id, setting, run } of waiting) {
      if (signal?.aborted) return
      let claim: Claim | null = null
      try {
        claim = store.claim(id)
        if (claim === null) continue
        onEvent?.({ type: 'begin', id, setting })
        const onStep = (step: number): void => {
          if (step % stepEvents === 0) onEvent?.({ type: 'step', id, setting, step })
        }
        const stop = AbortSignal.any(signal ? [signal, claim.lost] : [claim.lost])
        const outcome = await run({ folder: claim.folder, threads, onStep, signal: stop })
        claim.lost.throwIfAborted()
        if (outcome === null) return
        claim.publish({ id, setting, outcome, versions: versions(), ...(commit === null ? {} : { commit }) })
        onEvent?.({ type: 'end', id, setting, outcome })
      } catch (error) {
        const type = claim?.lost.aborted === true ? 'lost' : 'failed'
        onEvent?.({ type, id, setting, error: error instanceof Error ? error : new Error(String(error)) })
      } finally {
        claim?.release()
      }
    }
  }
  await Promise.all(Array.from({ length: workers }, work))
}

/** Milliseconds between two looks at what other processes have in hand. */
const pause = 1000

/**
 * Runs jobs until each has a result, made here or by another process whose end is waited for, or has failed here. Left
 * early where `signal` says so.
 */
export async function finishJobs<S extends object>(
  jobs: readonly Job<S>[],
  store: Store,
  options: PoolOptions<S>,
): Promise<void> {
  const { signal, onEvent } = options
  const failed = new Set<string>()
  const watch = (event: JobEvent<S>): void => {
    if (event.type === 'failed') failed.add(event.id)
    onEvent?.(event)
  }
  const open = (): Job<S>[] => jobs.filter(({ id }) => !failed.has(id) && store.result(id) === null)
  let left = open()
  while (left.length > 0 && !signal?.aborted) {
    await runJobs(left, store, { ...options, onEvent: watch })
    left = open()
    if (left.length > 0) await setTimeout(pause, undefined, signal && { signal }).catch(() => undefined) // stopped
  }
}

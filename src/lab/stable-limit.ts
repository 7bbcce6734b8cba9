import { OptionError } from '../errors.ts'
import { exactJson, type Json } from '../files/json.ts'
import { needPositive } from '../nn/options.ts'
import type { Wiring } from '../nn/wiring/wiring.ts'
import { bisection, type Bracket, plannedValues } from './bisection.ts'
import { shortTrainer } from './short-training.ts'
import { type LimitTexts, limitTexts } from './stable-limit-text.ts'
import type { RunOutcome } from './statistics/run-result.ts'
import { refusal } from './study/cell.ts'
import { directoryStore } from './study/directory-store.ts'
import { type CellEvent, dataOf, type PoolOptions } from './study/pool.ts'
import { resolveArm, type Setting, type Training } from './study/setting.ts'
import type { Task } from './study/task.ts'

export type LimitOf = 'depth' | 'learningRate'

export interface StableLimitOptions {
  readonly task: Task
  /** Whose largest stable value is sought; depth is the task's option of that name. */
  readonly of: LimitOf
  /** Smallest and largest value that are tried. */
  readonly between: readonly [low: number, high: number]
  /** Updates of a trial. */
  readonly steps: number
  readonly wiring?: Wiring
  readonly training?: Training
  /** Of all trials where depth is sought. Default 1e-3. */
  readonly learningRate?: number
  /** How many, from 0: a value is stable where all of them train. Default 3. */
  readonly seeds?: number
  /** Examples per batch. Default: the task's. */
  readonly batchSize?: number
  /** The search ends where the smallest failure lies within this factor of the limit. Default 1.2; depths end at neighbours, too. */
  readonly factor?: number
  /** Values tried beside those of the bisection, in the widest gaps, to see whether stability is monotone. Default 2. */
  readonly checks?: number
}

/** One value with what its seeds came to, in their order. */
export interface Trial {
  readonly value: number
  readonly outcomes: readonly RunOutcome[]
  readonly stable: boolean
}

/** What is tried at most, known before anything runs. */
export interface LimitPlan {
  readonly values: number
  /** Trainings: values times seeds. */
  readonly cells: number
  readonly steps: number
}

export interface StableLimit extends LimitTexts {
  readonly of: LimitOf
  /** The largest stable value that was tried; null where none was stable. */
  readonly limit: number | null
  /** The smallest value above it that failed; null where none did, and the true limit may lie higher. Of all where none was stable. */
  readonly failsAt: number | null
  /** All that was tried, by value. */
  readonly trials: readonly Trial[]
  /** Whether no failing value lies below a stable one, as far as was tried. */
  readonly monotone: boolean
  readonly plan: LimitPlan
}

export type LimitEvent =
  | { readonly type: 'plan'; readonly plan: LimitPlan }
  | { readonly type: 'trial'; readonly value: number; readonly number: number }
  | { readonly type: 'cell'; readonly value: number; readonly event: CellEvent }
  | { readonly type: 'result'; readonly trial: Trial }

export interface RunLimitOptions extends Pick<PoolOptions, 'workers' | 'signal'> {
  /** Where the cells are; those that are there already are not run again. A study's folder will do. */
  readonly folder: string
  readonly onEvent?: (event: LimitEvent) => void
}

interface Resolved extends Required<Omit<StableLimitOptions, 'wiring' | 'training'>> {
  readonly setting: (value: number, seed: number) => Setting
}

/** Throws OptionError for options that cannot be. */
function resolve(options: StableLimitOptions): Resolved {
  const { task, of, learningRate = 1e-3, seeds = 3, batchSize = task.batchSize, factor = 1.2, checks = 2 } = options
  const { steps, wiring = {}, training = {} } = options
  const [low, high] = options.between
  for (const [name, value] of Object.entries({ steps, seeds, batchSize })) needPositive('stableLimit', name, value)
  if (!Number.isSafeInteger(checks) || checks < 0)
    throw new OptionError(`stableLimit: checks must be a whole number of at least 0, got ${checks}`)
  if (!(factor > 1 && factor < Infinity)) throw new OptionError(`stableLimit: factor must be > 1, got ${factor}`)
  if (!(low > 0 && high > low && high < Infinity))
    throw new OptionError(
      `stableLimit: between must be two positive numbers, the smaller first, got ${low} and ${high}`,
    )
  if (!(learningRate > 0 && learningRate < Infinity))
    throw new OptionError(`stableLimit: learningRate must be a positive number, got ${learningRate}`)
  if (of === 'depth' && !Object.hasOwn(task.options, 'depth'))
    throw new OptionError(`stableLimit: the task ${task.name} has no depth; seek its learning rate`)
  if (of === 'depth' && !(Number.isInteger(low) && Number.isInteger(high)))
    throw new OptionError(`stableLimit: between: depths are whole numbers, got ${low} and ${high}`)
  const setting = (value: number, seed: number): Setting => {
    const factors: Record<string, Json> = of === 'depth' ? { depth: value } : {}
    const arm = resolveArm({ name: 'trial', factors }, task, wiring, training)
    const rate = of === 'depth' ? learningRate : value
    return { task: task.name, ...arm, batchSize, steps, learningRate: rate, seed }
  }
  setting(low, 0)
  return { task, of, between: [low, high], steps, learningRate, seeds, batchSize, factor, checks, setting }
}

const bracketOf = ({ of, between, factor, checks }: Resolved): Bracket => ({
  ...{ between, factor, checks },
  whole: of === 'depth',
})

const planOf = (resolved: Resolved): LimitPlan => {
  const values = plannedValues(bracketOf(resolved))
  return { values, cells: values * resolved.seeds, steps: resolved.steps }
}

/** What a search tries at most. Throws OptionError for options that cannot be. */
export const limitPlan = (options: StableLimitOptions): LimitPlan => planOf(resolve(options))

/**
 * The largest depth or learning rate at which a wiring trains: short trainings at geometric midpoints between the largest
 * stable and the smallest failing value. A value is stable where every seed comes well below the loss of chance.
 *
 * Stability need not be monotone (a rate may also be too low to leave the plateau in so few steps): some trials are spent
 * in the gaps, all are kept, and a failure below a stable value is said. Trials are cells of a study in `folder`, so that
 * a search that was stopped goes on. Throws what `signal` was aborted with; OptionError for options that cannot be, and
 * where a training failed or is in the hands of another process.
 */
export async function stableLimit(
  options: StableLimitOptions,
  { folder, onEvent, workers, signal }: RunLimitOptions,
): Promise<StableLimit> {
  const resolved = resolve(options)
  const { task, of, seeds, setting } = resolved
  const plan = planOf(resolved)
  onEvent?.({ type: 'plan', plan })
  const store = directoryStore(folder)
  const train = shortTrainer(task, store)
  const open = dataOf(task)
  const trials = new Map<number, Trial>()

  const refused = async (value: number): Promise<string | null> => {
    const first = setting(value, 0)
    return refusal(task, first, await open(first.options))
  }

  const attempt = async (value: number): Promise<boolean> => {
    signal?.throwIfAborted()
    onEvent?.({ type: 'trial', value, number: trials.size + 1 })
    const settings = Array.from({ length: seeds }, (_, seed) => setting(value, seed))
    const done = await train(settings, {
      ...(workers === undefined ? {} : { workers }),
      ...(signal && { signal }),
      onEvent: (event) => onEvent?.({ type: 'cell', value, event }),
    })
    const outcomes = done.map(({ outcome }) => outcome)
    const trial = { value, outcomes, stable: outcomes.every((outcome) => outcome === 'trained') }
    trials.set(value, trial)
    onEvent?.({ type: 'result', trial })
    return trial.stable
  }

  const found = await bisection(bracketOf(resolved), attempt, refused)
  const list = [...trials.values()].toSorted((a, b) => a.value - b.value)
  const facts = { of, ...found, trials: list, plan }
  const answer = { ...facts, ...limitTexts(facts, resolved) }
  store.write('stable-limit.json', exactJson(JSON.parse(JSON.stringify(answer)) as Json, 'stable limit'))
  return answer
}

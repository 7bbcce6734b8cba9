import { OptionError } from '../../errors.ts'
import { type Json, jsonHash, type JsonObject } from '../../files/json.ts'
import { adamW } from '../../optim/adam.ts'
import { clipNorm, type Optimizer } from '../../optim/optimizer.ts'
import { choose } from '../../nn/options.ts'
import { schedules } from '../../optim/schedule.ts'
import { resolveWiring, type ResolvedWiring, type Wiring } from '../../nn/wiring/wiring.ts'
import type { Arm } from './arms.ts'
import type { Task } from './task.ts'

/** How every cell of a study is trained, but for its learning rate. */
export interface Training {
  /** Default 'constant'. */
  readonly schedule?: keyof typeof schedules
  /** Default 0. */
  readonly warmupSteps?: number
  /** Of matrices. Default 0. */
  readonly weightDecay?: number
  /** Largest global gradient norm. Default null: gradients are not clipped. */
  readonly clipNorm?: number | null
  readonly beta1?: number
  readonly beta2?: number
}

export type ResolvedTraining = Required<Training>

const defaults: ResolvedTraining = {
  schedule: 'constant',
  warmupSteps: 0,
  weightDecay: 0,
  clipNorm: null,
  beta1: 0.9,
  beta2: 0.999,
}

/** What a cell trains, with nothing left open: equal settings are one cell. */
export interface Setting {
  readonly task: string
  readonly options: JsonObject
  readonly wiring: ResolvedWiring
  readonly training: ResolvedTraining
  readonly batchSize: number
  readonly steps: number
  readonly learningRate: number
  readonly seed: number
}

/** What an arm means, before learning rate and seed. */
export type ArmSetting = Pick<Setting, 'options' | 'wiring' | 'training'>

const isTrainingField = {
  ...{ schedule: true, warmupSteps: true, weightDecay: true, clipNorm: true, beta1: true, beta2: true },
} satisfies Readonly<Record<keyof Training, true>>

/** Throws OptionError for a training of fields, or with a schedule, that are not known, and for values that cannot be. */
function resolveTraining(training: Training): ResolvedTraining {
  for (const name of Object.keys(training)) choose('study: training', isTrainingField, name)
  const resolved = { ...defaults, ...training }
  choose('study: schedule', schedules, resolved.schedule)
  for (const [name, value] of Object.entries<unknown>(resolved))
    if (name !== 'schedule' && typeof value !== 'number' && !(name === 'clipNorm' && value === null))
      throw new OptionError(`training: ${name} must be a number, got ${JSON.stringify(value)}`)
  optimizerOf({ training: resolved, learningRate: 1, steps: 1 })
  return resolved
}

const isWiringField = {
  ...{ skip: true, norm: true, placement: true, init: true },
  ...{ branchScale: true, qkNorm: true, embedNorm: true, finalNorm: true },
} satisfies Readonly<Record<keyof Wiring, true>>

const plainJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json

/**
 * What the factors of an arm mean: fields of the wiring, of the training, and options of the task.
 *
 * Throws OptionError for a factor that is none of them, and for a wiring or a training that cannot work.
 */
export function resolveArm(arm: Arm, task: Task, wiring: Wiring, training: Training): ArmSetting {
  const parts: Record<'wiring' | 'training' | 'options', Record<string, Json>> = {
    wiring: {},
    training: {},
    options: {},
  }
  for (const [factor, value] of Object.entries(arm.factors)) {
    if (Object.hasOwn(isWiringField, factor)) parts.wiring[factor] = value
    else if (Object.hasOwn(isTrainingField, factor)) parts.training[factor] = value
    else if (Object.hasOwn(task.options, factor)) parts.options[factor] = value
    else {
      const known = [...Object.keys(isWiringField), ...Object.keys(isTrainingField), ...Object.keys(task.options)]
      throw new OptionError(`study: '${arm.name}': there is no factor ${factor}; known are ${known.join(', ')}`)
    }
  }
  return {
    options: { ...(plainJson(task.options) as JsonObject), ...parts.options },
    wiring: plainJson(resolveWiring({ ...wiring, ...parts.wiring })) as unknown as ResolvedWiring,
    training: resolveTraining({ ...training, ...parts.training }),
  }
}

/** The name of a cell: the same for the same setting, on every machine. */
export const cellId = (setting: Setting): string => jsonHash(setting, 'study').slice(0, 16)

/** The optimizer of a cell. Throws OptionError for values that cannot be. */
export function optimizerOf(setting: Pick<Setting, 'training' | 'learningRate' | 'steps'>): Optimizer {
  const { learningRate: peak, steps, training } = setting
  const { schedule, warmupSteps, weightDecay, clipNorm: limit, beta1, beta2 } = training
  const learningRate = schedules[schedule]({ peak, warmupSteps, steps: Math.max(steps, warmupSteps + 1) })
  const optimizer = adamW({ learningRate, weightDecay, beta1, beta2 })
  return limit === null ? optimizer : clipNorm(limit, optimizer)
}

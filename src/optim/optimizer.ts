import type { Value } from '../graph/value.ts'
import { OptionError } from '../errors.ts'
import type { Schedule } from './schedule.ts'

/** Host numbers of one step, by name: they become scalar inputs of the step graph. */
export type Scalars = Readonly<Record<string, number>>

/** The tensors of one parameter as graph values. */
export interface Update {
  readonly parameter: Value
  readonly gradient: Value
  readonly slots: Readonly<Record<string, Value>>
  /** Whether weight decay applies to this parameter. */
  readonly decay: boolean
}

/** An update rule, defined once as graph; every device runs that graph or an implementation tested equal to it. */
export interface Optimizer {
  readonly name: string
  readonly options: Readonly<Record<string, number | boolean>>
  readonly learningRate: Schedule
  /** Largest global gradient norm; gradients beyond it are scaled down. */
  readonly clipNorm?: number
  /** Tensors kept per parameter, initially 0. */
  readonly slots: readonly string[]
  /** Names of what `scalars` gives. */
  readonly scalarNames: readonly string[]
  /** The numbers of step `step`, counted from 1. */
  readonly scalars: (step: number) => Scalars
  readonly update: (
    tensors: Update,
    scalars: Readonly<Record<string, Value>>,
  ) => {
    readonly parameter: Value
    readonly slots: Readonly<Record<string, Value>>
  }
}

/** Throws OptionError unless `value` lies in [low, high). */
export function needRange(where: string, name: string, value: number, low: number, high: number): void {
  if (!(value >= low && value < high)) {
    throw new OptionError(`${where}: ${name} must be in [${low}, ${high}), got ${value}`)
  }
}

/** Another optimizer behind a limit on the global gradient norm. Source: Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063. */
export function clipNorm(limit: number, optimizer: Optimizer): Optimizer {
  if (!(limit > 0)) throw new OptionError(`clipNorm: the limit must be positive, got ${limit}`)
  return { ...optimizer, clipNorm: limit }
}

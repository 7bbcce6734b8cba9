import { OptionError } from '../errors.ts'

/** Learning rate as a function of the step, counted from 1. */
export interface Schedule {
  readonly name: string
  readonly at: (step: number) => number
}

const needRate = (where: string, name: string, value: number): void => {
  if (!(value >= 0 && Number.isFinite(value)))
    throw new OptionError(`${where}: ${name} must be >= 0 and finite, got ${value}`)
}

const needSteps = (where: string, name: string, value: number, least: number): void => {
  if (!Number.isInteger(value) || value < least) {
    throw new OptionError(`${where}: ${name} must be an integer >= ${least}, got ${value}`)
  }
}

/** The same rate at every step. */
export function constant(rate: number): Schedule {
  needRate('constant', 'rate', rate)
  return { name: `constant(${rate})`, at: () => rate }
}

/** A number is a constant schedule. */
export const toSchedule = (rate: number | Schedule): Schedule => (typeof rate === 'number' ? constant(rate) : rate)

export interface DecayOptions {
  /** The highest rate, reached at the end of the warm-up. */
  readonly peak: number
  /** Steps of linear warm-up from 0. Default 0. */
  readonly warmupSteps?: number
  /** The step at which the final rate is reached. */
  readonly steps: number
  /** Rate from that step on. Default 0. */
  readonly final?: number
}

function decay(name: string, options: DecayOptions, shape: (progress: number) => number): Schedule {
  const { peak, warmupSteps = 0, steps, final = 0 } = options
  needRate(name, 'peak', peak)
  needRate(name, 'final', final)
  needSteps(name, 'warmupSteps', warmupSteps, 0)
  needSteps(name, 'steps', steps, warmupSteps + 1)
  return {
    name: `${name}(${peak}, ${warmupSteps}, ${steps}, ${final})`,
    at: (step) => {
      if (step <= warmupSteps) return (peak * step) / warmupSteps
      const progress = Math.min(1, (step - warmupSteps) / (steps - warmupSteps))
      return final + (peak - final) * shape(progress)
    },
  }
}

/** Linear warm-up, then a straight line down to the final rate. */
export const linear = (options: DecayOptions): Schedule => decay('linear', options, (progress) => 1 - progress)

/** Linear warm-up, then half a cosine down to the final rate. Source: Loshchilov & Hutter 2016, arXiv:1608.03983. */
export const cosine = (options: DecayOptions): Schedule =>
  decay('cosine', options, (progress) => 0.5 * (1 + Math.cos(Math.PI * progress)))

/** Schedules by name: past a linear warm-up the rate stays at the peak, or falls in a straight line or half a cosine. */
export const schedules: Readonly<Record<'constant' | 'linear' | 'cosine', (options: DecayOptions) => Schedule>> = {
  constant: ({ peak, warmupSteps = 0, steps }) =>
    warmupSteps === 0 ? constant(peak) : linear({ peak, warmupSteps, steps, final: peak }),
  linear,
  cosine,
}

export interface StepDecayOptions {
  readonly initial: number
  /** Steps between two drops. */
  readonly every: number
  /** Factor at each drop. Default 0.1. */
  readonly factor?: number
}

/** The rate times `factor` after every `every` steps. */
export function stepDecay({ initial, every, factor = 0.1 }: StepDecayOptions): Schedule {
  needRate('stepDecay', 'initial', initial)
  needRate('stepDecay', 'factor', factor)
  needSteps('stepDecay', 'every', every, 1)
  return {
    name: `stepDecay(${initial}, ${every}, ${factor})`,
    at: (step) => initial * factor ** Math.floor((step - 1) / every),
  }
}

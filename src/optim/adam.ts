import { OptionError } from '../errors.ts'
import type { Value } from '../graph/value.ts'
import { add, div, mul, sub } from '../ops/arithmetic.ts'
import { square } from '../ops/composite.ts'
import { sqrt } from '../ops/unary.ts'
import { needRange, type Optimizer } from './optimizer.ts'
import { type Schedule, toSchedule } from './schedule.ts'

export interface AdamOptions {
  readonly learningRate: number | Schedule
  /** Decay of the first moment. Default 0.9. */
  readonly beta1?: number
  /** Decay of the second moment. Default 0.999. */
  readonly beta2?: number
  /** Added to the root of the second moment. Default 1e-8. */
  readonly epsilon?: number
}

export interface AdamWOptions extends AdamOptions {
  /** Share of the rate by which matrices shrink each step; norms, biases and scalars never. Default 0.01. */
  readonly weightDecay?: number
}

function adamFamily(name: string, options: AdamOptions, weightDecay: number): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options
  needRange(name, 'beta1', beta1, 0, 1)
  needRange(name, 'beta2', beta2, 0, 1)
  if (!(epsilon > 0 && epsilon < Infinity)) {
    throw new OptionError(`${name}: epsilon must be positive and finite, got ${epsilon}`)
  }
  needRange(name, 'weightDecay', weightDecay, 0, Infinity)
  const learningRate = toSchedule(options.learningRate)
  return {
    name,
    options: { beta1, beta2, epsilon, weightDecay },
    learningRate,
    slots: ['m', 'v'],
    scalarNames: ['rate', 'inverseRoot', 'shrink'],
    scalars: (step) => ({
      rate: learningRate.at(step) / (1 - beta1 ** step),
      inverseRoot: 1 / Math.sqrt(1 - beta2 ** step),
      shrink: 1 - learningRate.at(step) * weightDecay,
    }),
    update: ({ parameter, gradient, slots, decay }, scalars) => {
      const { rate, inverseRoot, shrink } = scalars as { rate: Value; inverseRoot: Value; shrink: Value }
      const m = add(mul(slots.m!, beta1), mul(gradient, 1 - beta1))
      const v = add(mul(slots.v!, beta2), mul(square(gradient), 1 - beta2))
      const root = add(mul(sqrt(v), inverseRoot), epsilon)
      const kept = decay && weightDecay > 0 ? mul(parameter, shrink) : parameter
      return { parameter: sub(kept, mul(div(m, root), rate)), slots: { m, v } }
    },
  }
}

/**
 * Adam: `m <- b1 m + (1 - b1) g`, `v <- b2 v + (1 - b2) g^2`, `p <- p - rate m^ / (sqrt(v^) + epsilon)` with the biases
 * of m and v corrected. Source: Kingma & Ba 2014, arXiv:1412.6980.
 */
export const adam = (options: AdamOptions): Optimizer => adamFamily('adam', options, 0)

/** Adam with decoupled weight decay: `p <- (1 - rate decay) p - ...`. Source: Loshchilov & Hutter 2017, arXiv:1711.05101. */
export const adamW = ({ weightDecay = 0.01, ...options }: AdamWOptions): Optimizer =>
  adamFamily('adamW', options, weightDecay)

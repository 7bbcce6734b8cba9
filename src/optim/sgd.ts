import { OptionError } from '../errors.ts'
import type { Value } from '../graph/value.ts'
import { add, mul, sub } from '../ops/arithmetic.ts'
import { needRange, type Optimizer } from './optimizer.ts'
import { type Schedule, toSchedule } from './schedule.ts'

export interface SgdOptions {
  readonly learningRate: number | Schedule
  /** Default 0. */
  readonly momentum?: number
  /** Look ahead along the momentum. Default false. Source: Nesterov 1983; Sutskever et al. 2013. */
  readonly nesterov?: boolean
  /** Added to the gradient as `decay * p`, on matrices only. Default 0. */
  readonly weightDecay?: number
}

/**
 * Stochastic gradient descent: `u <- momentum u + g`, `p <- p - rate u` (Nesterov: `p - rate (g + momentum u)`).
 *
 * Slots: `momentum` where there is any.
 */
export function sgd(options: SgdOptions): Optimizer {
  const { momentum = 0, nesterov = false, weightDecay = 0 } = options
  needRange('sgd', 'momentum', momentum, 0, 1)
  needRange('sgd', 'weightDecay', weightDecay, 0, Infinity)
  if (nesterov && momentum === 0) throw new OptionError('sgd: nesterov needs a momentum above 0')
  const learningRate = toSchedule(options.learningRate)
  return {
    name: 'sgd',
    options: { momentum, nesterov, weightDecay },
    learningRate,
    slots: momentum > 0 ? ['momentum'] : [],
    scalarNames: ['rate'],
    scalars: (step) => ({ rate: learningRate.at(step) }),
    update: ({ parameter, gradient, slots, decay }, scalars) => {
      const { rate } = scalars as { rate: Value }
      const g = decay && weightDecay > 0 ? add(gradient, mul(parameter, weightDecay)) : gradient
      const { momentum: old } = slots
      if (old === undefined) return { parameter: sub(parameter, mul(g, rate)), slots: {} }
      const velocity = add(mul(old, momentum), g)
      const direction = nesterov ? add(g, mul(velocity, momentum)) : velocity
      return { parameter: sub(parameter, mul(direction, rate)), slots: { momentum: velocity } }
    },
  }
}

import { OptionError } from '../errors.ts'
import { choose } from '../nn/options.ts'
import { adam, adamW } from '../optim/adam.ts'
import { clipNorm, type Optimizer } from '../optim/optimizer.ts'
import { type Schedule, schedules } from '../optim/schedule.ts'
import { sgd } from '../optim/sgd.ts'
import type { Settings } from './settings.ts'

type Rule = (settings: Settings, learningRate: Schedule) => Optimizer

const decayed = ({ weightDecay }: Settings): { weightDecay?: number } => (weightDecay === null ? {} : { weightDecay })

/** The update rules that `--optimizer` knows, and the learning rate each has by default. */
export const rules: Readonly<Record<string, { readonly learningRate: number; readonly make: Rule }>> = {
  adamW: { learningRate: 1e-3, make: (settings, learningRate) => adamW({ learningRate, ...decayed(settings) }) },
  adam: { learningRate: 1e-3, make: (_, learningRate) => adam({ learningRate }) },
  sgd: {
    learningRate: 1e-2,
    make: (settings, learningRate) => sgd({ learningRate, momentum: settings.momentum ?? 0, ...decayed(settings) }),
  },
}

/** The optimizer of a training of `steps` updates. Throws OptionError for options that do not go together. */
export function optimizerOf(settings: Settings, steps: number): Optimizer {
  const { optimizer, learningRate: peak, schedule, warmup: warmupSteps, momentum, weightDecay } = settings
  if (momentum !== null && optimizer !== 'sgd') throw new OptionError('--momentum: only sgd has one')
  if (weightDecay !== null && optimizer === 'adam') throw new OptionError('--weight-decay: adam has none, use adamW')
  if (warmupSteps >= steps) {
    throw new OptionError(`--warmup: expected fewer steps than the ${steps} of the training, got ${warmupSteps}`)
  }
  const learningRate = choose('--schedule', schedules, schedule)({ peak, warmupSteps, steps })
  const rule = choose('--optimizer', rules, optimizer).make(settings, learningRate)
  return settings.clipNorm === null ? rule : clipNorm(settings.clipNorm, rule)
}

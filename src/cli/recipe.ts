import type { SpecifiedNet } from '../models/spec.ts'
import { crossEntropy, meanSquaredError } from '../nn/loss.ts'
import { accuracy, meanAbsoluteError } from '../train/metrics.ts'
import type { Recipe } from '../train/step.ts'
import { optimizerOf } from './optimizer.ts'
import type { Settings } from './settings.ts'
import type { Source } from './source.ts'

/** What a training with these settings computes in a step of `steps`. */
export function recipeOf(settings: Settings, { train, task }: Source, net: SpecifiedNet, steps: number): Recipe {
  const classify = task === 'classify'
  return {
    net,
    inputs: train.inputs,
    targets: train.targets,
    loss: classify ? crossEntropy : meanSquaredError,
    metrics: classify ? { accuracy } : { meanAbsoluteError },
    optimizer: optimizerOf(settings, steps),
    ...(settings.probes === null ? {} : { probes: settings.probes }),
  }
}

import type { SpecifiedNet } from '../models/spec.ts'
import { crossEntropy, crossEntropyWith, meanSquaredError } from '../nn/loss.ts'
import { accuracy, crossEntropy as perToken, meanAbsoluteError } from '../train/metrics.ts'
import type { Recipe } from '../train/step.ts'
import { optimizerOf } from './optimizer.ts'
import type { Settings } from './settings.ts'
import type { Source, Task } from './source.ts'
import type { GptSettings } from './train-gpt.ts'

type Measures = Pick<Recipe, 'loss' | 'metrics' | 'recompute'>

const measures: Readonly<Record<Task, Measures>> = {
  classify: { loss: crossEntropy, metrics: { accuracy } },
  regress: { loss: meanSquaredError, metrics: { meanAbsoluteError } },
}

const ofText = ({ zLoss, recompute }: GptSettings): Measures => ({
  ...(zLoss === 0
    ? { loss: crossEntropy, metrics: {} }
    : { loss: crossEntropyWith({ zLoss }), metrics: { crossEntropy: perToken } }),
  ...(recompute === null ? {} : { recompute }),
})

/** What a training with these settings computes in a step of `steps`. */
export function recipeOf(settings: Settings, { train, task }: Source, net: SpecifiedNet, steps: number): Recipe {
  return {
    net,
    inputs: train.inputs,
    targets: train.targets,
    ...(settings.gpt ? ofText(settings.gpt) : measures[task]),
    optimizer: optimizerOf(settings, steps),
    ...(settings.probes === null ? {} : { probes: settings.probes }),
  }
}

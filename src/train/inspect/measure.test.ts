import { describe, expect, test } from 'vitest'
import { gpt } from '../../models/gpt.ts'
import { mlp } from '../../models/mlp.ts'
import { resnet } from '../../models/resnet.ts'
import { crossEntropy } from '../../nn/loss.ts'
import { adamW } from '../../optim/adam.ts'
import type { Recipe } from '../step.ts'
import { inspect } from './inspect.ts'
import { measureFootprint } from './measure.ts'

const common = { loss: crossEntropy, metrics: {}, optimizer: adamW({ learningRate: 1e-3 }) }
const rows = (features: number): Pick<Recipe, 'inputs' | 'targets'> => ({
  inputs: { dtype: 'float32', shape: [features] },
  targets: { dtype: 'int32', shape: [] },
})
const sequences = { dtype: 'int32', shape: [128] } as const

const image = { channels: 3, height: 32, width: 32 }
const nets: readonly [name: string, recipe: Recipe, batchSize: number][] = [
  ['deep mlp', { ...common, ...rows(256), net: mlp({ depth: 32, width: 128, outputs: 10, wiring: {} }) }, 1024],
  ['resnet', { ...common, ...rows(3072), net: resnet({ depth: 20, outputs: 10, image }) }, 32],
  [
    'gpt',
    {
      ...common,
      inputs: sequences,
      targets: sequences,
      net: gpt({ layers: 4, heads: 4, width: 128, vocabulary: 512, context: 128 }),
    },
    8,
  ],
]

describe.runIf(process.platform === 'linux')('live tensors: computed and measured agree within 15%', () => {
  test.each(
    nets.flatMap(([name, recipe, batchSize]) =>
      [true, false].map((fusedUpdate) => ({ name, recipe: { ...recipe, fusedUpdate }, batchSize, fusedUpdate })),
    ),
  )('$name, fused update: $fusedUpdate', async ({ recipe, batchSize }) => {
    const { peak } = inspect(recipe, { batchSize }).bytes
    const { live, resident } = await measureFootprint(recipe, { batchSize }, 1)
    expect(peak / live).toBeGreaterThan(0.85)
    expect(peak / live).toBeLessThan(1.15)
    expect(resident).toBeGreaterThan(0.8 * live)
  })

  test('accumulation', async () => {
    const [, recipe] = nets[0]!
    const options = { batchSize: 512, accumulate: 2 }
    const { live } = await measureFootprint(recipe, options, 1)
    const ratio = inspect(recipe, options).bytes.peak / live
    expect(Math.abs(ratio - 1)).toBeLessThan(0.15)
  })
})

import { expect, test } from 'vitest'
import { type FunctionCase, type LossOptions, loadFixture } from '../../test/fixtures/load.ts'
import { differentiated, expectRecorded, float32, float64, runOnnx } from '../../test/run-layer.ts'
import { type Graph, graph } from '../graph/graph.ts'
import { input, type Value } from '../graph/value.ts'
import { evaluate } from '../runtime/reference.ts'
import { type HostTensor, tensor } from '../tensor.ts'
import { binaryCrossEntropy, crossEntropy, meanSquaredError } from './loss.ts'

function traceLoss({ options, inputs }: FunctionCase<LossOptions>, dtype: 'float32' | 'float64'): Graph {
  const leaf = (name: string): Value => input(name, dtype, inputs[name]!.shape)
  const traced = (name: string, loss: (output: Value) => Value): Graph => {
    const output = leaf(name)
    return differentiated({ loss: loss(output) }, { [name]: output })
  }
  switch (options.loss) {
    case 'meanSquaredError':
      return traced('prediction', (output) => meanSquaredError(output, leaf('target')))
    case 'binaryCrossEntropy':
      return traced('logits', (logits) => binaryCrossEntropy(logits, leaf('target')))
    case 'crossEntropy': {
      const { loss: _, ...rest } = options
      const { labels, classWeights } = inputs
      const weights = classWeights && { classWeights: Array.from(classWeights.data) }
      return traced('logits', (logits) =>
        crossEntropy(logits, input('labels', 'int32', labels!.shape), { ...rest, ...weights }),
      )
    }
  }
}

test.each(loadFixture('losses'))('$name', async (recorded) => {
  expectRecorded(evaluate(traceLoss(recorded, 'float64'), recorded.inputs), recorded, float64)
  expectRecorded(await runOnnx(traceLoss(recorded, 'float32'), recorded.inputs), recorded, float32)
})

const logits = (): Value => input('logits', 'float32', [3, 2])
const targets = (): Value => input('targets', 'int32', [3])

test('what the loss cannot take is refused', () => {
  expect(() => crossEntropy(logits(), targets(), { labelSmoothing: 1 })).toThrowErrorMatchingInlineSnapshot(
    `[OptionError: crossEntropy: labelSmoothing must be in [0, 1), got 1]`,
  )
  expect(() => crossEntropy(logits(), targets(), { classWeights: [1, 2, 3] })).toThrowErrorMatchingInlineSnapshot(
    `[OptionError: crossEntropy: 2 classes need as many weights, got 3]`,
  )
  const oneHot = input('targets', 'int32', [3, 2])
  expect(() => crossEntropy(logits(), oneHot)).toThrow('pass class indices, not one-hot rows')
})

test('a class of weight 0 and an ignored row count for nothing', () => {
  const loss = crossEntropy(logits(), targets(), { classWeights: [0, 3], ignoreIndex: -1 })
  const feeds = (values: readonly number[]): Record<string, HostTensor> => ({
    logits: tensor(values, [3, 2]),
    targets: tensor([0, 1, -1], [3], 'int32'),
  })
  const lossOf = (values: readonly number[]): number => evaluate(graph({ loss }), feeds(values)).loss!.data[0]!
  expect(lossOf([1, 2, 0, 0, 5, 6])).toBeCloseTo(Math.log(2), 12)
  expect(lossOf([9, 8, 0, 0, -7, 3])).toBeCloseTo(Math.log(2), 12)
})

import { expect, test } from 'vitest'
import { type FunctionCase, type LossOptions, loadFixture } from '../../test/fixtures/load.ts'
import { checkGrad } from '../../test/check-grad.ts'
import { differentiated, expectRecorded, float32, float64, runOnnx } from '../../test/run-layer.ts'
import { type Graph, graph } from '../graph/graph.ts'
import { input, type Value } from '../graph/value.ts'
import { evaluate } from '../runtime/reference.ts'
import { type HostTensor, tensor } from '../tensor.ts'
import {
  binaryCrossEntropy,
  crossEntropy,
  type CrossEntropyOptions,
  crossEntropyWith,
  meanSquaredError,
} from './loss.ts'

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

test('z-loss adds its factor times the mean of (log sum exp)^2, over the rows that count and by their weights', () => {
  const rows = [
    [0.5, -1],
    [2, 3],
    [-4, 1],
  ]
  const classes = [1, 0, -1]
  const logSums = rows.map((row) => Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0)))
  const losses = rows.map((row, i) => logSums[i]! - (row[classes[i]!] ?? 0))
  const feeds = { logits: tensor(rows.flat(), [3, 2], 'float64'), targets: tensor(classes, [3], 'int32') }
  const valueOf = (options: CrossEntropyOptions): number => {
    const x = input('logits', 'float64', [3, 2])
    return evaluate(graph({ loss: crossEntropyWith({ ignoreIndex: -1, ...options })(x, targets()) }), feeds).loss!
      .data[0]!
  }
  const row = (i: number, factor: number): number => losses[i]! + factor * logSums[i]! ** 2
  expect(valueOf({ zLoss: 0.1 })).toBeCloseTo((row(0, 0.1) + row(1, 0.1)) / 2, 12)
  expect(valueOf({ zLoss: 0.1, classWeights: [1, 3] })).toBeCloseTo((3 * row(0, 0.1) + row(1, 0.1)) / 4, 12)
  const smooth = valueOf({ zLoss: 0.1, labelSmoothing: 0.5 }) - valueOf({ labelSmoothing: 0.5 })
  expect(smooth).toBeCloseTo((0.1 * (logSums[0]! ** 2 + logSums[1]! ** 2)) / 2, 12)
  expect(() => valueOf({ zLoss: -1 })).toThrow('crossEntropy: zLoss must be >= 0 and finite, got -1')
})

test('the gradient of z-loss is that of its value', () => {
  const shape = { logits: tensor([0.5, -1, 2, 3, -4, 1], [3, 2], 'float64'), targets: tensor([1, 0, -1], [3], 'int32') }
  const loss = crossEntropyWith({ zLoss: 0.3, ignoreIndex: -1, classWeights: [1, 3] })
  checkGrad((x, labels) => loss(x, labels), Object.values(shape))
})

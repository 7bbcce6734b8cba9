import { checkLabels } from '../data/arrays.ts'
import { inOrder } from '../data/batch.ts'
import { column } from '../data/column.ts'
import type { Dataset } from '../data/dataset.ts'
import { OptionError } from '../errors.ts'
import type { Layer } from '../graph/scope.ts'
import { type Loss, meanSquaredError } from '../nn/loss.ts'
import { needPositive } from '../nn/options.ts'
import { add, mul } from '../ops/arithmetic.ts'
import { oneHot } from '../ops/gather.ts'
import type { Optimizer } from '../optim/optimizer.ts'
import type { EngineOptions } from '../runtime/engine.ts'
import { allocate, type HostTensor, type Shape, tensor, typeText } from '../tensor.ts'
import { compile } from './compile.ts'
import { mostExamples } from './measure.ts'
import type { Metric } from './metrics.ts'
import type { Measured, Model } from './model.ts'

export interface StagewiseOptions<M extends string = string> extends EngineOptions {
  /** How many stages to fit, one after the other. */
  readonly stages: number
  /** The net of stage t, counted from 0; its output has the shape of the targets, one-hot where they are classes. */
  readonly stage: (t: number) => Layer
  readonly train: Dataset
  readonly test: Dataset
  /** Fits each stage, from its own step 1. */
  readonly optimizer: Optimizer
  readonly stepsPerStage: number
  /** Default 32. */
  readonly batchSize?: number
  /** Share of each stage that is added, in (0, 1]. Default 1. */
  readonly shrinkage?: number
  /** What is measured on the test data beside the mean squared residual, by name. */
  readonly metrics?: Readonly<Record<M, Metric>>
  /** Decides initial values, data order and noise. Default 0. */
  readonly seed?: number
  /** Ends the fit after the step in progress. */
  readonly signal?: AbortSignal
}

/** What is known once a stage has been added. */
export interface Stage<M extends string = string> {
  /** Mean of `(y - F(x))^2` over the training examples and their outputs. */
  readonly residual: number
  /** The same on the test data, as `loss`, and the metrics. */
  readonly test: Measured<M>
}

export interface Stagewise<M extends string = string> {
  readonly stages: readonly Stage<M>[]
  /** The sum of all stages; the parameters of stage t lie under `t`. */
  readonly model: Model<M>
}

const squaredResidual: Loss = (output, targets) =>
  meanSquaredError(output, targets.dtype === 'int32' ? oneHot(targets, output.shape.at(-1) ?? 0) : targets)

/** The targets as numbers to fit: a row of 0 and 1 for each class index. */
function wanted({ name, size, targets, classes }: Dataset): { data: Float32Array; shape: Shape } {
  const rows = Uint32Array.from({ length: size }, (_, row) => row)
  const values = allocate({ dtype: targets.dtype, shape: [size, ...targets.shape] }) as Float32Array | Int32Array
  targets.gather(rows, values)
  if (values instanceof Float32Array) return { data: values, shape: targets.shape }
  if (classes === undefined) {
    throw new OptionError(
      `stagewise: expected numbers or classes as targets of ${name}, got int32; give it \`classes\``,
    )
  }
  checkLabels(values, classes, name)
  const data = new Float32Array(values.length * classes)
  for (const [i, label] of values.entries()) data[i * classes + label] = 1
  return { data, shape: [...targets.shape, classes] }
}

/** Takes `share` of what a model predicts from the numbers that are left. */
async function subtract(model: Model, data: Dataset, share: number, left: Float32Array): Promise<void> {
  let at = 0
  for (const { inputs, size } of inOrder(data, mostExamples)) {
    const predicted = await model.predict(tensor(inputs, [size, ...data.inputs.shape]))
    for (const value of predicted.data) {
      left[at] = left[at]! - share * value
      at++
    }
  }
}

const meanSquare = (values: Float32Array): number =>
  values.reduce((total, value) => total + value * value, 0) / values.length

const sumOf =
  (layers: readonly Layer[], share: number): Layer =>
  (s, x) =>
    layers.map((layer, t) => mul(layer(s.in(t), x), share)).reduce((total, value) => add(total, value))

function needOptions({ stages, stepsPerStage, shrinkage = 1, train, test }: StagewiseOptions): void {
  needPositive('stagewise', 'stages', stages)
  needPositive('stagewise', 'stepsPerStage', stepsPerStage)
  if (!(shrinkage > 0 && shrinkage <= 1))
    throw new OptionError(`stagewise: shrinkage must be in (0, 1], got ${shrinkage}`)
  const typesOf = ({ inputs, targets }: Dataset): string => `${typeText(inputs)} and ${typeText(targets)}`
  if (typesOf(test) !== typesOf(train)) {
    throw new OptionError(
      `stagewise: expected ${typesOf(train)} per test example, as in training, got ${typesOf(test)} in ${test.name}`,
    )
  }
}

/**
 * Fits a sum of nets stage by stage, with no gradient through earlier stages: `F_t = F_(t-1) + shrinkage h_t` with
 * `F_(-1) = 0`, where h_t fits the residual `y - F_(t-1)(x)` by least squares. Class indices y are taken one-hot.
 *
 * Where h_t is the least-squares fit of a net that can scale its output, the mean squared residual falls by
 * `shrinkage (2 - shrinkage) mean(h_t^2)`. Throws as `compile` and `fit` do, what `signal` was aborted with, and OptionError
 * for options out of range.
 *
 * Source: Friedman 2001, Greedy function approximation (LS_Boost); for the blocks of a residual net, whose stages see
 * features instead of the input: Huang et al. 2018, BoostResNet, arXiv:1706.04964.
 */
export async function stagewise<M extends string = never>(options: StagewiseOptions<M>): Promise<Stagewise<M>> {
  needOptions(options)
  const { stages: count, stage, train, test, stepsPerStage, batchSize = 32, shrinkage = 1, signal, ...shared } = options
  const { data: residual, shape } = wanted(train)
  const { inputs, size } = train
  const left: Dataset = { name: `residual of ${train.name}`, size, inputs, targets: column(residual, shape) }
  const layers = Array.from({ length: count }, (_, t) => stage(t))
  const weights: Record<string, HostTensor> = {}
  const stages: Stage<M>[] = []
  let model: Model<M> | undefined
  for (const [t, layer] of layers.entries()) {
    await model?.close()
    signal?.throwIfAborted()
    const net: Layer = (s, x) => layer(s.in(t), x)
    const fitted = await compile(net, { ...shared, metrics: {}, train: left, loss: meanSquaredError })
    try {
      await fitted.fit({ steps: stepsPerStage, batchSize, progress: false, ...(signal && { signal }) })
      signal?.throwIfAborted()
      await subtract(fitted, left, shrinkage, residual)
      Object.assign(weights, await fitted.weights())
    } finally {
      await fitted.close()
    }
    model = await compile(sumOf(layers.slice(0, t + 1), shrinkage), { ...shared, train, loss: squaredResidual })
    try {
      await model.setWeights(weights)
      stages.push({ residual: meanSquare(residual), test: await model.evaluate(test) })
    } catch (error) {
      await model.close()
      throw error
    }
  }
  return { stages, model: model! }
}

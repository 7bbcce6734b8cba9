import { expect, test } from 'vitest'
import { bits, closing, fresh, points } from '../../test/training.ts'
import { writeTinyMnist } from '../../test/tiny-mnist.ts'
import { arrays } from '../data/arrays.ts'
import type { Dataset } from '../data/dataset.ts'
import { mnist } from '../data/mnist.ts'
import { spiral } from '../data/synthetic.ts'
import { DataError, OptionError, ShapeError } from '../errors.ts'
import { type Layer, trace } from '../graph/scope.ts'
import { normal, zeros } from '../nn/init.ts'
import { initialize } from '../nn/initialize.ts'
import { linear } from '../nn/linear.ts'
import { sequential } from '../nn/sequential.ts'
import { sliceAxis } from '../ops/slice.ts'
import { relu } from '../ops/unary.ts'
import { adamW } from '../optim/adam.ts'
import type { Optimizer } from '../optim/optimizer.ts'
import { sgd } from '../optim/sgd.ts'
import { tensor } from '../tensor.ts'
import { accuracy, meanAbsoluteError } from './metrics.ts'
import { stagewise, type StagewiseOptions } from './stagewise.ts'

/** y [40, 2] from three features: not a sum of what the stages can say, so that something is left. */
const features = Array.from({ length: 40 }, (_, i) => [
  Math.sin(1.3 * i) + 0.2,
  Math.cos(2.1 * i),
  Math.sin(1.3 * i) + Math.cos(0.7 * i),
])
const wanted = features.map(([a = 0, b = 0, c = 0]) => [a * b + c, Math.abs(a) - 2 * c])
const regression = arrays({ inputs: features, targets: wanted, name: 'regression' })

/** Sees one feature. */
const onFeature = (at: number): Layer => {
  const own = linear(2)
  return (s, x) => own(s, sliceAxis(x, 1, at, 1))
}

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

/** The line of least squares through (x, y). */
function line(x: readonly number[], y: readonly number[]): { slope: number; offset: number } {
  const [meanX, meanY] = [meanOf(x), meanOf(y)]
  const covariance = meanOf(x.map((value, i) => (value - meanX) * (y[i]! - meanY)))
  const slope = covariance / meanOf(x.map((value) => (value - meanX) ** 2))
  return { slope, offset: meanY - slope * meanX }
}

test.each([1, 0.5])('stages of least squares equal those solved in closed form, at shrinkage %d', async (shrinkage) => {
  const { stages, model } = await stagewise({
    stages: 4,
    stage: (t) => onFeature(t % 3),
    train: regression,
    test: regression,
    optimizer: sgd({ learningRate: 0.4 }),
    stepsPerStage: 120,
    batchSize: 40,
    shrinkage,
    threads: 1,
    metrics: { meanAbsoluteError },
  })
  closing(model)

  let left = wanted.map((row) => row.slice())
  const square = (rows: readonly (readonly number[])[]): number => meanOf(rows.flat().map((value) => value ** 2))
  for (const [t, { residual, test: tested }] of stages.entries()) {
    const x = features.map((row) => row[t % 3]!)
    const lines = [0, 1].map((output) =>
      line(
        x,
        left.map((row) => row[output]!),
      ),
    )
    const h = x.map((value) => lines.map(({ slope, offset }) => slope * value + offset))
    const before = square(left)
    left = left.map((row, i) => row.map((value, output) => value - shrinkage * h[i]![output]!))
    expect(residual).toBeCloseTo(square(left), 5)
    expect(residual).toBeCloseTo(before - shrinkage * (2 - shrinkage) * square(h), 5)
    expect(tested.loss).toBeCloseTo(residual, 5)
    expect(tested.meanAbsoluteError).toBeCloseTo(meanOf(left.flat().map(Math.abs)), 5)
  }
  expect(stages).toHaveLength(4)
  const predicted = await model.predict(tensor(features.flat(), [40, 3]))
  wanted.flat().forEach((value, i) => {
    expect(predicted.data[i]).toBeCloseTo(value - left.flat()[i]!, 5)
  })
  await model.close()
})

/** Starts at zero, so that descent from there can only lower the residual. */
const fromZero = (width: number): Layer => sequential(linear(width), (_, x) => relu(x), linear(3, { init: zeros }))

const onPoints: StagewiseOptions<'accuracy'> = {
  stages: 4,
  stage: () => fromZero(8),
  train: points,
  test: spiral({ points: 20, seed: 1 }),
  optimizer: sgd({ learningRate: 0.1 }),
  stepsPerStage: 60,
  batchSize: 60,
  threads: 1,
  metrics: { accuracy },
}

test('the residual falls every stage, and the predictions of the stages add up', async () => {
  const shrinkage = 0.7
  const { stages, model } = await stagewise({ ...onPoints, shrinkage })
  closing(model)
  const residuals = [1 / 3, ...stages.map(({ residual }) => residual)] // of one-hot rows, the residual of F = 0
  for (const [t, residual] of residuals.slice(1).entries()) expect(residual).toBeLessThan(residuals[t]!)

  const weights = await model.weights()
  const at = (t: number, name: string): number[] => [...weights[`${t}.${name}`]!.data]
  const affine = (x: readonly number[], weight: readonly number[], bias: readonly number[]): number[] =>
    bias.map((b, unit) => x.reduce((sum, value, i) => sum + value * weight[unit * x.length + i]!, b))
  const x = [0.3, -0.6]
  const outputs = stages.map((_, t) => {
    const hidden = affine(x, at(t, '0.weight'), at(t, '0.bias'))
    return affine(
      hidden.map((value) => Math.max(0, value)),
      at(t, '2.weight'),
      at(t, '2.bias'),
    )
  })
  const predicted = await model.predict(tensor(x, [1, 2]))
  predicted.data.forEach((value, unit) => {
    expect(value).toBeCloseTo(shrinkage * outputs.reduce((sum, output) => sum + output[unit]!, 0), 5)
  })
  expect(stages.at(-1)!.test).toEqual(await model.evaluate(onPoints.test))
})

test('the same seed gives the same stages, another others; each stage draws its own initial values', async () => {
  const short = { ...onPoints, stages: 2, stepsPerStage: 3, batchSize: 16 }
  const run = async (seed: number): Promise<unknown> => {
    const { stages, model } = await stagewise({ ...short, seed })
    return { stages, weights: bits(await closing(model).weights()) }
  }
  const once = await run(1)
  expect(await run(1)).toEqual(once)
  expect(await run(2)).not.toEqual(once)

  const { model } = await stagewise({ ...short, optimizer: sgd({ learningRate: 0 }), seed: 3 })
  const drawn = await closing(model).weights()
  const net: Layer = (s, x) => linear(8)(s.in(0).in(0), linear(2)(s.in(1).in(0), x))
  const expected = initialize(trace(net, 'float32', [1, 2]).parameters.values(), 3)
  expect(drawn['0.0.weight']).toEqual(expected['0.0.weight'])
  expect(drawn['1.0.weight']!.data).not.toEqual(drawn['0.0.weight']!.data)
})

test('fits the digits of a small MNIST; the sum of the stages trains on', async () => {
  const folder = fresh('mnist')
  writeTinyMnist(folder)
  const { train, test: held } = await mnist({ folder })
  const { stages, model } = await stagewise({
    stages: 3,
    stage: () => sequential(linear(4), (_, x) => relu(x), linear(10, { init: normal(0.1) })),
    train,
    test: held,
    optimizer: adamW({ learningRate: 0.01 }),
    stepsPerStage: 30,
    threads: 1,
    metrics: { accuracy },
  })
  closing(model)
  const residuals = [0.1, ...stages.map(({ residual }) => residual)]
  for (const [t, residual] of residuals.slice(1).entries()) expect(residual).toBeLessThan(residuals[t]!)
  const [first, , third] = stages
  expect(third!.test.accuracy).toBeGreaterThan(first!.test.accuracy)
  await model.fit({ epochs: 2, progress: false })
  expect((await model.evaluate(held)).loss).toBeLessThan(third!.test.loss)
})

test('a signal ends it after the step in progress, with what it was aborted with', async () => {
  const reason = new Error('enough')
  await expect(stagewise({ ...onPoints, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)

  const stop = new AbortController()
  const steps: number[] = []
  const inSecondStage: Optimizer = {
    ...onPoints.optimizer,
    learningRate: {
      name: 'watched',
      at: (step) => {
        if (steps.push(step) > onPoints.stepsPerStage + 10) stop.abort(reason)
        return 0.1
      },
    },
  }
  await expect(stagewise({ ...onPoints, optimizer: inSecondStage, signal: stop.signal })).rejects.toBe(reason)
  expect(steps.length).toBeLessThan(2 * onPoints.stepsPerStage)
})

const labels: Dataset = arrays({ inputs: [[0], [1]], targets: Int32Array.of(0, 1), name: 'labels' })

test.each<[Partial<StagewiseOptions<'accuracy'>>, new () => Error, string]>([
  [{ stages: 0 }, OptionError, 'stagewise: stages must be a positive integer, got 0'],
  [{ stepsPerStage: 1.5 }, OptionError, 'stagewise: stepsPerStage must be a positive integer, got 1.5'],
  [{ shrinkage: 0 }, OptionError, 'stagewise: shrinkage must be in (0, 1], got 0'],
  [{ shrinkage: 1.1 }, OptionError, 'stagewise: shrinkage must be in (0, 1], got 1.1'],
  [{ shrinkage: NaN }, OptionError, 'stagewise: shrinkage must be in (0, 1], got NaN'],
  [
    { test: regression },
    OptionError,
    'stagewise: expected float32[2] and int32[] per test example, as in training, got float32[3] and float32[2] in regression',
  ],
  [
    { train: labels, test: labels },
    OptionError,
    'stagewise: expected numbers or classes as targets of labels, got int32; give it `classes`',
  ],
  [
    { train: { ...points, classes: 2 } },
    DataError,
    'spiral: targets: expected class indices from 0 to 1, got 2 in row 2',
  ],
  [{ stage: () => linear(2) }, ShapeError, 'meanSquaredError: output float32[2, 2] and targets float32[2, 3] must'],
])('refuses %o', async (wrong, type, message) => {
  const refused = stagewise({ ...onPoints, ...wrong })
  await expect(refused).rejects.toThrow(type)
  await expect(refused).rejects.toThrow(message)
})

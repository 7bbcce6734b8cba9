import { readFileSync } from 'node:fs'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { expectClose } from '../../test/close.ts'
import { bits, closing, collect, fresh, points, small, smallNet } from '../../test/training.ts'
import { OptionError } from '../errors.ts'
import type { Layer } from '../graph/scope.ts'
import { mlp } from '../models/mlp.ts'
import { dropout } from '../nn/dropout.ts'
import { linear } from '../nn/linear.ts'
import { crossEntropy } from '../nn/loss.ts'
import { batchNorm } from '../nn/norms/batch.ts'
import { sequential } from '../nn/sequential.ts'
import { relu } from '../ops/unary.ts'
import { adamW } from '../optim/adam.ts'
import { sgd } from '../optim/sgd.ts'
import { random } from '../random.ts'
import { type HostTensor, tensor } from '../tensor.ts'
import { load } from './compile.ts'
import { readSafetensors } from '../files/safetensors.ts'
import { readRun } from './files/run-folder.ts'
import { accuracy } from './metrics.ts'
import type { Model } from './model.ts'

function inputs(count: number): HostTensor {
  const source = random(1, 'inputs')
  return tensor(Float32Array.from({ length: 2 * count }, source.normal), [count, 2])
}

async function runExported(path: string, x: HostTensor): Promise<HostTensor> {
  const session = await InferenceSession.create(readFileSync(path), { intraOpNumThreads: 1 })
  const { output } = await session.run({ inputs: new Tensor('float32', x.data as Float32Array, x.shape) })
  await session.release()
  return { dtype: 'float32', shape: output?.dims ?? [], data: output?.data as Float32Array<ArrayBuffer> }
}

const nets: Record<string, () => Layer> = {
  plain: () => smallNet(),
  'batch norm': () => smallNet(batchNorm()),
  dropout: () => smallNet(dropout(0.5)),
  mlp: () =>
    mlp({
      ...{ depth: 2, width: 8, outputs: 3, dropout: 0.3 },
      wiring: { skip: 'identity', norm: 'batch', placement: 'pre' },
    }),
}

describe.each(Object.keys(nets))('a net with %s', (name) => {
  const trained = async (): Promise<Model<'accuracy'>> => {
    const model = await small((nets[name] as () => Layer)(), { metrics: { accuracy } })
    await collect(model.train({ steps: 9, batchSize: 20 }))
    return model
  }

  test('predicts the same at every batch size, exported or not, as it is evaluated', async () => {
    const model = await trained()
    const path = `${fresh()}.onnx`
    await model.export(path)
    const all = await model.predict(inputs(64))
    expect(all.shape).toEqual([64, 3])
    for (const count of [1, 3, 64]) {
      const predicted = await model.predict(inputs(count))
      expectClose(
        predicted,
        { ...all, shape: [count, 3], data: all.data.slice(0, 3 * count) },
        1e-6,
        `predict ${count}`,
      )
      expectClose(await runExported(path, inputs(count)), predicted, 1e-6, `export at ${count}`)
    }
    const x = new Float32Array(2 * points.size)
    const labels = new Int32Array(points.size)
    const rows = Uint32Array.from(labels, (_, i) => i)
    points.inputs.gather(rows, x)
    points.targets.gather(rows, labels)
    const { data } = await model.predict(tensor(x, [points.size, 2]))
    const hits = [...labels].filter((label, row) => {
      const scores = [...data.slice(3 * row, 3 * row + 3)]
      return scores.indexOf(Math.max(...scores)) === label
    })
    expect((await model.evaluate(points)).accuracy).toBeCloseTo(hits.length / points.size, 6)
  })

  test('evaluating and predicting leave weights and inputs alone', async () => {
    const model = await trained()
    const before = bits(await model.weights())
    const x = inputs(5)
    const measured = await model.evaluate(points)
    expect(await model.predict(x)).toEqual(await model.predict(x))
    expect(await model.evaluate(points)).toEqual(measured)
    expect(bits(await model.weights())).toEqual(before)
    expect(x).toEqual(inputs(5))
  })

  test('its run loads and gives the same numbers', async () => {
    const run = fresh()
    const model = await small((nets[name] as () => Layer)(), { metrics: { accuracy } })
    await collect(model.train({ steps: 5, batchSize: 20, run }))
    const options = { threads: 1, ...(name === 'mlp' ? {} : { net: (nets[name] as () => Layer)() }) }
    const loaded = closing(await load<'accuracy'>(run, options))
    expect(loaded.step).toBe(5)
    expect(bits(await loaded.weights())).toEqual(bits(await model.weights()))
    expect(await loaded.evaluate(points)).toEqual(await model.evaluate(points))
    expect(await loaded.predict(inputs(3))).toEqual(await model.predict(inputs(3)))
    expectClose(await runExported(`${run}/model.onnx`, inputs(3)), await model.predict(inputs(3)), 1e-6)
  })
})

test('safetensors hold the weights, and set them again', async () => {
  const model = await small(smallNet(batchNorm()))
  await collect(model.train({ steps: 3, batchSize: 20 }))
  const path = `${fresh()}.safetensors`
  await model.export(path)
  const { tensors } = readSafetensors(readFileSync(path), path)
  expect(bits(tensors)).toEqual(bits(await model.weights()))
  expect(Object.keys(tensors)).toContain('1.variance')
  const other = await small(smallNet(batchNorm()), { seed: 9 })
  expect(bits(await other.weights())).not.toEqual(bits(tensors))
  await other.setWeights(tensors)
  expect(await other.predict(inputs(4))).toEqual(await model.predict(inputs(4)))
})

test('a loaded run trains on with its optimizer as if it had never stopped', async () => {
  const compiled = { optimizer: adamW({ learningRate: 0.02 }) }
  const straight = await small(smallNet(), compiled)
  await collect(straight.train({ steps: 9, batchSize: 16 }))
  const run = fresh()
  await collect((await small(smallNet(), compiled)).train({ steps: 4, batchSize: 16, run }))
  const loaded = closing(await load(run, { net: smallNet(), train: points, threads: 1, ...compiled }))
  await collect(loaded.train({ steps: 5, batchSize: 16 }))
  expect(bits(await loaded.weights())).toEqual(bits(await straight.weights()))
})

test('a run trained on from a loaded one says what it was trained with', async () => {
  const run = fresh()
  await collect((await small()).train({ steps: 2, batchSize: 20, run }))
  const optimizer = sgd({ learningRate: 0.05, momentum: 0.9 })
  const loaded = closing(await load(run, { net: smallNet(), train: points, optimizer, threads: 1 }))
  const next = fresh()
  await collect(loaded.train({ epochs: 1, batchSize: 20, run: next }))
  const { config } = readRun(next)
  expect(config).toMatchObject({ epochs: 1, optimizer: { name: 'sgd', learningRate: 'constant(0.05)' } })
  expect(config).not.toHaveProperty('steps')
  expect(readRun(run).config).toMatchObject({ steps: 2, optimizer: { learningRate: 'constant(0.1)' } })
})

const widths = (width: number): Layer => sequential(linear(width), batchNorm(), (_, x) => relu(x), linear(3))

describe('loading', () => {
  const trainedRun = async (net: Layer, options = {}): Promise<string> => {
    const run = fresh()
    await collect((await small(net, options)).train({ steps: 1, batchSize: 20, run }))
    return run
  }

  test('needs the net, the loss and the metrics that a run cannot name', async () => {
    const run = await trainedRun(smallNet())
    await expect(load(run)).rejects.toThrow(
      new OptionError('load: the run has a net of its own; pass it: load(folder, { net })'),
    )
    const own = await trainedRun(smallNet(), {
      loss: (output: Parameters<typeof crossEntropy>[0], wanted: Parameters<typeof crossEntropy>[1]) =>
        crossEntropy(output, wanted, { labelSmoothing: 0.1 }),
    })
    await expect(load(own, { net: smallNet() })).rejects.toThrow(
      'load: the run has a loss of its own; pass it: load(folder, { loss })',
    )
    closing(await load(own, { net: smallNet(), loss: crossEntropy, threads: 1 }))
  })

  test.each([
    ['another net', linear(3), "'0.bias' is not in this model; is it of another net?"],
    ['a net with less in it', smallNet(), "'1.bias' is not in this model; is it of another net?"],
    [
      'a net with more in it',
      sequential(smallNet(batchNorm()), (s, x) => linear(3)(s.in('more'), x)),
      'is not in this model; is it of another net?',
    ],
    ['a net with another width', widths(9), "'0.weight' is float32[8, 2], this model needs float32[9, 2]"],
  ])('refuses %s', async (_, net, message) => {
    const run = await trainedRun(smallNet(batchNorm()))
    const loading = load(run, { net, threads: 1 })
    await expect(loading).rejects.toThrow(OptionError)
    await expect(loading).rejects.toThrow(message)
  })

  test('refuses another optimizer than the one whose state is stored, and data that does not fit', async () => {
    const run = await trainedRun(smallNet())
    const optimizer = adamW({ learningRate: 0.1 })
    const options = { net: smallNet(), threads: 1 }
    await expect(load(run, { ...options, optimizer, train: points })).rejects.toThrow(
      `${run}: '0.weight#m' is missing; is it of another model or optimizer?`,
    )
    await expect(load(run, { ...options, train: points })).rejects.toThrow('give an optimizer beside the data')
    const targets = points.inputs
    await expect(load(run, { ...options, optimizer, train: { ...points, targets } })).rejects.toThrow(
      'load: spiral has float32[2] and float32[2] per example, the model takes float32[2] and int32[]',
    )
    const loaded = closing(await load(run, options))
    await expect(collect(loaded.train({ steps: 1 }))).rejects.toThrow('this model was loaded without data')
  })
})

test('a summary lists what is trained', async () => {
  const model = await small(smallNet())
  expect(model.summary()).toMatchInlineSnapshot(`
    "path      shape   role   initial
    0.weight  [8, 2]  inner  fanIn(1)
    0.bias    [8]     bias   constant(0)
    2.weight  [3, 8]  inner  fanIn(1)
    2.bias    [3]     bias   constant(0)
    51 parameters"
  `)
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, test } from 'vitest'
import { compile, data, load, metrics, models, nn, optim, tensor } from '../src/index.ts'
import { bits, closing, collect, fresh } from './training.ts'

const arms = data.spiral({ points: 150 })
const [train, held] = data.split(arms, 0.8, 0)

const net = (): ReturnType<typeof models.mlp> =>
  models.mlp({ depth: 3, width: 24, outputs: 3, wiring: { skip: 'identity', norm: 'layer', placement: 'pre' } })

test('from points to a deployed model: train, evaluate, resume nothing, load, export, run', async () => {
  const run = fresh()
  const model = closing(
    await compile(net(), {
      ...{ train, loss: nn.crossEntropy, metrics: { accuracy: metrics.accuracy }, threads: 1 },
      optimizer: optim.adamW({ learningRate: optim.cosine({ peak: 0.02, warmupSteps: 20, steps: 300 }) }),
    }),
  )
  const untrained = await model.evaluate(held)
  const { reason, last, evaluation } = await model.fit({
    ...{ run, steps: 300, batchSize: 32, evaluate: held, evaluateEvery: 100, progress: false },
  })
  expect(reason).toBe('finished')
  expect(last?.loss).toBeLessThan(0.2)
  const trained = await model.evaluate(held)
  expect(evaluation?.metrics.accuracy).toBe(trained.accuracy)
  expect(untrained.accuracy).toBeLessThan(0.7)
  expect(trained.accuracy).toBeGreaterThan(0.93)

  const loaded = closing(await load<'accuracy'>(run, { threads: 1 }))
  expect(await loaded.evaluate(held)).toEqual(trained)

  const session = await InferenceSession.create(readFileSync(join(run, 'model.onnx')))
  const x = Float32Array.of(0.1, -0.4, 0.8, 0.2, -0.5, -0.5)
  const { output } = await session.run({ inputs: new Tensor('float32', x, [3, 2]) })
  const { data: predicted } = await model.predict(tensor(x, [3, 2]))
  Array.from(predicted).forEach((logit, i) => expect(output?.data[i]).toBeCloseTo(logit, 5))
  await session.release()
})

test('one thread or two: the figures agree; whether the bits do is reported', async () => {
  const trained = async (threads: number): Promise<{ loss: number; weights: Record<string, string> }> => {
    const optimizer = optim.adamW({ learningRate: 0.01 })
    const model = closing(await compile(net(), { train, loss: nn.crossEntropy, optimizer, threads }))
    await collect(model.train({ steps: 30, batchSize: 64 }))
    return { ...(await model.evaluate(held)), weights: bits(await model.weights()) }
  }
  const [one, two] = [await trained(1), await trained(2)]
  expect(two.loss).toBeCloseTo(one.loss, 3)
  const same = Object.keys(one.weights).filter((path) => one.weights[path] === two.weights[path])
  console.info(`threads 1 and 2: ${same.length} of ${Object.keys(one.weights).length} tensors have the same bits`)
})

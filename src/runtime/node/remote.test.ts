import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { EngineError, OptionError } from '../../errors.ts'
import { graph } from '../../graph/graph.ts'
import { input } from '../../graph/value.ts'
import { toOnnx } from '../../onnx/model.ts'
import { matMul } from '../../ops/matmul.ts'
import { tensor } from '../../tensor.ts'
import type { Engine, ProgramSpec } from '../engine.ts'
import { engineSettings, openEngine } from './remote.ts'

const workers: Worker[] = []
vi.mock('node:worker_threads', async (original) => {
  const actual = await original<typeof import('node:worker_threads')>()
  class Watched extends actual.Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args)
      workers.push(this)
    }
  }
  return { ...actual, Worker: Watched }
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await Promise.all(workers.splice(0).map((worker) => worker.terminate()))
})

const size = 512
const width = { dtype: 'float32', shape: [size, size] } as const

/** A chain of matrix products, long enough to notice: `x <- a^count x`. */
function slow(count: number): ProgramSpec {
  const a = input('a', 'float32', [size, size])
  let x = input('x', 'float32', [size, size])
  for (let i = 0; i < count; i++) x = matMul(a, x)
  const model = toOnnx(graph({ 'next x': x }), { target: 'cpu', stop: 'stop' })
  return { model, stop: 'stop', reads: ['a', 'x'], updates: { 'next x': { state: 'x', type: width } }, results: {} }
}

async function busy(count: number): Promise<{ engine: Engine; id: number }> {
  const engine = openEngine({ threads: 1 })
  const zeros = (): Float32Array<ArrayBuffer> => new Float32Array(size * size)
  await engine.write({ a: tensor(zeros(), [size, size]), x: tensor(zeros(), [size, size]) })
  return { engine, id: await engine.open(slow(count)) }
}

test('this thread stays free while the engine works', async () => {
  const { engine, id } = await busy(100)
  let ticks = 0
  const timer = setInterval(() => ticks++, 5)
  const began = performance.now()
  await engine.run(id, {})
  const elapsed = performance.now() - began
  clearInterval(timer)
  expect(elapsed).toBeGreaterThan(50)
  expect(ticks).toBeGreaterThan(elapsed / 50)
})

test('calls are answered in order, and a failed one does not stop the next', async () => {
  const engine = openEngine({ threads: 1 })
  const answers = await Promise.allSettled([
    engine.read(['nothing']),
    engine.open({ ...slow(1), model: Uint8Array.of(1) }),
    engine.write({ x: tensor([1, 2]) }),
    engine.read(['x']),
  ])
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled', 'fulfilled'])
  expect((answers[0] as PromiseRejectedResult).reason).toBeInstanceOf(EngineError)
  expect((answers[1] as PromiseRejectedResult).reason).toBeInstanceOf(EngineError)
  expect((answers[3] as PromiseFulfilledResult<Record<string, unknown>>).value.x).toEqual(tensor([1, 2]))
})

test('what is written and read is copied, what is fed is given away', async () => {
  const { engine, id } = await busy(1)
  const mine = tensor([1, 2])
  await engine.write({ mine })
  expect(mine.data.length).toBe(2)
  const fed = tensor(new Float32Array(size * size), [size, size])
  await engine.run(id, { x: fed })
  expect(fed.data.length).toBe(0)
})

describe('when the worker dies', () => {
  test('pending calls are refused, and later ones too', async () => {
    const { engine, id } = await busy(1)
    const dying = workers[0]?.terminate() // at rest: a thread that ends inside ONNX Runtime takes the process with it
    const pending = [engine.run(id, {}), engine.read(['x'])]
    await Promise.all([
      ...pending.map((call) =>
        expect(call).rejects.toThrow(new EngineError('engine: the worker has ended; open a new model')),
      ),
      dying,
    ])
    await expect(engine.read(['x'])).rejects.toThrow('engine: the worker has ended; open a new model')
    await engine.close()
  })

  test('by an error of its own, that error is told', async () => {
    const engine = openEngine({ threads: 1 })
    await engine.write({})
    const pending = engine.read([])
    workers[0]?.emit('error', new Error('out of memory'))
    await expect(pending).rejects.toThrow('engine: the worker failed: out of memory; open a new model')
    await expect(engine.read([])).rejects.toThrow('out of memory')
  })
})

test('a closed engine refuses every call, and closing again does nothing', async () => {
  const { engine, id } = await busy(1)
  await engine.close()
  await expect(engine.run(id, {})).rejects.toThrow(new EngineError('engine: it was closed; open a new model'))
  await engine.close()
})

/** Runs a script that trains `net` on spiral arms as `model`, after `before` was set up. */
function trainingProcess(net: string, before: string, options: string): SpawnSyncReturns<string> {
  const index = JSON.stringify(resolve(import.meta.dirname, '../../../dist/index.js'))
  const script = `
    import { compile, data, nn, optim } from ${index}
    const train = data.spiral({ points: 200 })
    const optimizer = optim.sgd({ learningRate: 0.01 })
    const model = await compile(${net}, { train, loss: nn.crossEntropy, optimizer, threads: 1 })
    ${before}
    await model.fit({ ${options}, progress: false })
    console.log('last line', model.step)`
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', timeout: 20_000 })
}

test('a process ends by itself, without close()', () => {
  const { status, stdout, stderr } = trainingProcess('nn.linear(3)', '', 'steps: 2, batchSize: 4')
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'last line 2\n', stderr: '' })
})

test.each([
  ['exits', 'process.exit(3)', 3, ''],
  ['throws', "throw new Error('of my own')", 1, 'Error: of my own'],
])('a process that %s while a step runs does so as it wanted', (_, end, code, text) => {
  const net = 'nn.sequential(nn.linear(800), nn.linear(800), nn.linear(800), nn.linear(3))'
  const later = `setTimeout(() => { console.log('step', model.step > 0); ${end} }, 1200)`
  const { status, signal, stdout, stderr } = trainingProcess(net, later, 'steps: 10000, batchSize: 400')
  expect({ status, signal, stdout }).toEqual({ status: code, signal: null, stdout: 'step true\n' })
  expect(stderr).toContain(text)
  expect(stderr).not.toContain('terminate called')
})

describe('settings', () => {
  test('come from options, then the environment, then the machine', () => {
    vi.stubEnv('RESIDUA_THREADS', '3')
    expect(engineSettings({})).toEqual({ threads: 3, zeroCopy: true })
    expect(engineSettings({ threads: 2, zeroCopy: false })).toEqual({ threads: 2, zeroCopy: false })
    vi.stubEnv('RESIDUA_THREADS', undefined)
    expect(engineSettings({}).threads).toBeGreaterThanOrEqual(1)
    vi.stubEnv('RESIDUA_DEVICE', 'webgpu')
    expect(engineSettings({ device: 'cpu' }).threads).toBeGreaterThanOrEqual(1)
  })

  test.each(['two', '', '0', '-1', '1.5', '1e9', 'NaN'])('RESIDUA_THREADS=%j is refused', (value) => {
    vi.stubEnv('RESIDUA_THREADS', value)
    expect(() => openEngine()).toThrow(
      new OptionError(`RESIDUA_THREADS: expected an integer from 1 to 1024, got '${value}'`),
    )
    expect(workers).toEqual([])
  })

  test.each([0, 1.5, NaN, 1025])('threads: %d is refused', (threads) => {
    expect(() => openEngine({ threads })).toThrow(
      new OptionError(`threads: expected an integer from 1 to 1024, got '${threads}'`),
    )
  })

  test('another device is refused', () => {
    const refused = new OptionError("device: this version runs on 'cpu' in Node, got 'webgpu'")
    expect(() => openEngine({ device: 'webgpu' })).toThrow(refused)
    vi.stubEnv('RESIDUA_DEVICE', 'webgpu')
    expect(() => openEngine()).toThrow(refused)
  })
})

import { afterAll, describe, expect, test } from 'vitest'
import { expectClose } from '../../test/close.ts'
import { bits, collect, points, small, smallNet } from '../../test/training.ts'
import { type Batch, batches } from '../data/batch.ts'
import type { Layer } from '../graph/scope.ts'
import { dropout } from '../nn/dropout.ts'
import { ones } from '../nn/init.ts'
import { linear } from '../nn/linear.ts'
import { crossEntropy } from '../nn/loss.ts'
import { batchNorm } from '../nn/norms/batch.ts'
import { layerNorm } from '../nn/norms/layer.ts'
import { sequential } from '../nn/sequential.ts'
import { add, div, mul } from '../ops/arithmetic.ts'
import { sum } from '../ops/broadcast.ts'
import { square } from '../ops/composite.ts'
import { mean } from '../ops/reduce.ts'
import { sqrt } from '../ops/unary.ts'
import { adamW } from '../optim/adam.ts'
import { clipNorm, type Optimizer } from '../optim/optimizer.ts'
import { sgd } from '../optim/sgd.ts'
import { LocalEngine } from '../runtime/node/local.ts'
import { type HostTensor, tensor } from '../tensor.ts'
import { batchFeeds, type Results, scalarFeeds, scalarOf } from './measure.ts'
import { accuracy } from './metrics.ts'
import { Session } from './session.ts'
import { gradientSum, scalarInput } from './program-builder.ts'
import { unpacked } from './probes/probes.test-kit.ts'
import type { Recipe } from './step.ts'

const rate = 0.1

function recipeOf(net: Layer, optimizer: Optimizer = sgd({ learningRate: rate })): Recipe {
  const { inputs, targets } = points
  return { net, inputs, targets, loss: crossEntropy, optimizer, metrics: { accuracy } }
}

const engines: LocalEngine[] = []
afterAll(() => Promise.all(engines.map((engine) => engine.close())))

/** A session whose engine runs in this thread. */
async function sessionOf(recipe: Recipe, zeroCopy = true): Promise<Session> {
  const engine = await LocalEngine.create(1, zeroCopy)
  engines.push(engine)
  const session = new Session(recipe, engine, 3)
  await session.initialize()
  return session
}

function take(count: number, batchSize = 16): Batch[] {
  const source = batches(points, { batchSize, seed: 3 })
  return Array.from({ length: count }, () => source.next().value)
}

const scalarsAt = ({ recipe }: Session, step: number): Record<string, HostTensor> =>
  scalarFeeds(
    Object.fromEntries(
      Object.entries(recipe.optimizer.scalars(step)).map(([name, value]) => [scalarInput(name), value]),
    ),
  )

const whole = (session: Session, batch: Batch, step: number, kind: 'train' | 'probe' = 'train'): Promise<Results> =>
  session.programs.run(kind, batch.size, { ...batchFeeds(session, batch), ...scalarsAt(session, step) }, step)

async function halves(session: Session, batch: Batch, step: number): Promise<Results> {
  await session.prepareSums()
  const feeds = { ...batchFeeds(session, batch), ...scalarFeeds({ share: 1, keep: 0 }) }
  const results = await session.programs.run('gradients', batch.size, feeds, step)
  return { ...results, ...(await session.programs.run('update', batch.size, scalarsAt(session, step))) }
}

const everything = async (session: Session): Promise<Record<string, string>> =>
  bits(await session.engine.read(session.paths))

const tapped: Layer = (s, x) => s.tap('here', x)
const nets: Record<string, () => Layer> = {
  plain: () => smallNet(),
  'batch norm': () => smallNet(batchNorm()),
  dropout: () => smallNet(dropout(0.4), tapped),
  'layer norm': () => smallNet(tapped, layerNorm(), tapped),
}
const optimizers: Record<string, () => Optimizer> = {
  sgd: () => sgd({ learningRate: rate, momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
  'clipped adamW': () => clipNorm(0.3, adamW({ learningRate: 0.01 })),
}
const grid = Object.keys(nets).flatMap((net) =>
  Object.keys(optimizers).flatMap((optimizer) => [true, false].map((fusedUpdate) => ({ net, optimizer, fusedUpdate }))),
)

const made = ({ net, optimizer, fusedUpdate }: (typeof grid)[number]): Recipe => ({
  ...recipeOf((nets[net] as () => Layer)(), (optimizers[optimizer] as () => Optimizer)()),
  fusedUpdate,
})

describe.each(grid)('$net, $optimizer, fused $fusedUpdate', (names) => {
  test('halves, probes and the plain path give the bits of the whole step; fused or not, the same figures', async () => {
    const one = await sessionOf(made(names))
    const cut = await sessionOf(made(names))
    const probed = await sessionOf({ ...made(names), probes: 'all' })
    const copied = await sessionOf(made(names), false)
    for (const [i] of take(4).entries()) {
      const batch = (): Batch => take(4)[i]!
      const results = await whole(one, batch(), i + 1)
      expect(bits(await halves(cut, batch(), i + 1))).toEqual(bits(results))
      expect(bits(await whole(probed, batch(), i + 1, 'probe'))).toMatchObject(bits(results))
      expect(bits(await whole(copied, batch(), i + 1))).toEqual(bits(results))
    }
    const expected = await everything(one)
    expect(await everything(cut)).toEqual(expected)
    expect(await everything(probed)).toEqual(expected)
    expect(await everything(copied)).toEqual(expected)
    const untrained = await everything(await sessionOf(made(names)))
    for (const [path, value] of Object.entries(untrained)) expect(expected[path], path).not.toBe(value)

    const other = await sessionOf({ ...made(names), fusedUpdate: !names.fusedUpdate })
    for (const [i] of take(4).entries()) await whole(other, take(4)[i]!, i + 1)
    const values = await one.engine.read(one.paths)
    for (const [path, value] of Object.entries(await other.engine.read(other.paths))) {
      expectClose(value, values[path]!, 1e-5, path)
    }
  })
})

test('a tap more, or a probe of it, changes no weight', async () => {
  const train = async (net: Layer, probeEvery: number): Promise<Record<string, string>> => {
    const model = await small(net)
    const events = await collect(model.train({ steps: 6, batchSize: 16, probeEvery }))
    const probed = events.filter((event) => event.type === 'step' && event.probes !== undefined)
    expect(probed.length).toBe(probeEvery === 0 ? 0 : 4) // steps 1, 2, 4, 6
    return bits(await model.weights())
  }
  const watched = (): Layer => (s, x) => s.tap('end', smallNet()(s, s.tap('start', x)))
  const bare = await train(smallNet(), 0)
  expect(await train(watched(), 0)).toEqual(bare)
  expect(await train(watched(), 2)).toEqual(bare)
})

test('by default a probe is the root mean square of a tap and the norm of its gradient', async () => {
  const net: Layer = (s, x) => s.tap('logits', linear(3)(s, x))
  const session = await sessionOf(recipeOf(net))
  const logits = await session.programs.run('predict', 16, {
    inputs: tensor(take(1)[0]!.inputs, [16, 2]),
  })
  const results = unpacked(session.measured, await whole(session, take(1)[0]!, 1, 'probe'))
  const rows = Array.from({ length: 16 }, (_, row) => Array.from(logits.output?.data ?? []).slice(3 * row, 3 * row + 3))
  const meanSquare = rows.flat().reduce((total, x) => total + x * x, 0) / 48
  expect(scalarOf(results['rms logits'])).toBeCloseTo(Math.sqrt(meanSquare), 6)
  const labels = take(1)[0]!.targets
  const gradient = rows.flatMap((row, i) => {
    const total = row.reduce((all, x) => all + Math.exp(x), 0)
    return row.map((x, label) => (Math.exp(x) / total - Number(label === labels[i])) / 16)
  })
  expect(scalarOf(results['gradientNorm logits'])).toBeCloseTo(Math.hypot(...gradient), 6)
})

test.each([
  [8, 3, 24], // the last update of an epoch has 12 rows: 8 and 4
  [10, 2, 20],
])('batches of %d, %d at a time, train as one batch of %d', async (batchSize, accumulate, together) => {
  const trained = async (options: { batchSize: number; accumulate?: number }): Promise<Record<string, HostTensor>> => {
    const model = await small(smallNet(layerNorm()), {
      optimizer: adamW({ learningRate: 0.01 }),
      metrics: { accuracy },
    })
    const events = await collect(model.train({ steps: 6, ...options }))
    const rows = events.flatMap((event) => (event.type === 'step' ? [event] : []))
    return {
      ...(await model.weights()),
      losses: tensor(rows.map(({ loss }) => loss)),
      accuracies: tensor(rows.map(({ metrics }) => metrics.accuracy!)),
      examples: tensor(rows.map(({ examples }) => examples)),
    }
  }
  const summed = await trained({ batchSize, accumulate })
  const once = await trained({ batchSize: together })
  for (const [name, value] of Object.entries(once)) expectClose(summed[name]!, value, 1e-6, name)
})

test('sums of gradients that were not finite do not stay', async () => {
  const session = await sessionOf(recipeOf(smallNet()))
  const clean = await sessionOf(recipeOf(smallNet()))
  await session.prepareSums()
  const path = gradientSum('0.weight')
  await session.engine.write({ [path]: tensor(new Float32Array(16).fill(NaN), [8, 2]) })
  await halves(session, take(1)[0]!, 1)
  await halves(clean, take(1)[0]!, 1)
  expect(await everything(session)).toEqual(await everything(clean))
})

test('clipping scales the gradient as by hand', async () => {
  const plain = recipeOf(smallNet())
  const measured = await sessionOf(plain)
  const before = await measured.engine.read(measured.paths)
  await halves(measured, take(1)[0]!, 1)
  const gradients = await measured.engine.read(measured.paths.map(gradientSum))
  const norm = Math.hypot(...Object.values(gradients).flatMap(({ data }) => [...data]))
  expect(norm).toBeGreaterThan(0.1)

  for (const limit of [norm / 3, norm * 2]) {
    const session = await sessionOf({ ...plain, optimizer: clipNorm(limit, plain.optimizer) })
    const results = await whole(session, take(1)[0]!, 1)
    expect(scalarOf(results.gradientNorm)).toBeCloseTo(norm, 6)
    const after = await session.engine.read(session.paths)
    const factor = Math.min(1, limit / (norm + 1e-6))
    for (const path of session.paths) {
      const { data, shape } = before[path]!
      const slope = gradients[gradientSum(path)]!.data
      const expected = Float32Array.from(data, (p, i) => p - rate * factor * slope[i]!)
      expectClose(after[path]!, tensor(expected, shape), 1e-6, path)
    }
  }
})

const unit =
  (width: number): Layer =>
  (s, x) => {
    const direction = s.parameter('direction', [width], {
      role: 'inner',
      init: ones,
      transform: (stored) => mul(stored, 2),
      constraint: (updated) => div(updated, sqrt(sum(square(updated)))),
    })
    return add(x, direction)
  }

test('the net sees the transformed parameter, the constraint holds after each update', async () => {
  const model = await small(unit(2), {
    train: { name: 'itself', size: points.size, inputs: points.inputs, targets: points.inputs },
    loss: (output) => mean(square(output)),
  })
  const x = tensor([0, 0, 1, 2], [2, 2])
  expect([...(await model.predict(x)).data]).toEqual([2, 2, 3, 4])
  await collect(model.train({ steps: 3, batchSize: 20 }))
  const { direction } = await model.weights()
  const [a = 0, b = 0] = direction?.data ?? []
  expect(Math.hypot(a, b)).toBeCloseTo(1, 6)
  expect(a).not.toBe(b)
  const shifted = await model.predict(x)
  expectClose(shifted, tensor([2 * a, 2 * b, 1 + 2 * a, 2 + 2 * b], [2, 2]), 1e-6)
})

test.each([
  ['adamW', adamW({ learningRate: rate, weightDecay: 0.5 })],
  ['sgd', sgd({ learningRate: rate, weightDecay: 0.5 })],
])('%s: weight decay shrinks matrices and leaves gains, biases and vectors', async (_, optimizer) => {
  const scale: Layer = (s, x) => mul(x, s.parameter('scale', x.shape.slice(-1), { role: 'inner', init: ones }))
  const table: Layer = (s, x) => mul(x, s.parameter('gain', [1, x.shape.at(-1) ?? 1], { role: 'gain', init: ones }))
  const net = sequential(linear(4), layerNorm(), scale, table, linear(3))
  const model = await small(net, { optimizer, loss: (output) => mul(mean(output), 0) })
  const start = await model.weights()
  const moved = Object.fromEntries(
    Object.entries(start).map(([path, value]) => [path, { ...value, data: value.data.map((x) => x + 0.5) }]),
  )
  await model.setWeights(moved)
  await collect(model.train({ steps: 1, batchSize: 20 }))
  const after = await model.weights()
  const decayed = Object.keys(after).filter((path) => bits(after)[path] !== bits(moved)[path])
  expect(Object.keys(after)).toHaveLength(8)
  expect(decayed).toEqual(['0.weight', '4.weight'])
  for (const path of decayed) {
    const { data, shape } = moved[path] as HostTensor
    const expected = Float32Array.from(data, (p) => p * (1 - rate * 0.5))
    expectClose(after[path]!, tensor(expected, shape), 1e-6, path)
  }
})

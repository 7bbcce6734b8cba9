import { afterAll, describe, expect, test } from 'vitest'
import { expectClose } from '../../test/close.ts'
import { bits, closing, collect, fresh, leaveAt, points, small, smallNet, stored } from '../../test/training.ts'
import { type Batch, batches } from '../data/batch.ts'
import { column } from '../data/column.ts'
import type { Dataset } from '../data/dataset.ts'
import type { Layer } from '../graph/scope.ts'
import { gpt, type GptOptions } from '../models/gpt.ts'
import { lora } from '../models/lora.ts'
import { mlp } from '../models/mlp.ts'
import { specOf, type SpecifiedNet } from '../models/spec.ts'
import { freeze } from '../nn/freeze.ts'
import { crossEntropy } from '../nn/loss.ts'
import type { LoraOptions } from '../nn/lora.ts'
import { mergeLora } from '../nn/lora-weights.ts'
import type { Wiring } from '../nn/wiring/wiring.ts'
import { adamW } from '../optim/adam.ts'
import { clipNorm } from '../optim/optimizer.ts'
import { LocalEngine } from '../runtime/node/local.ts'
import { type HostTensor, tensor } from '../tensor.ts'
import { load } from './compile.ts'
import { measure, type Results, scalarFeeds, scalarOf } from './measure.ts'
import { readRun } from './files/run-folder.ts'
import type { Model } from './model.ts'
import { unpacked } from './probes/probes.test-kit.ts'
import { scalarInput } from './program-builder.ts'
import { Session } from './session.ts'
import { build, type Kind, type Recipe } from './step.ts'
import { update } from './update.ts'

const vocabulary = 13
const text: Dataset = {
  name: 'counting',
  size: 24,
  classes: vocabulary,
  inputs: column(
    Int32Array.from({ length: 24 * 6 }, (_, i) => (i * 5) % vocabulary),
    [6],
  ),
  targets: column(
    Int32Array.from({ length: 24 * 6 }, (_, i) => ((i + 1) * 5) % vocabulary),
    [6],
  ),
}
const language = (more: Partial<GptOptions> = {}): SpecifiedNet =>
  gpt({ layers: 2, heads: 2, width: 8, hidden: 20, vocabulary, context: 6, tied: true, ...more })

const optimizer = () => clipNorm(0.3, adamW({ learningRate: 0.02, weightDecay: 0.1 }))
const recipeOf = (net: Layer, more: Partial<Recipe> = {}): Recipe => ({
  ...{ net, inputs: text.inputs, targets: text.targets, loss: crossEntropy, metrics: {}, optimizer: optimizer() },
  ...more,
})

const engines: LocalEngine[] = []
afterAll(() => Promise.all(engines.map((engine) => engine.close())))

async function sessionOf(recipe: Recipe): Promise<Session> {
  const engine = await LocalEngine.create(1, true)
  engines.push(engine)
  const session = new Session(recipe, engine, 3)
  await session.initialize()
  return session
}

/** So many updates of `parts` batches of 4 each; what the last one gave. */
async function train(session: Session, steps: number, parts = 1, kind: 'train' | 'probe' = 'train'): Promise<Results> {
  const source = batches(text, { batchSize: 4, seed: 3 })
  let results: Results = {}
  for (let step = 1; step <= steps; step++) {
    const taken = Array.from({ length: parts }, (): Batch => source.next().value)
    const scalars = Object.entries(session.recipe.optimizer.scalars(step)).map(
      ([name, value]) => [scalarInput(name), value] as const,
    )
    results = await update(session, taken, kind, scalarFeeds(Object.fromEntries(scalars)), step * parts)
  }
  return kind === 'probe' ? unpacked(session.measured, results) : results
}

const wirings: readonly Wiring[] = [
  { norm: 'layer', placement: 'pre' },
  { norm: 'rms', placement: 'pre', qkNorm: true },
  { norm: 'weight' },
  { norm: 'hypersphere' },
  { skip: 'reversible', norm: 'layer', placement: 'pre' },
]

describe.each(wirings)('a language model of %o', (wiring) => {
  const net = lora(language({ wiring, layers: 1 }), { rank: 2, targets: 'all' })

  test.each([
    ['in the graph', { fusedUpdate: false }, 1],
    ['fused', { fusedUpdate: true }, 1],
    ['of sums', { fusedUpdate: true }, 2],
    ['of sums in the graph', { fusedUpdate: false }, 2],
  ] as const)('updates %s move all adapters and not a bit of what is frozen', async (_, more, parts) => {
    const session = await sessionOf(recipeOf(net, more))
    const [trained, frozen] = (['trained', 'frozen'] as const).map((part) => session.weightPaths(part))
    const before = bits(await session.engine.read(session.weightPaths()))
    const { loss } = await measure(session, text, text.size)
    await train(session, 8, parts)
    expect((await measure(session, text, text.size)).loss).toBeLessThan(loss!)
    const after = bits(await session.engine.read(session.weightPaths()))
    expect(trained!.length).toBe(6 * 2)
    for (const path of trained!) expect(after[path], path).not.toBe(before[path])
    for (const path of frozen!) expect(after[path], path).toBe(before[path])
  })
})

test('fused, recomputed and inline updates give the same adapters', async () => {
  const net = lora(language(), { rank: 2 })
  const read = async (more: Partial<Recipe>): Promise<Record<string, HostTensor>> => {
    const session = await sessionOf(recipeOf(net, more))
    await train(session, 4)
    return session.engine.read(session.paths)
  }
  const whole = await read({})
  expect(bits(await read({ recompute: 'blocks' }))).toEqual(bits(whole))
  const graph = await read({ fusedUpdate: false })
  for (const [path, value] of Object.entries(whole)) expectClose(graph[path]!, value, 1e-5, path)
})

describe('what the programs hold', () => {
  const full = recipeOf(language())
  const adapted = recipeOf(lora(language(), { rank: 2 }))
  const kinds: readonly Kind[] = ['train', 'probe', 'gradients', 'update', 'diagnose']

  /** Everything that a program changes, gives or makes for kernels, by what it belongs to. */
  function touched(recipe: Recipe, kind: Kind): string[] {
    const { spec } = build(recipe, kind, 4)
    const changed = Object.values(spec.updates).map(({ state }) => state)
    const kernels = [...Object.keys(spec.fused?.states ?? {}), ...Object.keys(spec.fused?.outputs ?? {})]
    const slots = spec.reads.filter((name) => name.includes('#'))
    const results = Object.keys(spec.results).filter((name) => /gradient/i.test(name))
    return [...changed, ...kernels, ...slots, ...results]
  }

  test.each(kinds.flatMap((kind) => [true, false].map((fusedUpdate) => [kind, fusedUpdate] as const)))(
    '%s, fused update %s: no gradient, slot, sum or update of a frozen parameter',
    (kind, fusedUpdate) => {
      const probes = ['parameterGradientNorm', 'updateRatio'] as const
      const names = touched({ ...adapted, fusedUpdate, probes }, kind)
      const own = names
        .map((name) => /[^ ]*$/.exec(name)![0].replace(/#.*/, ''))
        .filter((name) => name !== 'gradientNorm')
      expect(own.length).toBeGreaterThan(0)
      for (const path of own) expect(path).toMatch(/^blocks\.[01]\.attention\.(query|value)\.lora\.[AB]$/)
    },
  )

  test.each(['train', 'gradients'] as const)('%s: nothing has the shape of a frozen matrix', (kind) => {
    const shapes = ['13,8', '6,8', '20,8', '8,20', '8,8']
    const found = (recipe: Recipe): Set<string> => {
      const { nodes } = build({ ...recipe, fusedUpdate: false }, kind, 4).graph
      return new Set(nodes.flatMap(({ outputs }) => outputs.map(({ shape }) => shape.join())))
    }
    const [all, few] = [found(full), found(adapted)]
    expect(shapes.filter((shape) => all.has(shape))).toEqual(shapes)
    expect(shapes.filter((shape) => few.has(shape))).toEqual([])
    expect(few.has('2,8')).toBe(true)
  })

  test('the way back ends at the first adapter, and is shorter', () => {
    const size = (net: Layer, kind: Kind): number => build(recipeOf(net), kind, 4).graph.nodes.length
    const last = lora(language(), { rank: 2, targets: ['blocks.1.mlp.down'] })
    const back = (net: Layer): number => size(net, 'train') - size(net, 'predict')
    const counts = [language(), lora(language(), { rank: 2 }), last].map(back)
    expect(counts).toEqual(counts.toSorted((a, b) => b - a))
    expect(counts[2]).toBeLessThan(counts[0]! / 3)
  })

  test('a session keeps slots of adapters alone, and sums once they are asked for', async () => {
    const session = await sessionOf(adapted)
    const slots = session.paths.filter((path) => path.includes('#'))
    expect(slots).toHaveLength(2 * session.trained.length)
    expect(slots.every((path) => path.includes('.lora.'))).toBe(true)
    await session.prepareSums()
    const read = async (name: string): Promise<unknown> => session.engine.read([name])
    await expect(read('blocks.0.attention.query.lora.A#gradient')).resolves.toBeDefined()
    for (const name of ['blocks.0.attention.query.weight#gradient', 'embed.weight#m'])
      await expect(read(name)).rejects.toThrow(`there is no state '${name}'`)
  })
})

test('clipping and decay know the trained parameters only', async () => {
  const norm = async (net: Layer): Promise<number> => {
    const session = await sessionOf(recipeOf(net, { probes: ['parameterGradientNorm'] }))
    const results = await train(session, 1, 1, 'probe')
    const own = Object.entries(results).filter(([name]) => name.startsWith('parameterGradientNorm '))
    expect(own.map(([name]) => name.split(' ')[1])).toEqual(session.trained.map(({ path }) => path))
    expect(Math.hypot(...own.map(([, value]) => scalarOf(value)))).toBeCloseTo(scalarOf(results.gradientNorm), 5)
    return scalarOf(results.gradientNorm)
  }
  const part = await norm(freeze(language(), ['blocks.**', 'embed.*']))
  expect(part).toBeGreaterThan(0)
  expect(part).toBeLessThan(await norm(language()))
})

test('all probes of a net that is frozen in part are finite, but for what starts at 0', async () => {
  const session = await sessionOf(recipeOf(lora(language(), { rank: 2 }), { probes: 'all' }))
  const results = await train(session, 2, 1, 'probe')
  const bad = Object.entries(results).filter(([, value]) => !Number.isFinite(scalarOf(value)))
  expect(bad.map(([name]) => name)).toEqual([])
})

describe('models', () => {
  const options: LoraOptions = { rank: 2, targets: 'all', dropout: 0.1, trained: ['finalNorm.*'] }
  const adapted = (): SpecifiedNet => lora(language(), options)
  const start = (net: Layer = adapted()): Promise<Model> => small(net, { train: text, optimizer: optimizer() })
  const tokens = tensor(Int32Array.of(1, 2, 3, 4, 5, 6), [1, 6], 'int32')

  test('a run that was left and resumed equals the straight one, bit for bit, and is made again from its folder', async () => {
    const training = { steps: 6, batchSize: 4, checkpointEvery: 2 }
    const [straight, broken] = [fresh(), fresh()]
    const model = await start()
    await collect(model.train({ ...training, run: straight }))
    await leaveAt(3, (await start()).train({ ...training, run: broken }))
    await collect((await start()).train({ ...training, run: broken, resume: true }))
    expect(stored(broken)).toEqual(stored(straight))

    const again = closing(await load(straight))
    expect(bits(await again.weights())).toEqual(bits(await model.weights()))
    expect((await again.predict(tokens)).data).toEqual((await model.predict(tokens)).data)
    expect(readRun(straight).config.model).toEqual(JSON.parse(JSON.stringify(specOf(adapted()))))
    const resumable = await load(straight, { train: text, optimizer: optimizer() })
    await collect(closing(resumable).train({ steps: 1, batchSize: 4 }))
  })

  test('it begins with the weights of another run, and what it changed goes onto another copy of them', async () => {
    const base = await start(language())
    await collect(base.train({ steps: 3, batchSize: 4 }))
    const pretrained = await base.weights()
    const tuned = await start()
    await tuned.setWeights(pretrained, 'frozen')
    expect((await tuned.predict(tokens)).data).toEqual((await base.predict(tokens)).data)
    await collect(tuned.train({ steps: 3, batchSize: 4 }))
    const changed = await tuned.weights('trained')
    expect(Object.keys(changed)).toHaveLength(2 * 6 * 2 + 2)
    expect((await tuned.predict(tokens)).data).not.toEqual((await base.predict(tokens)).data)

    const copy = await start()
    await copy.setWeights(pretrained, 'frozen')
    await copy.setWeights(changed, 'trained')
    expect((await copy.predict(tokens)).data).toEqual((await tuned.predict(tokens)).data)

    const merged = mergeLora(lora(language(), options), text.inputs, await tuned.weights())
    await base.setWeights(merged)
    expectClose(await base.predict(tokens), await tuned.predict(tokens), 1e-5)
  })

  test.each<Wiring>([{ norm: 'weight' }, { norm: 'hypersphere' }])(
    '%o: a calibrated start is that of the net',
    async (wiring) => {
      const net = mlp({ depth: 2, width: 4, outputs: 3, wiring })
      const [base, tuned] = [await small(net), await small(lora(net, { targets: 'all', rank: 1 }))]
      const inputs = tensor(Float32Array.of(1, 2, -1, 0.5), [2, 2])
      expect((await tuned.predict(inputs)).data).toEqual((await base.predict(inputs)).data)
    },
  )

  test('weights that do not fit are told', async () => {
    const tuned = await start()
    const [frozen, trained] = [await tuned.weights('frozen'), await tuned.weights('trained')]
    const path = 'blocks.0.mlp.up.lora.B'
    const shape = { ...trained, [path]: tensor(new Float32Array(4), [2, 2]) }
    await expect(tuned.setWeights(shape, 'trained')).rejects.toThrow(
      `setWeights: '${path}' is float32[2, 2], this model needs float32[20, 2]`,
    )
    const { [path]: _, ...missing } = trained
    await expect(tuned.setWeights(missing, 'trained')).rejects.toThrow(`setWeights: '${path}' is missing`)
    await expect(tuned.setWeights(trained, 'frozen')).rejects.toThrow('is missing')
    await expect(tuned.setWeights(frozen)).rejects.toThrow('is missing')
    await expect(tuned.setWeights({ ...frozen, 'other.weight': frozen['embed.weight']! }, 'frozen')).rejects.toThrow(
      "setWeights: 'other.weight' is not in this model",
    )
  })

  test('summary says what is frozen and how much is trained', async () => {
    const model = await small(
      lora(mlp({ depth: 1, width: 4, outputs: 3, wiring: {} }), { rank: 1, targets: ['**.up'] }),
    )
    expect(model.trainedCount).toBe(8)
    expect(model.summary()).toMatch(/blocks\.0\.up\.weight +\[4, 4\] +inner, frozen /)
    expect(model.summary()).toMatch(/blocks\.0\.up\.lora\.A +\[1, 4\] +inner +fanIn/)
    expect(model.summary()).toMatch(/^\d+ parameters, 8 of them trained$/m)
  })

  test('a net that is frozen as a whole can be measured, not trained', async () => {
    const model = await small(freeze(smallNet(), ['**']))
    expect((await model.evaluate(points)).loss).toBeGreaterThan(0)
    await expect(collect(model.train({ steps: 1 }))).rejects.toThrow(
      'train: expected parameters to train, but all are frozen. Freeze fewer',
    )
  })
})

import { afterAll, describe, expect, test } from 'vitest'
import { bits, collect, fresh, leaveAt, points, small, smallNet, stored } from '../../test/training.ts'
import { type Batch, batches } from '../data/batch.ts'
import { dropout } from '../nn/dropout.ts'
import { feedForward } from '../nn/feed-forward.ts'
import { linear } from '../nn/linear.ts'
import { crossEntropy } from '../nn/loss.ts'
import { sequential } from '../nn/sequential.ts'
import { wire } from '../nn/wiring/wire.ts'
import { adamW } from '../optim/adam.ts'
import { clipNorm } from '../optim/optimizer.ts'
import { LocalEngine } from '../runtime/node/local.ts'
import { scalarFeeds } from './measure.ts'
import { scalarInput } from './program-builder.ts'
import { Session } from './session.ts'
import type { Recipe } from './step.ts'
import { update } from './update.ts'

const block = feedForward({ hidden: 12, dropout: 0.2 })
const net = sequential(
  linear(8),
  wire([block, block, block], { skip: 'hyper', norm: 'batch', placement: 'pre' }),
  dropout(0.1),
  linear(3),
)
const plain: Recipe = {
  ...{ net, inputs: points.inputs, targets: points.targets, loss: crossEntropy, metrics: {}, probes: 'all' },
  optimizer: clipNorm(0.3, adamW({ learningRate: 0.01 })),
}

const engines: LocalEngine[] = []
afterAll(() => Promise.all(engines.map((engine) => engine.close())))

/** All results and weights of a few updates of `parts` batches each. */
async function trained(recipe: Recipe, kind: 'train' | 'probe', parts: number): Promise<Record<string, string>[]> {
  const engine = await LocalEngine.create(1, true)
  engines.push(engine)
  const session = new Session(recipe, engine, 3)
  await session.initialize()
  const source = batches(points, { batchSize: 8, seed: 3 })
  const all: Record<string, string>[] = []
  for (let step = 1; step <= 3; step++) {
    const taken = Array.from({ length: parts }, (): Batch => source.next().value)
    const scalars = Object.entries(recipe.optimizer.scalars(step)).map(([name, value]) => [scalarInput(name), value])
    const feeds = scalarFeeds(Object.fromEntries(scalars) as Record<string, number>)
    all.push(bits(await update(session, taken, kind, feeds, step * parts)))
  }
  return [...all, bits(await engine.read(session.paths))]
}

describe.each([true, false])("recompute: 'blocks', fused update %s", (fusedUpdate) => {
  test.each([
    ['whole', 'train', 1],
    ['accumulated', 'train', 2],
    ['probed', 'probe', 1],
  ] as const)('%s steps give the bits of those that keep everything', async (_, kind, parts) => {
    const kept = await trained({ ...plain, fusedUpdate }, kind, parts)
    expect(await trained({ ...plain, fusedUpdate, recompute: 'blocks' }, kind, parts)).toEqual(kept)
    expect(kept[0]).not.toEqual(kept[2])
  })
})

test('a run that began with it goes on without, to the same bits', async () => {
  const options = { batchSize: 16, checkpointEvery: 3, steps: 6 }
  const [straight, changed] = [fresh(), fresh()]
  await collect((await small(net)).train({ ...options, run: straight }))
  await leaveAt(3, (await small(net, { recompute: 'blocks' })).train({ ...options, run: changed }))
  await collect((await small(net)).train({ ...options, run: changed, resume: true }))
  expect(stored(changed)).toEqual(stored(straight))
})

test('a net without blocks to recompute is refused, and so is an unknown name', async () => {
  const refused = /^compile: recompute: 'blocks' expected a net with blocks wired by nn\.wire, got one without/
  await expect(small(smallNet(), { recompute: 'blocks' })).rejects.toThrow(refused)
  const reversible = sequential(linear(8), wire([block], { skip: 'reversible', norm: 'layer' }), linear(3))
  await expect(small(reversible, { recompute: 'blocks' })).rejects.toThrow(refused)
  await expect(small(net, { recompute: 'layers' as 'blocks' })).rejects.toThrow(
    "compile: recompute: unknown name 'layers', did you mean 'blocks'? Known: blocks",
  )
})

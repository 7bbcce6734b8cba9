import { describe, expect, test } from 'vitest'
import { points, small } from '../../test/training.ts'
import { arrays } from '../data/arrays.ts'
import type { Dataset } from '../data/dataset.ts'
import type { Layer } from '../graph/scope.ts'
import { gpt } from '../models/gpt.ts'
import { mlp } from '../models/mlp.ts'
import { resnet } from '../models/resnet.ts'
import { crossEntropy } from '../nn/loss.ts'
import { sequential } from '../nn/sequential.ts'
import { linear } from '../nn/linear.ts'
import { wire } from '../nn/wiring/wire.ts'
import type { Wiring } from '../nn/wiring/wiring.ts'
import { add, mul } from '../ops/arithmetic.ts'
import { constant } from '../ops/constant.ts'
import { relu } from '../ops/unary.ts'
import { tensor } from '../tensor.ts'
import { growthLaw } from './growth.ts'
import { ledger, type LedgerEntry } from './ledger.ts'
import { initialSnapshot } from './probes/inside.ts'
import { opened, regression } from './probes/probes.test-kit.ts'

const width = 16

/** Always writes `size` into one feature. */
const writes = (feature: number, size = 1): Layer => {
  const row = Float32Array.from({ length: width }, (_, i) => (i === feature ? size : 0))
  return (_, x) => add(mul(x, 0), constant(tensor(row, [width])))
}

/** Writes the stream itself, times a factor. */
const scales =
  (factor: number): Layer =>
  (_, x) =>
    mul(x, factor)

/** Rows that are 4 in the first feature, so that the mean square of the stream is 1. */
const rows: Dataset = arrays({
  inputs: new Float32Array(8 * width).map((_, i) => (i % width === 0 ? 4 : 0)),
  targets: Array.from({ length: 8 }, () => new Float32Array(width)),
  shape: [width],
})

const stageOf = async (branches: readonly Layer[], wiring: Wiring = { placement: 'none' }, data = rows) =>
  (await ledger(opened(wire(branches, wiring), data), data)).stages[0]!

const column = (entries: readonly LedgerEntry[], key: Exclude<keyof LedgerEntry, 'path'>): number[] =>
  entries.map((entry) => entry[key])

const near = (values: readonly number[], expected: readonly number[], digits = 5): void => {
  expect(values).toHaveLength(expected.length)
  values.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, digits))
}

describe('streams made by hand', () => {
  test('orthogonal writes are all kept, cancel nothing, and add up: v_l = v_0 + l', async () => {
    const { entering, entries, law } = await stageOf([1, 2, 3, 4, 5, 6].map((feature) => writes(feature, 4)))
    near(column(entries, 'written'), [1, 1, 1, 1, 1, 1])
    near(
      column(entries, 'stream').map((rms) => rms ** 2),
      [2, 3, 4, 5, 6, 7],
    )
    for (const key of ['cosine', 'cancelled'] as const) near(column(entries, key), [0, 0, 0, 0, 0, 0])
    near([entering.kept, ...column(entries, 'kept')], [1, 1, 1, 1, 1, 1, 1])
    near([entering.share, ...column(entries, 'share')], new Array<number>(7).fill(1 / 7))
    expect(law).toMatchObject({ name: 'linear' })
    near([law!.a, law!.b], [1, 1])
  })

  test('a write that takes half of the stream away', async () => {
    const { entering, entries } = await stageOf([scales(-0.5)])
    expect(entries).toHaveLength(1)
    near(Object.values(entries[0]!).slice(1) as number[], [0.5, 0.5, -1, 1, -1, -1])
    near([entering.stream, entering.kept, entering.share], [1, 0.5, 2])
  })

  test('a write that a later one cancels is not kept', async () => {
    const { entries } = await stageOf([writes(1, 2), writes(2, 2), writes(1, -2)])
    near(column(entries, 'kept'), [0, 1, 0])
    near(column(entries, 'cosine'), [0, 0, -2 / Math.sqrt(24)])
    // 1/6 of the squared write lies against the stream, which has 2 of its length sqrt(24) in that direction
    near(column(entries, 'cancelled'), [0, 0, 1 / 6])
  })

  test('a stream that grows by a tenth at every seat grows exponentially', async () => {
    const { entering, entries, law } = await stageOf(new Array<Layer>(8).fill(scales(0.1)))
    expect(law).toMatchObject({ name: 'exponential' })
    near([law!.a, law!.b], [1, 1.21])
    near(column(entries, 'cosine'), new Array<number>(8).fill(1))
    near([entering.kept, entering.share], [1.1 ** 8, 1.1 ** -8], 4)
    expect(entries[0]!.kept).toBeCloseTo(1.1 ** 8 / 0.1, 3) // what it wrote was written again by all that read it
  })

  test('tokens count one by one: half are taken away, half are doubled', async () => {
    const halves = arrays({
      inputs: Float32Array.from({ length: 8 * width }, (_, i) =>
        i % width === 0 ? (i % (2 * width) === 0 ? 4 : -4) : 0,
      ),
      targets: Array.from({ length: 8 }, () => new Float32Array(width)),
      shape: [width],
    })
    const { entries } = await stageOf([writes(0, 4)], { placement: 'none' }, halves)
    near([entries[0]!.cosine, entries[0]!.cancelled], [0, 0.5])
  })

  test('nothing written has no direction', async () => {
    const { entering, entries } = await stageOf([scales(0)])
    expect(entries[0]).toEqual({
      path: 'blocks.0',
      written: 0,
      stream: 1,
      cosine: NaN,
      cancelled: NaN,
      kept: NaN,
      share: 0,
    })
    expect(entering.share).toBe(1)
  })

  test('batches of any size give the same', async () => {
    const data = regression(50, width, width)
    const snapshot = opened(wire([linear(width), linear(width)], { placement: 'pre' }), data)
    const [whole, parts] = [await ledger(snapshot, data), await ledger(snapshot, data, { batchSize: 7 })]
    whole.stages[0]!.entries.forEach((entry, i) => {
      near(Object.values(parts.stages[0]!.entries[i]!).slice(1) as number[], Object.values(entry).slice(1) as number[])
    })
  })
})

const balance = ({ entering, entries }: Awaited<ReturnType<typeof stageOf>>): number =>
  entries.reduce((sum, { share }) => sum + share, entering.share)

describe('nets', () => {
  test.each<[string, Wiring]>([
    ['pre', { placement: 'pre' }],
    ['post', { placement: 'post' }],
    ['highway', { skip: 'highway' }],
    ['layerScale', { skip: 'layerScale' }],
    ['no skip', { skip: 'none' }],
  ])('%s: the shares of an mlp balance', async (_, wiring) => {
    const model = await small(mlp({ depth: 6, width: 8, outputs: 3, wiring }))
    await model.fit({ steps: 10, progress: false })
    const { stages } = await ledger(model, points)
    expect(stages).toHaveLength(1)
    expect(balance(stages[0]!)).toBeCloseTo(1, 4)
    const moments = [stages[0]!.entering, ...stages[0]!.entries].map(({ stream }) => stream ** 2)
    const law = growthLaw(moments)!
    expect(stages[0]!.law!.name).toBe(law.name)
    near([stages[0]!.law!.a, stages[0]!.law!.b], [law.a, law.b])
  })

  test('without a skip every seat takes away what was there', async () => {
    const data = regression(64, 64, 64)
    const net = (skip: 'none' | 'identity') =>
      opened(mlp({ depth: 4, width: 64, outputs: 64, wiring: { skip, placement: 'pre' } }), data)
    const [none, identity] = await Promise.all([ledger(net('none'), data), ledger(net('identity'), data)])
    const worst = Math.max(...column(identity.stages[0]!.entries, 'cancelled'))
    for (const entry of none.stages[0]!.entries) {
      expect(entry.cosine).toBeLessThan(-0.3)
      expect(entry.cancelled).toBeGreaterThan(3 * worst)
    }
  })

  test('a gpt: a seat for attention and one for the mlp', async () => {
    const ids = Int32Array.from({ length: 20 * 6 }, (_, i) => (i * i) % 7)
    const tokens = arrays({ inputs: ids, targets: Int32Array.from(ids, (id) => (id * 3) % 7), shape: [6], classes: 7 })
    const data: Dataset = { ...tokens, targets: { ...tokens.targets, shape: [6] } }
    const net = gpt({ layers: 2, width: 8, heads: 2, vocabulary: 7, context: 6 })
    const { stages } = await ledger(initialSnapshot(net, { train: data, loss: crossEntropy }), data)
    expect(stages[0]!.entries.map(({ path }) => path)).toEqual(
      [0, 1].flatMap((i) => [`blocks.${i}.attention`, `blocks.${i}.mlp`]),
    )
    expect(balance(stages[0]!)).toBeCloseTo(1, 5)
  })

  test('a ResNet: one balance per stage', async () => {
    const data = arrays({
      inputs: Float32Array.from({ length: 10 * 64 }, (_, i) => Math.sin(i)),
      targets: Int32Array.from({ length: 10 }, (_, i) => i % 3),
      shape: [64],
      classes: 3,
    })
    const net = resnet({ depth: 14, channels: 4, outputs: 3, image: { channels: 1, height: 8, width: 8 } })
    const snapshot = initialSnapshot(net, { train: data, loss: crossEntropy })
    const { stages } = await ledger(snapshot, data, { mode: 'train' })
    expect(stages.map(({ entries }) => entries.length)).toEqual([2, 1, 1])
    for (const stage of stages) expect(balance(stage)).toBeCloseTo(1, 4)
    expect(stages[1]!.law).toBeNull()
  })
})

describe('what has no balance is refused', () => {
  const data = regression(8, 4, 4)
  const refusal = (wiring: Wiring) =>
    ledger(opened(wire([linear(4), linear(4)], { placement: 'pre', ...wiring }), data), data)

  test.each<Wiring>([
    { skip: 'hyper' },
    { skip: 'manifoldHyper' },
    { skip: 'reversible' },
    { skip: 'momentum' },
    { skip: 'denseFormer' },
    { skip: 'attentionResidual' },
    { skip: 'learnedScalars' },
    { placement: 'resiDual' },
  ])('%j', async (wiring) => {
    await expect(refusal(wiring)).rejects.toThrow(/^ledger: expected a stream of one vector per token, got .* at '/)
  })

  test('a stream that is concatenated', async () => {
    const dense = mlp({ depth: 2, width: 4, outputs: 4, wiring: { skip: 'dense' } })
    await expect(ledger(opened(dense, data), data)).rejects.toThrow('every seat changes the shape of the stream')
  })

  test('a net without a stack', async () => {
    const plain = opened(
      sequential(linear(4), (_, x) => relu(x)),
      data,
    )
    await expect(ledger(plain, data)).rejects.toThrow('the net has no wired stack')
  })
})

import { expect, test } from 'vitest'
import { arrays } from './arrays.ts'
import { batches, countBatches, inOrder, type Batch } from './batch.ts'
import type { Dataset } from './dataset.ts'

function counting(size: number): Dataset {
  const inputs = Float32Array.from({ length: size * 2 }, (_, i) => i >> 1)
  return arrays({ name: 'counting', inputs, shape: [2], targets: Int32Array.from({ length: size }, (_, i) => i) })
}

function draw(source: Iterator<Batch>, count: number): Batch[] {
  return Array.from({ length: count }, () => source.next().value as Batch)
}

const ten = counting(10)

test('an epoch holds every example once and its last batch is smaller', () => {
  const epoch = draw(batches(ten, { batchSize: 4, seed: 7 }), 3)
  expect(epoch.map(({ size, epoch, index }) => [size, epoch, index])).toEqual([
    [4, 0, 0],
    [4, 0, 1],
    [2, 0, 2],
  ])
  expect(epoch.flatMap(({ targets }) => [...targets]).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  for (const { inputs, targets } of epoch) expect([...inputs]).toEqual([...targets].flatMap((i) => [i, i]))
})

test('the order depends on seed and epoch alone', () => {
  const order = (seed: number, skip: number): number[] =>
    draw(batches(ten, { batchSize: 10, seed }), skip + 1)
      .flatMap(({ targets }) => [...targets])
      .slice(-10)
  expect(order(1, 0)).toEqual(order(1, 0))
  expect(order(1, 0)).not.toEqual(order(2, 0))
  expect(order(1, 0)).not.toEqual(order(1, 1))
  expect(order(1, 0)).not.toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  const small = draw(batches(ten, { batchSize: 3, seed: 1 }), 4).flatMap(({ targets }) => [...targets])
  expect(small).toEqual(order(1, 0))
})

test.each([true, false])('resuming at any cursor gives what would have followed (shuffle %s)', (shuffle) => {
  const options = { batchSize: 4, seed: 3, shuffle }
  const whole = draw(batches(ten, options), 9)
  whole.slice(0, -1).forEach(({ next }, at) => {
    expect(draw(batches(ten, { ...options, from: next }), 8 - at)).toEqual(whole.slice(at + 1))
  })
})

test('without shuffling, epochs repeat the order of the data', () => {
  const drawn = draw(batches(ten, { batchSize: 6, seed: 0, shuffle: false }), 4)
  expect(drawn.map(({ targets }) => [...targets])).toEqual([
    [0, 1, 2, 3, 4, 5],
    [6, 7, 8, 9],
    [0, 1, 2, 3, 4, 5],
    [6, 7, 8, 9],
  ])
})

test('a remainder of one is skipped only on demand', () => {
  const nine = counting(9)
  const sizes = (dropRemainderOfOne: boolean): number[] =>
    draw(batches(nine, { batchSize: 4, seed: 0, dropRemainderOfOne }), 3).map(({ size }) => size)
  expect([sizes(false), countBatches(nine, 4)]).toEqual([[4, 4, 1], 3])
  expect([sizes(true), countBatches(nine, 4, { dropRemainderOfOne: true })]).toEqual([[4, 4, 4], 2])
  expect(countBatches(ten, 4, { dropRemainderOfOne: true })).toBe(3)
  expect(countBatches(counting(3), 1, { dropRemainderOfOne: true })).toBe(3)
  const [, last] = draw(batches(nine, { batchSize: 4, seed: 0, dropRemainderOfOne: true }), 2)
  expect(last?.next).toEqual({ epoch: 1, index: 0 })
})

test('inOrder passes once over the data, in batches no larger than it', () => {
  expect([...inOrder(ten, 4)].map(({ targets }) => [...targets])).toEqual([
    [0, 1, 2, 3],
    [4, 5, 6, 7],
    [8, 9],
  ])
  expect([...inOrder(ten, 64)].map(({ size }) => size)).toEqual([10])
})

test('every batch owns its arrays', () => {
  const [first, second] = draw(batches(ten, { batchSize: 5, seed: 0 }), 2)
  structuredClone(first, { transfer: [first?.inputs.buffer as ArrayBuffer, first?.targets.buffer as ArrayBuffer] })
  expect([first?.inputs.length, second?.inputs.length, second?.inputs.buffer.byteLength]).toEqual([0, 10, 40])
})

test('refuses sizes and cursors that do not fit, at once', () => {
  expect(() => batches(ten, { batchSize: 11, seed: 0 })).toThrow(
    'batches: batchSize 11 is larger than the data set counting, which has 10 examples',
  )
  for (const batchSize of [0, -1, 1.5, NaN]) {
    expect(() => batches(ten, { batchSize, seed: 0 })).toThrow(
      `expected batchSize to be a whole number >= 1, got ${batchSize}`,
    )
    expect(() => inOrder(ten, batchSize)).toThrow('expected batchSize')
  }
  for (const from of [
    { epoch: 0, index: 3 },
    { epoch: -1, index: 0 },
    { epoch: 0.5, index: 0 },
  ]) {
    expect(() => batches(ten, { batchSize: 4, seed: 0, from })).toThrow(
      `expected a cursor with epoch >= 0 and index from 0 to 2, got epoch ${from.epoch} and index ${from.index}`,
    )
  }
  expect(() => batches({ ...ten, size: 0 }, { batchSize: 1, seed: 0 })).toThrow(
    'expected counting to hold at least one example',
  )
  expect(() => inOrder({ ...ten, size: 0 }, 1)).toThrow('expected counting to hold at least one example, got none')
})

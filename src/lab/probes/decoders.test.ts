import { expect, test } from 'vitest'
import { arrays } from '../../data/arrays.ts'
import type { Layer } from '../../graph/scope.ts'
import { linear } from '../../nn/linear.ts'
import { crossEntropy } from '../../nn/loss.ts'
import { wire } from '../../nn/wiring/wire.ts'
import { mul } from '../../ops/arithmetic.ts'
import { normals } from '../normals.ts'
import { decode } from './decoders.ts'
import { linearStack, opened, regression, zeroed } from './probes.test-kit.ts'

const data = regression(60, 6, 6)

test('an invertible stack keeps all of the input, at any scale', async () => {
  const snapshot = opened(wire([linear(6), (_, x) => mul(x, 1e4)], { skip: 'none', placement: 'none' }), data)
  const found = await decode(snapshot, data, { strength: 1e-9, batchSize: 7 })
  expect(found.map(({ path }) => path)).toEqual(['input', 'blocks.0.stream', 'blocks.1.stream'])
  for (const { input, labels } of found) {
    expect(input).toBeCloseTo(1, 4)
    expect(labels).toBeNull()
  }
})

test('where a branch is dead nothing is left, unless something goes around it', async () => {
  const decoded = async (skip: string): Promise<number> => {
    const snapshot = opened(linearStack(1, 6, { skip }), data)
    const dead = { ...snapshot, weights: zeroed(snapshot.weights, 'blocks') }
    return (await decode(dead, data, { strength: 1e-9 }))[1]!.input
  }
  expect(await decoded('none')).toBeLessThanOrEqual(0)
  expect(await decoded('identity')).toBeCloseTo(1, 4)
})

test('half of equal features hold half of the input', async () => {
  const half: Layer = (s, x) => linear(3, { bias: false })(s, x)
  const many = regression(4000, 6, 3)
  const [whole, kept] = await decode(opened(wire([half], { skip: 'none', placement: 'none' }), many), many)
  expect(whole!.input).toBeCloseTo(1, 3)
  expect(kept!.input).toBeGreaterThan(0.45)
  expect(kept!.input).toBeLessThan(0.55)
})

test('labels that one feature tells are read, and no longer where it is gone', async () => {
  const rows = normals([300, 4], 3, 'rows').data as Float32Array
  const targets = Int32Array.from({ length: 300 }, (_, i) => Number(rows[4 * i]! > 0))
  const classes = arrays({ inputs: rows, targets, shape: [4] })
  const lost: Layer = (_, x) => mul(x, 0)
  const net = wire([lost], { skip: 'none', placement: 'none' }, { head: (s, x) => linear(2)(s.in('head'), x) })
  const [seen, gone] = await decode(opened(net, classes, { loss: crossEntropy }), classes)
  expect(seen!.labels).toBeGreaterThan(0.9)
  expect(gone!.labels).toBeLessThan(0.7)
})

test('it needs examples to test on', async () => {
  await expect(decode(opened(linearStack(1, 6), data), data, { fit: 60 })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[OptionError: decode: fit must be below the 60 examples, got 60]`,
  )
})

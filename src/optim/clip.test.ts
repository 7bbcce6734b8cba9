import { expect, test } from 'vitest'
import { runOnnx } from '../../test/run-layer.ts'
import { type Graph, graph } from '../graph/graph.ts'
import { input } from '../graph/value.ts'
import { evaluate } from '../runtime/reference.ts'
import { tensor } from '../tensor.ts'
import { mul } from '../ops/arithmetic.ts'
import { clipFactor } from './clip.ts'

function clip(limit: number, dtype: 'float32' | 'float64'): Graph {
  const [a, b] = [input('a', dtype, [2]), input('b', dtype, [1, 1])]
  const { factor, norm } = clipFactor([a, b], limit)
  return graph({ 'clipped a': mul(a, factor), 'clipped b': mul(b, factor), norm })
}
const feeds = { a: tensor([3, 4]), b: tensor([-12], [1, 1]) } // norm 13

test('the norm is that of all gradients together, and what exceeds the limit is scaled to it', () => {
  const { 'clipped a': a, 'clipped b': b, norm } = evaluate(clip(6.5, 'float64'), feeds)
  expect(norm?.data[0]).toBe(13)
  const factor = 6.5 / (13 + 1e-6)
  expect(a?.data[0]).toBeCloseTo(3 * factor, 14)
  expect(a?.data[1]).toBeCloseTo(4 * factor, 14)
  expect(b?.data[0]).toBeCloseTo(-12 * factor, 14)
})

test('gradients within the limit, and gradients of 0, stay bit for bit', async () => {
  const odd = { a: tensor([0.1, -1 / 3]), b: tensor([1e-20], [1, 1]) }
  const { 'clipped a': a, 'clipped b': b } = await runOnnx(clip(13, 'float32'), odd)
  expect([a?.data, b?.data]).toEqual([odd.a.data, odd.b.data])
  const none = { a: tensor([0, 0]), b: tensor([0], [1, 1]) }
  expect((await runOnnx(clip(1, 'float32'), none))['clipped a']?.data).toEqual(none.a.data)
})

test('a gradient that is not finite shows in the norm', async () => {
  for (const value of [NaN, Infinity]) {
    const { norm } = await runOnnx(clip(1, 'float32'), { ...feeds, a: tensor([value, 0]) })
    expect(norm?.data[0]).toBe(value)
  }
})

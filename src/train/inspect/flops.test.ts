import { describe, expect, test } from 'vitest'
import { vjp } from '../../autodiff/grad.ts'
import { graph } from '../../graph/graph.ts'
import { input, type Value } from '../../graph/value.ts'
import {
  add,
  averagePool,
  broadcastTo,
  conv,
  convTranspose,
  customGradient,
  exp,
  gather,
  gelu,
  gemm,
  layerNorm,
  matMul,
  maxPool,
  mean,
  mul,
  pad,
  reshape,
  rmsNorm,
  scatterAdd,
  softmax,
  softmaxCrossEntropy,
  split,
  stopGradient,
  sum,
  transpose,
} from '../../ops/index.ts'
import { sizeOf } from '../../tensor.ts'
import { flops } from './flops.ts'

const float = (name: string, ...shape: number[]): Value => input(name, 'float32', shape)
const ids = (name: string, ...shape: number[]): Value => input(name, 'int32', shape)
const x = float('x', 4, 6)
const images = float('images', 2, 3, 5, 5)
const kernel = float('kernel', 4, 3, 3, 3)

const flopsOf = (y: Value): number => flops(graph({ y }))

test.each<[string, Value, number]>([
  ['a product: m n k multiply-adds', matMul(x, float('w', 6, 5)), 2 * 4 * 5 * 6],
  ['of a transposed operand', matMul(x, float('w', 4, 5), { a: true }), 2 * 6 * 5 * 4],
  ['of a batch', matMul(float('a', 3, 4, 6), float('w', 6, 5)), 3 * 2 * 4 * 5 * 6],
  ['a product and a sum', gemm(x, float('w', 5, 6), float('b', 5), { b: true }), 2 * 4 * 5 * 6 + 4 * 5],
  ['an elementwise function, where it broadcasts', mul(x, float('row', 6)), 24],
  ['a function of one operand', gelu(x), 24],
  ['a sum over rows: each element once', sum(x, [0]), 24],
  ['a mean', mean(x), 24],
  ['softmax', softmax(x), 5 * 24],
  ['layer norm', layerNorm(x, float('g', 6), float('b', 6))[0], 7 * 24],
  ['RMS norm', rmsNorm(x, float('g', 6))[0], 4 * 24],
  ['cross-entropy', softmaxCrossEntropy(x, ids('i', 4))[0], 4 * 24],
  ['a convolution', conv(images, kernel), 2 * (2 * 4 * 3 * 3) * (3 * 3 * 3)],
  ['in groups', conv(images, float('k', 6, 1, 3, 3), { groups: 3 }), 2 * (2 * 6 * 3 * 3) * (1 * 3 * 3)],
  ['average pooling', averagePool(images, { kernel: 2 }), 2 * 3 * 2 * 2 * 4],
  ['max pooling', maxPool(images, { kernel: 2 }), 2 * 3 * 2 * 2 * 4],
  ['rows that are added', scatterAdd(x, ids('i', 4), 10), 24],
])('%s', (_, y, wanted) => {
  expect(flopsOf(y)).toBe(wanted)
})

test.each<[string, Value]>([
  ['reshape', reshape(x, [24])],
  ['transpose', transpose(x)],
  ['broadcast', broadcastTo(x, [2, 4, 6])],
  ['pad', pad(x, [1, 1], [0, 0])],
  ['split', split(x, 1, [2, 4])[0]!],
  ['a table that is looked up', gather(x, ids('i', 3))],
  ['a gradient that is stopped', stopGradient(x)],
  ['a gradient of its own', customGradient([x], [x], (g) => g)[0]!],
])('nothing for %s', (_, y) => {
  expect(flopsOf(y)).toBe(0)
})

describe('a gradient of a product costs as much as the product', () => {
  const padded = { padding: 1, stride: 2 }
  const grown = float('grown', 2, 4, 3, 3)
  test.each<[string, Value, readonly Value[]]>([
    ['convolution', conv(images, kernel, padded), [images, kernel]],
    ['transposed convolution', convTranspose(grown, kernel, padded), [grown, kernel]],
    ['matrices', matMul(x, float('w', 6, 5)), [x]],
  ])('%s', (_, y, inputs) => {
    const seed = float('seed', ...y.shape)
    for (const gradient of vjp([y], [seed], inputs)) expect(flopsOf(gradient)).toBe(flopsOf(y))
  })
})

test('the nodes of a graph add up, shared ones once', () => {
  const shared = exp(x)
  expect(flopsOf(add(shared, reshape(shared, x.shape)))).toBe(2 * sizeOf(x.shape))
})

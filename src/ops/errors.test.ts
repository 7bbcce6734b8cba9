import { expect, test } from 'vitest'
import { messageOf, ShapeError } from '../errors.ts'
import { input } from '../graph/value.ts'
import { add } from './arithmetic.ts'
import { broadcastTo, sum } from './broadcast.ts'
import { and, less, where } from './compare.ts'
import { affine } from './composite.ts'
import { gather, oneHot, scatterAdd } from './gather.ts'
import { gemm, matMul } from './matmul.ts'
import { layerNorm } from './normalize.ts'
import { reshape, transpose } from './reshape.ts'
import { concat, pad, slice, sliceAxis, split } from './slice.ts'
import { softmax, softmaxCrossEntropy } from './softmax.ts'
import { exp } from './unary.ts'

const x = input('x', 'float32', [32, 784])
const wide = input('wide', 'float32', [10, 784])
const vector = input('vector', 'float32', [7])
const double = input('double', 'float64', [784])
const labels = input('labels', 'int32', [32])
const mask = input('mask', 'bool', [32, 1])
const scalar = input('scalar', 'float32', [])

/** The message of a refusal, with the folder and the line of this file left out. */
function refusal(f: () => unknown): string {
  try {
    f()
  } catch (error) {
    expect(error).toBeInstanceOf(ShapeError)
    return messageOf(error).replace(/ at \S+\/(errors\.test\.ts):\d+$/, ' at $1:<line>')
  }
  throw new Error('expected a ShapeError')
}

test('the message ends with the place of the call', () => {
  const line = Number(/errors\.test\.ts:(\d+)/.exec(new Error().stack ?? '')?.[1])
  expect(() => matMul(x, wide)).toThrow(`errors.test.ts:${line + 1}`)
})

test('the place is found under many frames', () => {
  const nested = (depth: number): unknown =>
    depth === 0 ? JSON.parse('[1]', () => matMul(x, wide)) : nested(depth - 1)
  expect(() => nested(30)).toThrow(/errors\.test\.ts:\d+$/)
})

test('matrices whose inner sizes differ', () => {
  expect(refusal(() => matMul(x, wide))).toMatchInlineSnapshot(
    `"inner sizes differ, [32, 784] x [10, 784]: 784 against 10; transpose the second? (matMul of float32[32, 784] 'x', float32[10, 784] 'wide') at errors.test.ts:<line>"`,
  )
  expect(refusal(() => matMul(x, x))).toMatchInlineSnapshot(
    `"inner sizes differ, [32, 784] x [32, 784]: 784 against 32; transpose the second? (matMul of float32[32, 784] 'x', float32[32, 784] 'x') at errors.test.ts:<line>"`,
  )
  expect(refusal(() => affine(x, vector))).toMatchInlineSnapshot(
    `"expected matrices, got ranks 2 and 1; reshape first (matMul of float32[32, 784] 'x', float32[7] 'vector') at errors.test.ts:<line>"`,
  )
  expect(refusal(() => affine(x, transpose(wide)))).toMatchInlineSnapshot(
    `"inner sizes differ, [32, 784] x [784, 10]: 784 against 10; transpose the second? (matMul of float32[32, 784] 'x', float32[784, 10]) at errors.test.ts:<line>"`,
  )
  expect(refusal(() => gemm(x, wide, vector, { b: true }))).toMatchInlineSnapshot(
    `"shapes [7] and [32, 10] do not broadcast: 7 against 10 (gemm of float32[32, 784] 'x', float32[10, 784] 'wide', float32[7] 'vector') at errors.test.ts:<line>"`,
  )
})

test('shapes that do not broadcast', () => {
  expect(refusal(() => add(x, vector))).toMatchInlineSnapshot(
    `"shapes [32, 784] and [7] do not broadcast: 784 against 7 (add of float32[32, 784] 'x', float32[7] 'vector') at errors.test.ts:<line>"`,
  )
})

test('dtypes that do not meet', () => {
  expect(refusal(() => add(x, double))).toMatchInlineSnapshot(
    `"expected numbers of one dtype, got float32 and float64; use cast (add of float32[32, 784] 'x', float64[784] 'double') at errors.test.ts:<line>"`,
  )
  expect(refusal(() => exp(labels))).toMatchInlineSnapshot(
    `"expected floats of one dtype, got int32; use cast (exp of int32[32] 'labels') at errors.test.ts:<line>"`,
  )
  expect(refusal(() => where(x, x, x))).toMatchInlineSnapshot(
    `"the condition must be bool, got float32 (where of float32[32, 784] 'x', float32[32, 784] 'x', float32[32, 784] 'x') at errors.test.ts:<line>"`,
  )
  expect(refusal(() => and(mask, x))).toMatchInlineSnapshot(
    `"expected bool, got bool and float32 (and of bool[32, 1] 'mask', float32[32, 784] 'x') at errors.test.ts:<line>"`,
  )
})

test('labels', () => {
  expect(refusal(() => softmaxCrossEntropy(x, wide))).toMatchInlineSnapshot(
    `"targets float32[10, 784] must be int32 logits [32, 784] without the last axis; pass class indices, not one-hot rows (softmaxCrossEntropy of float32[32, 784] 'x', float32[10, 784] 'wide') at errors.test.ts:<line>"`,
  )
  expect(refusal(() => gather(x, vector))).toMatchInlineSnapshot(
    `"indices must be int32, got float32 (gather of float32[32, 784] 'x', float32[7] 'vector') at errors.test.ts:<line>"`,
  )
  expect(refusal(() => scatterAdd(vector, labels, 3))).toMatchInlineSnapshot(
    `"updates [7] must begin with the axes of indices [32] (scatterAdd of float32[7] 'vector', int32[32] 'labels') at errors.test.ts:<line>"`,
  )
})

test('axes out of range', () => {
  expect(refusal(() => sum(x, [2]))).toMatchInlineSnapshot(
    `"axis 2 is out of range for rank 2 (sum of float32[32, 784] 'x') at errors.test.ts:<line>"`,
  )
  expect(refusal(() => sum(x, [0, -2]))).toMatchInlineSnapshot(
    `"axes [0, 0] name one axis twice (sum of float32[32, 784] 'x') at errors.test.ts:<line>"`,
  )
  expect(refusal(() => transpose(x, [0, 2]))).toMatchInlineSnapshot(
    `"axis 2 is out of range for rank 2 (transpose of float32[32, 784] 'x') at errors.test.ts:<line>"`,
  )
  expect(refusal(() => transpose(x, [1, -1]))).toMatchInlineSnapshot(
    `"order [1, 1] is not a permutation of 2 axes (transpose of float32[32, 784] 'x') at errors.test.ts:<line>"`,
  )
  expect(refusal(() => transpose(scalar))).toMatchInlineSnapshot(
    `"axis -1 is out of range for rank 0 (transpose of float32[] 'scalar') at errors.test.ts:<line>"`,
  )
  expect(refusal(() => sliceAxis(x, 2, 0, 1))).toMatchInlineSnapshot(
    `"axis 2 is out of range for rank 2 (slice of float32[32, 784] 'x') at errors.test.ts:<line>"`,
  )
  expect(refusal(() => concat([x, x], 2))).toMatchInlineSnapshot(
    `"axis 2 is out of range for rank 2 (concat of float32[32, 784] 'x', float32[32, 784] 'x') at errors.test.ts:<line>"`,
  )
})

test('parts and windows that do not fit', () => {
  expect(refusal(() => reshape(x, [32, 783]))).toMatchInlineSnapshot(
    `"[32, 784] has 25088 elements and cannot become [32, 783] (reshape of float32[32, 784] 'x') at errors.test.ts:<line>"`,
  )
  expect(refusal(() => reshape(x, [-1, 784]))).toMatchInlineSnapshot(
    `"[32, 784] has 25088 elements and cannot become [-1, 784] (reshape of float32[32, 784] 'x') at errors.test.ts:<line>"`,
  )
  expect(refusal(() => slice(x, [0, 780], [32, 5]))).toMatchInlineSnapshot(
    `"window of [32, 5] at [0, 780] leaves [32, 784] (slice of float32[32, 784] 'x') at errors.test.ts:<line>"`,
  )
  expect(refusal(() => slice(x, [0.5, 0], [1, 1]))).toMatchInlineSnapshot(
    `"window of [1, 1] at [0.5, 0] leaves [32, 784] (slice of float32[32, 784] 'x') at errors.test.ts:<line>"`,
  )
  expect(refusal(() => pad(x, [0, -1], [0, 0]))).toMatchInlineSnapshot(
    `"[0, -1] before and [0, 0] after do not fit rank 2 (pad of float32[32, 784] 'x') at errors.test.ts:<line>"`,
  )
  expect(refusal(() => split(x, 1, [700]))).toMatchInlineSnapshot(
    `"parts [700] sum to 700, axis 1 has 784 (split of float32[32, 784] 'x') at errors.test.ts:<line>"`,
  )
  expect(refusal(() => split(x, 1, [785, -1]))).toMatchInlineSnapshot(
    `"parts [785, -1] sum to 784, axis 1 has 784 (split of float32[32, 784] 'x') at errors.test.ts:<line>"`,
  )
  expect(refusal(() => concat([x, vector], 0))).toMatchInlineSnapshot(
    `"parts must agree in dtype and in every axis but 0 (concat of float32[32, 784] 'x', float32[7] 'vector') at errors.test.ts:<line>"`,
  )
})

test('a gain of another width', () => {
  expect(refusal(() => layerNorm(x, vector, vector))).toMatchInlineSnapshot(
    `"gain [7] must be the last axis of [32, 784] (layerNorm of float32[32, 784] 'x', float32[7] 'vector', float32[7] 'vector') at errors.test.ts:<line>"`,
  )
})

test('sizes that no axis can have are refused', () => {
  const index = input('index', 'int32', [3])
  const one = input('one', 'float32', [1])
  for (const make of [
    () => broadcastTo(one, [1.5]),
    () => broadcastTo(one, [-1]),
    () => oneHot(index, 2.5),
    () => scatterAdd(index, index, -1),
    () => softmax(input('scalar', 'float32', [])),
  ]) {
    expect(make).toThrow(ShapeError)
  }
  expect(() => less(index, 2.5)).toThrow('expected an integer beside int32, got 2.5; use cast')
})

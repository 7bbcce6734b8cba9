import { expect, test } from 'vitest'
import { DataError, OptionError } from '../errors.ts'
import { arrays, type ArraysOptions } from './arrays.ts'
import type { Column } from './dataset.ts'

function first(column: Column, count: number): number[] {
  const length = column.shape.reduce((product, size) => product * size, count)
  const into = column.dtype === 'float32' ? new Float32Array(length) : new Int32Array(length)
  column.gather(
    Array.from({ length: count }, (_, i) => i),
    into,
  )
  return [...into]
}

test('rows of numbers with class indices', () => {
  const xor = arrays({
    inputs: [
      [0, 0],
      [0, 1],
      [1, 0],
    ],
    targets: [0, 1, 1],
    classes: 2,
    name: 'xor',
  })
  expect([xor.name, xor.size, xor.classes]).toEqual(['xor', 3, 2])
  expect([xor.inputs.dtype, xor.inputs.shape, first(xor.inputs, 3)]).toEqual(['float32', [2], [0, 0, 0, 1, 1, 0]])
  expect([xor.targets.dtype, xor.targets.shape, first(xor.targets, 3)]).toEqual(['int32', [], [0, 1, 1]])
})

test('a flat array with a shape, and float targets for regression', () => {
  const data = arrays({ inputs: Float32Array.from({ length: 8 }, (_, i) => i), shape: [2, 2], targets: [0.5, -0.5] })
  expect([data.size, data.inputs.shape, data.classes]).toEqual([2, [2, 2], undefined])
  expect([data.targets.dtype, data.targets.shape, first(data.targets, 2)]).toEqual(['float32', [], [0.5, -0.5]])
})

test('rows of targets, token ids as inputs and as targets', () => {
  const vectors = arrays({
    inputs: [[1], [2]],
    targets: [
      [1, 2, 3],
      [4, 5, 6],
    ],
  })
  expect([vectors.targets.dtype, vectors.targets.shape]).toEqual(['float32', [3]])
  const tokens = arrays({ inputs: Int32Array.of(1, 2, 3, 4), shape: [2], targets: Int32Array.of(2, 3, 4, 5) })
  expect([tokens.size, tokens.inputs.dtype, tokens.targets.dtype, tokens.targets.shape]).toEqual([
    2,
    'int32',
    'int32',
    [2],
  ])
  expect(first(tokens.targets, 1)).toEqual([2, 3])
})

test('without a shape, a flat array is divided by the number of targets', () => {
  expect(arrays({ inputs: new Float32Array(6), targets: Int32Array.of(0, 1) }).inputs.shape).toEqual([3])
})

const none = new Float32Array(0)
const sparse: number[] = [1]
sparse[2] = 3

test.each<[ArraysOptions, string]>([
  [{ inputs: none, targets: [] }, 'arrays: expected at least one example, got none'],
  [{ inputs: [[]], targets: [1] }, 'inputs: expected at least one value per row, got none'],
  [{ inputs: [[1], [2]], targets: [1] }, 'expected as many targets as inputs, got 2 inputs and 1 targets'],
  [
    { inputs: [[1], [2]], targets: new Float32Array(3) },
    'got 2 input and 3 target values for 2 examples; give `shape`',
  ],
  [{ inputs: new Float32Array(7), targets: new Float32Array(3) }, 'got 7 input and 3 target values for 3 examples'],
  [{ inputs: new Float32Array(7), shape: [2], targets: [1, 2, 3] }, 'got 3.5 inputs and 3 targets'],
  [
    {
      inputs: [
        [1, 2],
        [3, 4],
      ],
      shape: [3],
      targets: [1, 2],
    },
    'expected inputs of [3], got 2 values per example',
  ],
  [{ inputs: [[1, 2], [3]], targets: [1, 2] }, 'inputs: expected 2 values in every row, got 1 in row 1'],
  [
    {
      inputs: [
        [1, 2],
        [3, NaN],
      ],
      targets: [1, 2],
    },
    'inputs: expected finite float32 numbers, got NaN in row 1, column 1',
  ],
  [
    { inputs: Float32Array.of(0, 0, 0, Infinity), targets: [1, 2] },
    'got Infinity in row 1, column 1; remove or replace',
  ],
  [{ inputs: [[1e39]], targets: [1] }, 'got Infinity in row 0, column 0'],
  [{ inputs: [['5' as unknown as number]], targets: [1] }, 'got 5 in row 0, column 0'],
  [{ inputs: [sparse], targets: [1] }, 'got undefined in row 0, column 1'],
  [
    { inputs: [[1], [2]], targets: Float32Array.of(1, NaN) },
    'targets: expected finite float32 numbers, got NaN in row 1, column 0',
  ],
  [{ inputs: [[1], [2]], targets: [0, 2], classes: 2 }, 'targets: expected class indices from 0 to 1, got 2 in row 1'],
  [{ inputs: [[1], [2]], targets: [0, 0.5], classes: 2 }, 'got 0.5 in row 1'],
  [{ inputs: [[1]], targets: Int32Array.of(-1) }, 'targets: expected class indices >= 0, got -1 in row 0'],
  [{ inputs: [[1]], targets: [[0, 1]], classes: 2 }, 'got rows; pass class indices, not one-hot rows'],
])('refuses bad data %#', (options, message) => {
  expect(() => arrays(options)).toThrow(DataError)
  expect(() => arrays(options)).toThrow(message)
})

test('refuses bad options', () => {
  expect(() => arrays({ inputs: [[1]], targets: [0], classes: 0 })).toThrow(OptionError)
  expect(() => arrays({ inputs: [[1]], targets: [0], shape: [-1] })).toThrow(
    'shape: expected whole numbers >= 1, got [-1]',
  )
})

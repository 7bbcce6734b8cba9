import { expect, test } from 'vitest'
import { byteColumn, column, selected } from './column.ts'

const pairs = column(Float32Array.of(0, 1, 10, 11, 20, 21), [2])

test('gathers rows in the order asked for, repeats included', () => {
  const into = new Float32Array(6)
  pairs.gather([2, 0, 2], into)
  expect([...into]).toEqual([20, 21, 0, 1, 20, 21])
})

test('keeps int32 and scalar shape', () => {
  const labels = column(Int32Array.of(7, 8, 9), [])
  const into = new Int32Array(2)
  labels.gather(Uint32Array.of(2, 1), into)
  expect([labels.dtype, labels.shape, [...into]]).toEqual(['int32', [], [9, 8]])
})

test('scales bytes when gathered and keeps the array it was given', () => {
  const bytes = Uint8Array.of(0, 51, 102, 255)
  const pixels = byteColumn(bytes, [2], 1 / 255)
  const into = new Float32Array(4)
  bytes[0] = 255
  pixels.gather([1, 0], into)
  expect([...into]).toEqual([Math.fround(0.4), 1, 1, Math.fround(0.2)])
})

test('a selection maps its rows to those of its source', () => {
  const into = new Float32Array(4)
  selected(selected(pairs, Uint32Array.of(2, 1)), Uint32Array.of(1, 0)).gather([0, 1], into)
  expect([...into]).toEqual([10, 11, 20, 21])
})

test.each([3, -1, 0.5, NaN])('refuses row %s', (row) => {
  expect(() => pairs.gather([row], new Float32Array(2))).toThrow(`gather: expected an example from 0 to 2, got ${row}`)
  expect(() => selected(pairs, Uint32Array.of(0, 1, 2)).gather([row], new Float32Array(2))).toThrow('from 0 to 2')
})

test('refuses an array of the wrong length or dtype', () => {
  expect(() => pairs.gather([0], new Float32Array(3))).toThrow('expected room for float32[2], got float32[3]')
  expect(() => pairs.gather([0], new Int32Array(2))).toThrow('expected room for float32[2], got int32[2]')
})

import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { loadCases } from '../../test/fixtures/load.ts'
import { float16Values, narrowBfloat16, narrowFloat16, widenBfloat16, widenFloat16 } from './half.ts'

interface HalfCase {
  readonly name: string
  readonly widened: string
  readonly float16: string
  readonly bfloat16: string
}

const expected = loadCases<HalfCase>('gguf').find(({ name }) => name === 'half')!

const digest = (data: Uint16Array | Float32Array): string =>
  createHash('sha256').update(new Uint8Array(data.buffer)).digest('hex')

const every = Uint16Array.from({ length: 65536 }, (_, i) => i)
const isNaN16 = (bits: number, infinity: number): boolean => (bits & 0x7fff) > infinity

/** As test/fixtures/gguf.py makes them: every magnitude, and ties of both formats. */
const words = Uint32Array.from({ length: 2 ** 17 }, (_, i) => Math.imul(i, 0x9e3779b1)).map((word, i) => {
  if (i % 4 === 0) return (word & 0xffff0000) | 0x8000
  return i % 4 === 1 ? (word & 0xffffe000) | 0x1000 : word
})
const singles = new Float32Array(words.buffer)

test('all float16 patterns widen as in NumPy', () => {
  const widened = new Float32Array(65536)
  widenFloat16(every, widened)
  expect(digest(widened.map((value) => (Number.isNaN(value) ? NaN : value)))).toBe(expected.widened)
  expect([...float16Values().subarray(0x3bff, 0x3c02)]).toEqual([1 - 2 ** -11, 1, 1 + 2 ** -10])
  expect(Object.is(float16Values()[0x8000], -0)).toBe(true)
})

test('float32 of every magnitude narrows to float16 as in NumPy', () => {
  const half = new Uint16Array(singles.length)
  narrowFloat16(singles, half)
  expect(digest(half.map((bits) => (isNaN16(bits, 0x7c00) ? 0x7e00 : bits)))).toBe(expected.float16)
})

test('float32 of every magnitude narrows to bfloat16 as in PyTorch', () => {
  const half = new Uint16Array(singles.length)
  narrowBfloat16(singles, half)
  expect(digest(half.map((bits) => (isNaN16(bits, 0x7f80) ? 0x7fc0 : bits)))).toBe(expected.bfloat16)
})

test.each([
  ['float16', widenFloat16, narrowFloat16, 0x7c00],
  ['bfloat16', widenBfloat16, narrowBfloat16, 0x7f80],
] as const)('narrowing what was widened gives every %s back', (_, widen, narrow, infinity) => {
  const wide = new Float32Array(65536)
  const back = new Uint16Array(65536)
  widen(every, wide)
  narrow(wide, back)
  const wrong = every.filter((bits) => back[bits] !== bits && !isNaN16(bits, infinity))
  expect([...wrong]).toEqual([])
  expect(every.filter((bits) => Number.isNaN(wide[bits]) !== isNaN16(bits, infinity))).toHaveLength(0)
})

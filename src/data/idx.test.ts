import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DataError } from '../errors.ts'
import { readIdx } from './idx.ts'

function idx(sizes: readonly number[], data: readonly number[], type = 8): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * sizes.length))
  header.setUint8(2, type)
  header.setUint8(3, sizes.length)
  sizes.forEach((size, axis) => header.setUint32(4 + 4 * axis, size))
  return Uint8Array.of(...new Uint8Array(header.buffer), ...data)
}

test('reads sizes and data', () => {
  const { shape, data } = readIdx(idx([2, 3], [1, 2, 3, 4, 5, 6]), 'f')
  expect([shape, [...data]]).toEqual([
    [2, 3],
    [1, 2, 3, 4, 5, 6],
  ])
})

test('reads a view into a larger buffer', () => {
  const file = Uint8Array.of(9, 9, 9, ...idx([2], [4, 5]), 9)
  expect([...readIdx(file.subarray(3, -1), 'f').data]).toEqual([4, 5])
})

const good = idx([2, 3], [1, 2, 3, 4, 5, 6])

test.each([
  ['nothing', new Uint8Array(0), 'f: expected an idx header of 4 bytes, got 0; truncated?'],
  ['gzip', Uint8Array.of(0x1f, 0x8b, 8, 0, 0), 'f: is gzip-compressed; unpack it first'],
  [
    'text',
    new TextEncoder().encode('{"data": []}'),
    'f: expected an idx file, which starts with bytes 0 0, got 123 34',
  ],
  ['floats', idx([1], [0, 0, 0, 0], 0x0d), 'f: expected unsigned bytes (idx type code 8), got float32'],
  ['an unknown type', idx([1], [0], 7), 'got the unknown type code 7'],
  ['no axes', idx([], [1]), 'f: expected at least one axis, got an idx file with none'],
  ['half a header', good.subarray(0, 10), 'f: expected 12 header bytes for 2 axes, got 10; it is truncated'],
  ['half the data', good.subarray(0, 15), 'f: expected 2 x 3 = 6 bytes of data, got 3; it is truncated'],
  ['trailing bytes', Uint8Array.of(...good, 0, 0), 'f: expected 2 x 3 = 6 bytes of data, got 8; 2 bytes are left over'],
  [
    'sizes that overflow',
    idx([0xffffffff, 0xffffffff], [1]),
    'f: sizes 4294967295 x 4294967295 are too large; the header is damaged',
  ],
  ['sizes that wrap to the length', idx([0x10000, 0x10000, 0x10000, 0x10000], []), 'are too large'],
  [
    'a huge size',
    idx([0xffffffff], [1, 2]),
    'f: expected 4294967295 = 4294967295 bytes of data, got 2; it is truncated',
  ],
])('names what is wrong with %s', (_, bytes, message) => {
  expect(() => readIdx(bytes, 'f')).toThrow(DataError)
  expect(() => readIdx(bytes, 'f')).toThrow(message)
})

/** Parses or refuses, and never holds memory that the file does not. */
function holds(bytes: Uint8Array): boolean {
  try {
    const { shape, data } = readIdx(bytes, 'fuzz')
    expect(data.buffer).toBe(bytes.buffer)
    expect(data.length).toBe(shape.reduce((product, size) => product * size, 1))
    expect(4 + 4 * shape.length + data.length).toBe(bytes.length)
    return true
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    return false
  }
}

const validFile = fc
  .array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 })
  .chain((sizes) => {
    const length = sizes.reduce((product, size) => product * size, 1)
    return fc.tuple(fc.constant(sizes), fc.array(fc.nat(255), { minLength: length, maxLength: length }))
  })
  .map(([sizes, data]) => idx(sizes, data))

test('fuzz: valid files parse', () => {
  fc.assert(
    fc.property(validFile, (bytes) => {
      expect(holds(bytes)).toBe(true)
    }),
  )
})

test('fuzz: every truncation and extension is refused', () => {
  fc.assert(
    fc.property(validFile, fc.nat(), fc.uint8Array({ minLength: 1 }), (bytes, cut, more) => {
      expect(holds(bytes.slice(0, cut % bytes.length))).toBe(false)
      expect(holds(Uint8Array.of(...bytes, ...more))).toBe(false)
    }),
  )
})

test('fuzz: random bytes and mutations never do anything else', () => {
  const mutated = fc
    .tuple(validFile, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }))
    .map(([bytes, changes]) => {
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte
      return bytes
    })
  const idxLike = fc.uint8Array({ maxLength: 64 }).map((tail) => Uint8Array.of(0, 0, 8, ...tail))
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), idxLike, mutated), (bytes) => void holds(bytes)),
    { numRuns: 2000 },
  )
})

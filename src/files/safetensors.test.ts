import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DataError } from '../errors.ts'
import { sizeOf, tensor, type HostTensor } from '../tensor.ts'
import { readSafetensors, writeSafetensors } from './safetensors.ts'

const sample: Record<string, HostTensor> = {
  'blocks.0.weight': tensor(new Float32Array([1, -0, NaN, Infinity, 1e-40, 2]), [2, 3]),
  'blocks.0.bias': tensor(new Float64Array([Math.PI, -1]), [2]),
  'batch.step': tensor(new Int32Array([2 ** 31 - 1]), []),
  mask: tensor(new Uint8Array([1, 0, 1]), [3]),
  empty: tensor(new Float32Array(0), [0, 7]),
}

/** A file with any header and `dataBytes` bytes of data. */
function file(header: string | Uint8Array, dataBytes = 0, length?: bigint): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header
  const bytes = new Uint8Array(8 + text.length + dataBytes)
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true)
  bytes.set(text, 8)
  return bytes
}

const entry = (begin: number, end: number, shape: unknown = [(end - begin) / 4], dtype = 'F32'): string =>
  JSON.stringify({ dtype, shape, data_offsets: [begin, end] })

const headerText = (bytes: Uint8Array): string => {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true))
  return new TextDecoder().decode(bytes.subarray(8, 8 + length))
}

const content = (tensors: Readonly<Record<string, HostTensor>>): unknown =>
  Object.entries(tensors)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { dtype, shape, data }]) => [
      name,
      dtype,
      shape,
      Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex'),
    ])

const tensors = fc.dictionary(
  fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', '10', '9', '\ud800')),
  fc
    .tuple(
      fc.constantFrom(Float32Array, Float64Array, Int32Array, Uint8Array),
      fc.array(fc.nat(4), { maxLength: 3 }),
      fc.nat(),
    )
    .map(([Data, shape, seed]) =>
      tensor(
        new Data(sizeOf(shape)).map((_, i) => (seed + i) % 2),
        shape,
      ),
    ),
  { maxKeys: 6 },
)

describe('round trip', () => {
  test('keeps types, shapes and every bit', () => {
    const back = readSafetensors(writeSafetensors(sample, { made: 'here', ünï: '\n' }), 'x')
    expect(content(back.tensors)).toEqual(content(sample))
    expect({ ...back.metadata }).toEqual({ made: 'here', ünï: '\n' })
  })

  test('of any tensors with any names', () => {
    fc.assert(
      fc.property(tensors, (given) => {
        expect(content(readSafetensors(writeSafetensors(given), 'x').tensors)).toEqual(content(given))
      }),
    )
  })

  test('of no tensors', () => expect(Object.keys(readSafetensors(writeSafetensors({}), 'x').tensors)).toEqual([]))

  test('__proto__ is a name like any other', () => {
    const given = Object.fromEntries([['__proto__', tensor([1, 2])]])
    const { tensors: back } = readSafetensors(writeSafetensors(given, Object.fromEntries([['__proto__', 'x']])), 'x')
    expect(Object.keys(back)).toEqual(['__proto__'])
    expect(Array.from(back.__proto__?.data ?? [])).toEqual([1, 2])
    expect(Object.prototype).not.toHaveProperty('dtype')
  })
})

describe('bytes', () => {
  test('are those of the format', () => {
    const bytes = writeSafetensors({ b: tensor([1]), a: tensor(new Float64Array([2])) }, { k: 'v' })
    expect(headerText(bytes)).toMatchInlineSnapshot(
      `"{"__metadata__":{"k":"v"},"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}   "`,
    )
    expect(Buffer.from(bytes.slice(-12)).toString('hex')).toBe('0000000000000040' + '0000803f')
  })

  test('do not depend on the order of the tensors', () => {
    const reversed = Object.fromEntries(Object.entries(sample).reverse())
    expect(writeSafetensors(reversed, { b: '', a: '' })).toEqual(writeSafetensors(sample, { a: '', b: '' }))
  })

  test('put every tensor at a multiple of its element size, so that reading copies nothing', () => {
    const bytes = writeSafetensors({ a: tensor(new Uint8Array(3)), b: tensor([1]), c: tensor(new Float64Array(1)) })
    for (const { data } of Object.values(readSafetensors(bytes, 'x').tensors)) expect(data.buffer).toBe(bytes.buffer)
  })

  test('at an odd offset are copied', () => {
    const bytes = writeSafetensors(sample)
    const odd = new Uint8Array(bytes.length + 1)
    odd.set(bytes, 1)
    for (const view of [odd.subarray(1), Buffer.from(odd.buffer, 1)]) {
      expect(content(readSafetensors(view, 'x').tensors)).toEqual(content(sample))
    }
  })
})

test('U8 is widened to int32', () => {
  const bytes = file(`{"t":${entry(0, 2, [2], 'U8')}}`, 2)
  bytes[bytes.length - 1] = 200
  expect(readSafetensors(bytes, 'x').tensors.t).toEqual({
    dtype: 'int32',
    shape: [2],
    data: new Int32Array([0, 200]),
  })
})

describe('refused when writing', () => {
  test.each<[string, HostTensor, string]>([
    [
      't',
      { dtype: 'float32', shape: [3], data: new Float32Array(2) },
      'expected the data of float32[3], got 2 elements',
    ],
    ['t', { dtype: 'float32', shape: [2], data: new Float64Array(2) }, 'got 2 elements of 8 bytes'],
    ['__metadata__', tensor([1]), '"__metadata__"'],
  ])('%s %o', (name, value, message) => expect(() => writeSafetensors({ [name]: value })).toThrow(message))
})

describe('refused when reading', () => {
  const f32 = entry(0, 4)
  test.each<[string, Uint8Array, string]>([
    ['too short', new Uint8Array(7), 'at least 8 bytes, got 7'],
    ['header over the cap', file('{}', 0, 100_000_001n), 'at most 100000000 bytes, its length field says 100000001'],
    ['hostile header length', file('{}', 0, 2n ** 64n - 1n), 'its length field says 18446744073709551615'],
    ['header cut', file('{}', 0, 3n), 'the header is 3 bytes long, the file only 10'],
    ['empty header', file(''), 'does not start with "{"'],
    ['header is an array', file('[]'), 'does not start with "{"'],
    ['byte order mark', file('\ufeff{}'), 'does not start with "{"'],
    ['bad JSON', file('{"a":}'), 'header: expected JSON'],
    ['bad UTF-8', file(new Uint8Array([0x7b, 0xff, 0x7d])), 'expected UTF-8'],
    ['duplicate tensor', file(`{"t":${f32},"t":${f32}}`, 4), 'the key "t" stands there twice'],
    ['duplicate field', file(`{"t":{"dtype":"F32",${f32.slice(1)}}`, 4), 'the key "dtype" stands there twice'],
    ['entry no object', file('{"t":3}'), 'tensor "t": Invalid input: expected object'],
    ['unknown field', file('{"t":{"dtype":"F32","shape":[],"data_offsets":[0,4],"x":1}}', 4), '"x"'],
    [
      'F16',
      file(`{"t":${entry(0, 2, [1], 'F16')}}`, 2),
      'dtype F16 is not supported here yet. Store the tensor as F32',
    ],
    ['BF16', file(`{"t":${entry(0, 2, [1], 'BF16')}}`, 2), 'dtype BF16 is not supported here yet'],
    ['I64', file(`{"t":${entry(0, 8, [1], 'I64')}}`, 8), 'Store the tensor as I32'],
    ['unknown dtype', file(`{"t":${entry(0, 4, [1], 'toString')}}`, 4), 'got "toString"'],
    ['negative size', file(`{"t":${entry(0, 4, [-1])}}`, 4), '"shape.0"'],
    ['fractional size', file(`{"t":${entry(0, 4, [0.5])}}`, 4), '"shape.0"'],
    ['unsafe size', file(`{"t":${entry(0, 4, [2 ** 53])}}`, 4), '"shape.0"'],
    ['shape no array', file(`{"t":${entry(0, 4, 1)}}`, 4), '"shape"'],
    ['overflow', file(`{"t":${entry(0, 4, [2 ** 32, 2 ** 32])}}`, 4), 'shape [4294967296, 4294967296] overflows'],
    ['overflow before 0', file(`{"t":${entry(0, 0, [2 ** 52, 2 ** 52, 0])}}`), 'overflows'],
    ['three offsets', file('{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}', 4), '"data_offsets"'],
    ['negative offset', file(`{"t":${entry(-4, 0)}}`, 4), '"data_offsets.0"'],
    ['reversed offsets', file(`{"t":${entry(4, 0, [1])}}`, 4), 'end at 0, before they begin at 4'],
    ['truncated data', file(`{"t":${entry(0, 8)}}`, 7), 'data_offsets end at 8, the file holds 7 bytes'],
    ['wrong size', file(`{"t":${entry(0, 8, [3])}}`, 8), 'F32[3] takes 12 bytes, data_offsets give it 8'],
    ['overlap', file(`{"s":${f32},"t":${f32}}`, 4), 'tensor "t": begins at 0 and overlaps the one that ends at 4'],
    ['hole', file(`{"s":${f32},"t":${entry(8, 12)}}`, 12), 'tensor "t": begins at 8 and leaves a hole after 4'],
    ['hole at the start', file(`{"t":${entry(4, 8)}}`, 8), 'leaves a hole after 0'],
    ['trailing bytes', file(`{"t":${f32}}`, 9), '5 bytes follow the last tensor'],
    ['metadata no object', file('{"__metadata__":[]}'), '__metadata__: expected an object of strings'],
    ['metadata null', file('{"__metadata__":null}'), '__metadata__: expected an object of strings'],
    ['metadata no string', file('{"__metadata__":{"a":1}}'), '__metadata__: "a": expected a string, got number'],
    ['BOOL of 2', file(`{"t":${entry(0, 1, [1], 'BOOL')}}`, 1).fill(2, -1), 'element 0 is 2'],
  ])('%s', (_, bytes, message) => {
    let error: unknown
    try {
      readSafetensors(bytes, 'weights.safetensors')
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(DataError)
    expect((error as Error).message).toContain(message)
    expect((error as Error).message).toMatch(/^weights\.safetensors: /)
  })
})

describe('fuzz', () => {
  const readsOrRefuses = (bytes: Uint8Array): void => {
    let read: ReturnType<typeof readSafetensors>
    try {
      read = readSafetensors(bytes, 'fuzz')
    } catch (error) {
      if (!(error instanceof DataError)) throw error
      return
    }
    const again = readSafetensors(writeSafetensors(read.tensors, read.metadata), 'again')
    expect(content(again.tensors)).toEqual(content(read.tensors))
    expect(again.metadata).toEqual(read.metadata)
  }

  test('random bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), readsOrRefuses), { numRuns: 500 })
  })

  test('random headers', () => {
    const number = fc.oneof(fc.nat(16), fc.constantFrom(-1, 0.5, 2 ** 53, 1e300))
    const field = fc.record({
      dtype: fc.constantFrom('F32', 'F64', 'I32', 'U8', 'BOOL', 'F16', ''),
      shape: fc.array(number, { maxLength: 3 }),
      data_offsets: fc.array(number, { minLength: 2, maxLength: 2 }),
    })
    const header = fc.dictionary(fc.string(), fc.oneof({ weight: 9, arbitrary: field }, fc.jsonValue()), { maxKeys: 3 })
    fc.assert(
      fc.property(header, fc.nat(32), (value, size) => readsOrRefuses(file(JSON.stringify(value), size))),
      { numRuns: 1000 },
    )
  })

  test('changed, cut and lengthened files', () => {
    const valid = writeSafetensors(sample, { made: 'here' })
    const change = fc.tuple(fc.nat(valid.length - 1), fc.nat(255))
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), fc.nat(valid.length + 8), (changes, length) => {
        const bytes = new Uint8Array(length % 3 === 0 ? length : valid.length)
        bytes.set(valid.subarray(0, bytes.length))
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
        readsOrRefuses(bytes)
      }),
      { numRuns: 2000 },
    )
  })
})

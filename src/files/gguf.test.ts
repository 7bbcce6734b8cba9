import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { ggufFile, uint32, uint64, type GgufFile, type GgufTensor, type GgufValue } from '../../test/gguf.ts'
import { dataErrorOf } from '../../test/data-error.ts'
import { DataError } from '../errors.ts'
import { openGguf } from './gguf.ts'
import { openWeights } from './open-weights.ts'
import type { Metadata, Weights } from './weights.ts'

const folder = mkdtempSync(join(tmpdir(), 'residua-gguf-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const path = join(folder, 'model.gguf')

function open(file: GgufFile | Uint8Array): Weights {
  writeFileSync(path, file instanceof Uint8Array ? file : ggufFile(file))
  return openGguf(path)
}

const floats = (name: string, ...values: number[]): GgufTensor => ({
  name,
  sizes: [values.length],
  type: 0,
  data: new Uint8Array(new Float32Array(values).buffer),
})

const pairs: [key: string, value: GgufValue, read: Metadata][] = [
  ['general.architecture', [8, 'llama'], 'llama'],
  ['u8', [0, 200], 200],
  ['i8', [1, -3], -3],
  ['u16', [2, 65535], 65535],
  ['i16', [3, -300], -300],
  ['u32', [4, 4294967295], 4294967295],
  ['i32', [5, -70000], -70000],
  ['f32', [6, 0.1], Math.fround(0.1)],
  ['yes', [7, 1], true],
  ['no', [7, 0], false],
  ['u64', [10, 2n ** 53n - 1n], 2 ** 53 - 1],
  ['large u64', [10, 2n ** 64n - 1n], 2n ** 64n - 1n],
  ['i64', [11, -5n], -5],
  ['f64', [12, 1e-300], 1e-300],
  ['tokens', [9, [8, ['<s>', 'ü', '\u0000']]], ['<s>', 'ü', '\u0000']],
  ['scores', [9, [6, [0, -1.5]]], [0, -1.5]],
  ['bools', [9, [7, [1, 0]]], [true, false]],
  ['none', [9, [5, []]], []],
  [
    'nested',
    [
      9,
      [
        9,
        [
          [4, [1, 2]],
          [8, ['x']],
        ],
      ],
    ],
    [[1, 2], ['x']],
  ],
  ['__proto__', [8, 'safe'], 'safe'],
]

const complete: GgufFile = {
  metadata: pairs.map(([key, value]) => [key, value]),
  tensors: [
    floats('norm', 1, 2, 3),
    {
      name: 'weight',
      sizes: [3, 2],
      type: 1,
      data: new Uint8Array(new Uint16Array([0x3c00, 0x4000, 0x4200, 0, 1, 2]).buffer),
    },
    { name: 'scalar', sizes: [], type: 28, data: new Uint8Array(new Float64Array([Math.PI]).buffer) },
    { name: 'empty', sizes: [32, 0], type: 2, data: new Uint8Array(0) },
    { name: 'bf16', sizes: [1], type: 30, data: new Uint8Array([0x80, 0xbf]) },
  ],
}

describe('reading', () => {
  test.each([2, 3])('version %d: metadata, names, row-major shapes, values', (version) => {
    const weights = open({ ...complete, version })
    expect(Object.entries(weights.metadata)).toEqual(pairs.map(([key, , read]) => [key, read]))
    expect(weights.names).toEqual(['norm', 'weight', 'scalar', 'empty', 'bf16'])
    expect(weights.type('weight')).toEqual({ shape: [2, 3], stored: 'F16', file: path })
    expect(weights.names.map((name) => [...weights.read(name)])).toEqual([
      [1, 2, 3],
      [1, 2, 3, 0, 2 ** -24, 2 ** -23],
      [Math.fround(Math.PI)],
      [],
      [-1],
    ])
    expect(weights.type('scalar').shape).toEqual([])
    weights.close()
    expect(dataErrorOf(() => weights.read('norm'))).toContain('cannot read after close')
  })

  test.each([1, 8, 64, 4096])('alignment %d', (alignment) => {
    const metadata: GgufFile['metadata'] = [['general.alignment', [4, alignment]]]
    const weights = open({ metadata, alignment, tensors: [floats('a', 1, 2, 3), floats('b', 4)] })
    expect([...weights.read('b')]).toEqual([4])
    weights.close()
  })

  test('tensors in any order of their data, without the padding of the last', () => {
    const bytes = ggufFile({
      tensors: [
        { ...floats('b', 2), offset: 32 },
        { ...floats('a', 1), offset: 0 },
      ],
    })
    const weights = open(bytes.subarray(0, bytes.length - 28))
    expect([weights.read('a')[0], weights.read('b')[0]]).toEqual([2, 1])
    weights.close()
  })

  test('a vocabulary alone', () => {
    const weights = openWeights((open({ metadata: [['x', [8, 'y']]] }).close(), path))
    expect(weights.names).toEqual([])
    weights.close()
  })

  test('metadata longer than what is read at once', () => {
    const tokens = Array.from({ length: 50_000 }, (_, i) => `token ${i}`)
    const long = 'x'.repeat(200_000)
    const weights = open({
      metadata: [
        ['tokens', [9, [8, tokens]]],
        ['long', [8, long]],
      ],
      tensors: [floats('a', 7)],
    })
    expect(weights.metadata.tokens).toEqual(tokens)
    expect(weights.metadata.long).toBe(long)
    expect([...weights.read('a')]).toEqual([7])
    weights.close()
  })
})

describe('refused', () => {
  const bytes = (...parts: Uint8Array[]): Uint8Array => Buffer.concat([Buffer.from('GGUF'), uint32(3), ...parts])
  const text = (value: string): Uint8Array => Buffer.concat([uint64(value.length), Buffer.from(value)])
  /** One pair with key `k`. */
  const pair = (...value: Uint8Array[]): Uint8Array =>
    bytes(uint64(0), uint64(1), text('k'), ...value, new Uint8Array(64))
  const huge = 2n ** 63n
  const one = (change: Partial<GgufTensor>): GgufFile => ({ tensors: [{ ...floats('t', 1, 2), ...change }] })
  const nested = (levels: number): Uint8Array[] =>
    Array.from({ length: levels }, () => Buffer.concat([uint32(9), uint64(1)]))

  test.each<[string, GgufFile | Uint8Array, string]>([
    ['empty', new Uint8Array(0), 'magic: takes 4 bytes from 0 on, the file holds 0. It is truncated'],
    ['magic', Buffer.from('GGML' + '\0'.repeat(20)), 'expected a GGUF file, it does not start with "GGUF"'],
    ['version 1', { version: 1 }, 'got version 1'],
    ['version 4', { version: 4 }, 'got version 4'],
    ['big-endian', { version: 3 * 2 ** 24 }, 'got a big-endian file'],
    [
      'tensor count',
      { tensorCount: huge },
      'tensors: expected at most 0, which fill the file, got 9223372036854775808',
    ],
    ['many tensors', bytes(uint64(70_000), uint64(0), new Uint8Array(70_000 * 24)), 'at most 65536 tensors, got 70000'],
    ['pair count', { pairCount: huge }, 'metadata: expected at most 0, which fill the file'],
    [
      'key length',
      bytes(uint64(0), uint64(1), uint64(huge), new Uint8Array(64)),
      'metadata key 0: length: expected at most 64',
    ],
    [
      'empty key',
      bytes(uint64(0), uint64(1), text(''), uint32(0), new Uint8Array(64)),
      'expected a key of 1 to 65535 characters',
    ],
    ['long key', { metadata: [['k'.repeat(65536), [0, 1]]] }, 'expected a key of 1 to 65535 characters, got 65536'],
    [
      'key twice',
      {
        metadata: [
          ['k', [0, 1]],
          ['k', [0, 1]],
        ],
      },
      'metadata "k": stands there twice',
    ],
    ['value type', pair(uint32(13)), 'metadata "k": expected a value type of 0 to 12, got 13'],
    ['string length', pair(uint32(8), uint64(huge)), 'metadata "k": length: expected at most 64'],
    ['string bytes', { metadata: [['k', [8, new Uint8Array([0xff])]]] }, 'metadata "k": expected UTF-8 text'],
    [
      'array length',
      pair(uint32(9), uint32(12), uint64(9)),
      'metadata "k": length: expected at most 8, which fill the file, got 9',
    ],
    ['array type', pair(uint32(9), uint32(99), uint64(1)), 'metadata "k"[0]: expected a value type of 0 to 12, got 99'],
    ['array depth', pair(uint32(9), ...nested(4), uint32(0), uint64(1)), 'expected arrays of at most 4 levels'],
    ['bool', { metadata: [['k', [7, 2]]] }, 'metadata "k": expected a bool of 0 or 1, got 2'],
    ['bool in array', { metadata: [['k', [9, [7, [1, 3]]]]] }, 'metadata "k": expected a bool of 0 or 1, got 3'],
    ['split', { metadata: [['split.count', [2, 3]]] }, 'got one of 3 parts. Merge them first'],
    ['alignment 0', { ...one({}), metadata: [['general.alignment', [4, 0]]] }, 'expected a power of two, got 0'],
    ['alignment 48', { ...one({}), metadata: [['general.alignment', [4, 48]]] }, 'expected a power of two, got 48'],
    ['alignment text', { metadata: [['general.alignment', [8, '32']]] }, 'expected a power of two, got 32'],
    ['tensor name', { tensors: [floats('t', 1), floats('t', 1)] }, 'tensor "t": stands there twice'],
    ['axes', one({ sizes: [1, 1, 1, 1, 2] }), 'tensor "t": expected at most 4 axes, got 5'],
    ['hostile axes', bytes(uint64(1), uint64(0), text('t'), uint32(2 ** 32 - 1), new Uint8Array(24)), 'got 4294967295'],
    ['IQ4_XS', one({ type: 23 }), 'got IQ4_XS. Convert the model to one of them'],
    [
      'I32',
      one({ type: 26 }),
      'expected a type of F32, F16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, F64, BF16, got I32',
    ],
    ['unknown type', one({ type: 4 }), 'got the unknown type 4'],
    [
      'rows of no whole blocks',
      one({ sizes: [33, 32], type: 2 }),
      'Q4_0[32, 33]: expected rows of a multiple of 32 elements, got 33',
    ],
    ['overflow', one({ sizes: [2n ** 40n, 2n ** 40n] }), 'F32[1099511627776, 1099511627776] overflows'],
    ['overflow before 0', one({ sizes: [0, 2n ** 40n, 2n ** 40n] }), 'overflows'],
    ['axis overflow', one({ sizes: [2n ** 64n - 1n, 0] }), 'overflows'],
    ['offset overflow', one({ offset: 2n ** 64n - 32n }), 'tensor "t": its offset 18446744073709552000 overflows'],
    [
      'beyond the file',
      one({ sizes: [9] }),
      'tensor "t": ends at 36, the file holds 32 bytes of data. It is truncated',
    ],
    [
      'overlap',
      { tensors: [floats('a', 1), { ...floats('b', 1), offset: 0 }] },
      'tensor "b": begins at 0 and overlaps the one that ends at 4',
    ],
    [
      'unaligned',
      { tensors: [floats('a', 1), { ...floats('b', 1), offset: 8 }] },
      'tensor "b": begins at 8, expected at 32, the next multiple of 32',
    ],
    [
      'hole',
      {
        tensors: [floats('a', 1), { ...floats('b', 1), offset: 32 }, { ...floats('c', 1), offset: 96 }, floats('d', 1)],
      },
      'tensor "c": begins at 96, expected at 64',
    ],
    ['trailing bytes', Buffer.concat([ggufFile(one({})), new Uint8Array(5)]), '5 bytes follow the last tensor'],
  ])('%s', (_, file, message) => {
    const refusal = dataErrorOf(() => open(file))
    expect(refusal).toContain(message)
    expect(refusal.startsWith(`${path}: `)).toBe(true)
  })

  test('more metadata values than a vocabulary has', () => {
    const many = pair(uint32(9), uint32(0), uint64(2 ** 22 + 1), new Uint8Array(2 ** 22))
    expect(dataErrorOf(() => open(many))).toContain('metadata "k": expected at most 4194304 values in the metadata')
  })

  test('metadata of more than 128 MiB', () => {
    const size = 2 ** 27
    writeFileSync(path, pair(uint32(8), uint64(size)))
    truncateSync(path, 2 * size)
    expect(dataErrorOf(() => openGguf(path))).toContain('expected metadata of at most 134217728 bytes')
  })

  test('every cut of a file before the end of its last tensor', () => {
    const whole = ggufFile(complete)
    const end = whole.length - 30
    open(whole.subarray(0, end)).close()
    for (let length = 0; length < end; length++) {
      expect(dataErrorOf(() => open(whole.subarray(0, length)))).toMatch(/truncated|which fill the file/)
    }
  })
})

describe('fuzz', () => {
  const readsOrRefuses = (bytes: Uint8Array): boolean => {
    writeFileSync(path, bytes)
    try {
      const weights = openGguf(path)
      for (const name of weights.names) weights.read(name)
      weights.close()
      return true
    } catch (error) {
      if (!(error instanceof DataError)) throw error
      return false
    }
  }

  test('changed files read or are refused, without much memory', () => {
    const valid = ggufFile(complete)
    const head = valid.length - 5 * 32
    const byte = fc.tuple(fc.constant(1), fc.nat(head), fc.bigInt(0n, 255n))
    const word = fc.tuple(fc.constantFrom(4, 8), fc.nat(head), fc.bigInt(0n, 2n ** 64n - 1n))
    let read = 0
    const runs = 1500
    const before = process.resourceUsage().maxRSS
    fc.assert(
      fc.property(fc.array(fc.oneof(byte, word), { minLength: 1, maxLength: 3 }), (changes) => {
        const bytes = Buffer.from(valid)
        for (const [size, at, value] of changes) bytes.set(uint64(value).subarray(0, size), at)
        if (readsOrRefuses(bytes)) read++
      }),
      { numRuns: runs },
    )
    expect(read).toBeGreaterThan(runs / 100)
    expect(read).toBeLessThan(runs / 2)
    const grownKilobytes = process.resourceUsage().maxRSS - before
    expect(grownKilobytes).toBeLessThan(256 * 1024)
  })

  test('random bytes after the magic', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(2, 3), (bytes, version) => {
        readsOrRefuses(Buffer.concat([Buffer.from('GGUF'), uint32(version), bytes]))
      }),
      { numRuns: 500 },
    )
  })
})

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { dataErrorOf } from '../../test/data-error.ts'
import { tensor } from '../tensor.ts'
import { openWeights } from './open-weights.ts'
import { openSafetensorsShards } from './safetensors-shards.ts'
import { writeSafetensors } from './safetensors.ts'
import { readFinite } from './weights.ts'

let folder: string
let index: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'residua-shards-'))
  index = join(folder, 'model.safetensors.index.json')
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

const shard = (name: string, tensors: Readonly<Record<string, readonly number[]>>, metadata = {}): void => {
  const named = Object.fromEntries(Object.entries(tensors).map(([key, data]) => [key, tensor(data)]))
  writeFileSync(join(folder, name), writeSafetensors(named, metadata))
}
const list = (weightMap: unknown): void =>
  writeFileSync(index, JSON.stringify({ metadata: { total_size: 1 }, weight_map: weightMap }))

const openFiles = ['model-1.safetensors', 'model-2.safetensors'] as const

/** Two shards with `a`, `b` and `__proto__`. */
function whole(): void {
  shard(openFiles[0], { a: [1, 2] }, { format: 'pt', part: '1' })
  writeFileSync(
    join(folder, openFiles[1]),
    writeSafetensors(
      Object.fromEntries([
        ['b', tensor([3])],
        ['__proto__', tensor([NaN])],
      ]),
      { part: '2' },
    ),
  )
  list(
    Object.fromEntries([
      ['a', openFiles[0]],
      ['b', openFiles[1]],
      ['__proto__', openFiles[1]],
    ]),
  )
}

test('reads each tensor from its shard', () => {
  whole()
  const weights = openSafetensorsShards(index)
  expect(weights.names).toEqual(['a', 'b', '__proto__'])
  expect({ ...weights.metadata }).toEqual({ format: 'pt', part: '2' })
  expect(weights.type('b')).toEqual({ shape: [1], stored: 'F32', file: join(folder, openFiles[1]) })
  expect(weights.read('a')).toEqual(new Float32Array([1, 2]))
  expect(weights.read('b')).toEqual(new Float32Array([3]))
  expect(dataErrorOf(() => weights.read('c'))).toBe(`${index}: tensor "c": the index lists none of this name`)
  expect(dataErrorOf(() => readFinite(weights, '__proto__'))).toBe(
    `${join(folder, openFiles[1])}: tensor "__proto__": element 0 is NaN`,
  )
  weights.close()
  expect(dataErrorOf(() => weights.read('a'))).toContain('cannot read after close')
})

describe('refused', () => {
  test.each([
    '../model.safetensors',
    '/etc/passwd',
    'sub/model.safetensors',
    'sub\\model.safetensors',
    '..',
    '.',
    '',
    'a\0b',
  ])('the shard %j', (name) => {
    shard(openFiles[0], { a: [1] })
    list({ a: name })
    expect(dataErrorOf(() => openSafetensorsShards(index))).toBe(
      `${index}: weight_map: tensor "a": expected the name of a file in the folder of the index, got ${JSON.stringify(name)}`,
    )
  })

  test.each<[string, string, string]>([
    ['no JSON', '{', 'expected JSON'],
    ['an array', '[]', 'expected an object with the object "weight_map"'],
    ['null', 'null', 'expected an object with the object "weight_map"'],
    ['no weight_map', '{}', 'expected an object with the object "weight_map"'],
    ['a number as shard', '{"weight_map":{"a":1}}', 'tensor "a": expected the name of a file, got number'],
    ['a tensor twice', '{"weight_map":{"a":"x","a":"y"}}', 'the key "a" stands there twice'],
    ['a missing shard', '{"weight_map":{"a":"x.safetensors"}}', 'x.safetensors: cannot read (ENOENT)'],
  ])('%s', (_, text, message) => {
    writeFileSync(index, text)
    expect(dataErrorOf(() => openSafetensorsShards(index))).toContain(message)
  })

  test('a tensor that its shard misses', () => {
    whole()
    list({ a: openFiles[0], missing: openFiles[0] })
    expect(dataErrorOf(() => openSafetensorsShards(index))).toMatch(
      /model-1\.safetensors: tensor "missing": the index puts it here, the file does not hold it/,
    )
  })

  test('a tensor that is not listed', () => {
    whole()
    list({ a: openFiles[0], b: openFiles[1] })
    expect(dataErrorOf(() => openSafetensorsShards(index))).toMatch(
      /model-2\.safetensors: tensor "__proto__": the index does not list it/,
    )
  })

  test('a tensor in two shards', () => {
    shard(openFiles[0], { a: [1] })
    shard(openFiles[1], { a: [2], b: [3] })
    list({ a: openFiles[0], b: openFiles[1] })
    expect(dataErrorOf(() => openSafetensorsShards(index))).toMatch(
      /model-2\.safetensors: tensor "a": the index puts it into "model-1\.safetensors"/,
    )
  })

  test('a truncated shard', () => {
    whole()
    const bytes = writeSafetensors({ a: tensor([1, 2]) })
    writeFileSync(join(folder, openFiles[0]), bytes.subarray(0, bytes.length - 1))
    expect(dataErrorOf(() => openSafetensorsShards(index))).toMatch(
      /model-1\.safetensors: tensor "a": data_offsets end at 8, the file holds 7 bytes of data\. It is truncated/,
    )
  })
})

describe('openWeights', () => {
  test('takes a file, an index or a folder; in a folder the single file first', () => {
    whole()
    const named = (path: string): readonly string[] => {
      const weights = openWeights(path)
      weights.close()
      return weights.names
    }
    expect(named(folder)).toEqual(['a', 'b', '__proto__'])
    expect(named(index)).toEqual(['a', 'b', '__proto__'])
    expect(named(join(folder, openFiles[0]))).toEqual(['a'])
    shard('model.safetensors', { single: [1] })
    expect(named(folder)).toEqual(['single'])
  })

  test('names what it expected', () => {
    expect(dataErrorOf(() => openWeights(join(folder, 'none')))).toContain('cannot read (ENOENT)')
    expect(dataErrorOf(() => openWeights(folder))).toContain(
      'expected model.safetensors or model.safetensors.index.json',
    )
    writeFileSync(join(folder, 'pytorch_model.bin'), '')
    expect(dataErrorOf(() => openWeights(join(folder, 'pytorch_model.bin')))).toContain('expected .safetensors')
    mkdirSync(join(folder, 'x.gguf'))
    expect(dataErrorOf(() => openWeights(join(folder, 'x.gguf')))).toContain('expected model.safetensors')
  })
})

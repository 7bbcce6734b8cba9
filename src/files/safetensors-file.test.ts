import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { dataErrorOf } from '../../test/data-error.ts'
import { DataError } from '../errors.ts'
import { random } from '../random.ts'
import { tensor } from '../tensor.ts'
import { readBytes } from './disk.ts'
import { openSafetensors } from './safetensors-file.ts'
import { writeSafetensorsFile, type WeightSource } from './safetensors-stream.ts'
import { writeSafetensors } from './safetensors.ts'
import { readFinite } from './weights.ts'

const folder = mkdtempSync(join(tmpdir(), 'residua-safetensors-file-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const path = join(folder, 'model.safetensors')

const normals = (count: number, name: string): Float32Array => {
  const { normal } = random(0, name)
  return Float32Array.from({ length: count }, normal)
}

/** A file with one tensor `x` of any dtype. */
function single(dtype: string, shape: readonly number[], data: Uint8Array): Uint8Array {
  const header = Buffer.from(JSON.stringify({ x: { dtype, shape, data_offsets: [0, data.length] } }))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  return Buffer.concat([length, header, data])
}

const bytesOf = (data: ArrayBufferView): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

const source = (name: string, values: Float32Array, dtype?: WeightSource['dtype']): WeightSource => ({
  name,
  shape: [values.length],
  ...(dtype && { dtype }),
  read: () => values,
})

describe('reading', () => {
  test('lists names, types and metadata, and reads one tensor at a time', () => {
    const bias = new Float64Array([Math.PI, -1, 1e-50])
    const weight = normals(6, 'weight')
    writeFileSync(path, writeSafetensors({ weight: tensor(weight, [2, 3]), bias: tensor(bias) }, { format: 'pt' }))
    const weights = openSafetensors(path)
    expect([...weights.names].sort()).toEqual(['bias', 'weight'])
    expect({ ...weights.metadata }).toEqual({ format: 'pt' })
    expect(weights.type('weight')).toEqual({ shape: [2, 3], stored: 'F32', file: path })
    expect(weights.type('bias')).toEqual({ shape: [3], stored: 'F64', file: path })
    expect(weights.read('weight')).toEqual(weight)
    expect(weights.read('weight').buffer).not.toBe(weights.read('weight').buffer)
    expect(weights.read('bias')).toEqual(Float32Array.from(bias))
    weights.close()
    weights.close()
    expect(dataErrorOf(() => weights.read('weight'))).toBe(`${path}: cannot read after close. Open it again`)
  })

  test.each([
    ['F16', new Uint16Array([0x3c00, 0xc000, 0x0001, 0x7bff]), [1, -2, 2 ** -24, 65504]],
    ['BF16', new Uint16Array([0x3f80, 0xc000, 0x0001, 0x4049]), [1, -2, 2 ** -133, 3.140625]],
  ])('%s is widened exactly', (dtype, bits, expected) => {
    writeFileSync(path, single(dtype, [2, 2], bytesOf(bits)))
    const weights = openSafetensors(path)
    expect(weights.type('x')).toEqual({ shape: [2, 2], stored: dtype, file: path })
    expect([...weights.read('x')]).toEqual(expected)
    weights.close()
  })

  test('no elements, and more than are read at once', () => {
    const long = normals(2 ** 20 + 3, 'long')
    writeSafetensorsFile(path, [source('empty', new Float32Array(0), 'BF16'), source('long', long)])
    const weights = openSafetensors(path)
    expect(weights.read('empty')).toHaveLength(0)
    expect(Buffer.from(weights.read('long').buffer).equals(Buffer.from(long.buffer))).toBe(true)
    weights.close()
  })

  test.each(['I64', 'U64', 'I32', 'U32', 'I16', 'U16', 'I8', 'U8', 'BOOL', 'F8_E4M3', 'F8_E5M2'])(
    '%s is listed, and refused when read',
    (dtype) => {
      const bytes = Number(/(?:8|16|32|64)$/.exec(dtype)?.[0] ?? 8) / 8
      writeFileSync(path, single(dtype, [1], new Uint8Array(bytes)))
      const weights = openSafetensors(path)
      expect(weights.type('x').stored).toBe(dtype)
      expect(dataErrorOf(() => weights.read('x'))).toBe(
        `${path}: tensor "x": expected floating-point weights, got ${dtype}`,
      )
      weights.close()
    },
  )

  test('names what is missing', () => {
    writeFileSync(path, writeSafetensors({}))
    const weights = openSafetensors(path)
    for (const ask of [() => weights.read('x'), () => weights.type('toString')]) {
      expect(dataErrorOf(ask)).toMatch(/model\.safetensors: tensor "(x|toString)": the file has none of this name/)
    }
    weights.close()
    expect(dataErrorOf(() => openSafetensors(join(folder, 'missing')))).toContain('missing: cannot read (ENOENT)')
    expect(dataErrorOf(() => openSafetensors(folder))).toContain('expected a file, got a folder or a device')
  })

  test('a pipe is refused, not waited for', () => {
    if (process.platform === 'win32') return
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    expect(dataErrorOf(() => openSafetensors(pipe))).toContain('expected a file')
  })

  test('a file that shrinks after it was opened', () => {
    writeFileSync(path, writeSafetensors({ x: tensor(normals(100, 'x')) }))
    const weights = openSafetensors(path)
    truncateSync(path, 200)
    expect(dataErrorOf(() => weights.read('x'))).toContain('but the file shrank after it was opened')
    weights.close()
  })

  test('a tensor beyond the memory', () => {
    if (process.platform !== 'linux') return
    const elements = 2 ** 36
    const header = JSON.stringify({ x: { dtype: 'F32', shape: [elements], data_offsets: [0, 4 * elements] } })
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(BigInt(header.length))
    writeFileSync(path, Buffer.concat([length, Buffer.from(header)]))
    truncateSync(path, 8 + header.length + 4 * elements)
    const weights = openSafetensors(path)
    expect(dataErrorOf(() => weights.read('x'))).toBe(
      `${path}: tensor "x": its 68719476736 float32 elements do not fit into memory`,
    )
    weights.close()
  })

  test('faults of the header name the file, and of a tensor the tensor', () => {
    writeFileSync(path, single('F16', [3], new Uint8Array(4)))
    expect(dataErrorOf(() => openSafetensors(path))).toBe(
      `${path}: tensor "x": F16[3] takes 6 bytes, data_offsets give it 4`,
    )
    writeFileSync(path, writeSafetensors({ x: tensor(normals(100, 'x')) }).subarray(0, 300))
    expect(dataErrorOf(() => openSafetensors(path))).toMatch(/tensor "x": data_offsets end at 400.*truncated$/)
    writeFileSync(path, new Uint8Array([255, 255, 255, 255, 255, 255, 255, 255]))
    expect(dataErrorOf(() => openSafetensors(path))).toContain('its length field says 18446744073709551615')
  })

  test.each([NaN, Infinity, -Infinity])('readFinite names the first element that is %s', (wrong) => {
    const values = normals(40, 'finite')
    writeSafetensorsFile(path, [source('x', values), source('y', values.with(17, wrong).with(30, NaN), 'BF16')])
    const weights = openSafetensors(path)
    expect(readFinite(weights, 'x')).toEqual(values)
    expect(dataErrorOf(() => readFinite(weights, 'y'))).toBe(`${path}: tensor "y": element 17 is ${wrong}`)
    weights.close()
  })
})

describe('writing', () => {
  test('gives the bytes of writeSafetensors', () => {
    const tensors = { b: tensor(normals(6, 'b'), [2, 3]), a: tensor(normals(1, 'a'), []), c: tensor([], [0, 2]) }
    const sources = Object.entries(tensors).map(([name, { shape, data }]) => ({
      name,
      shape,
      read: () => data as Float32Array,
    }))
    writeSafetensorsFile(path, sources, { made: 'here' })
    expect(readBytes(path)).toEqual(writeSafetensors(tensors, { made: 'here' }))
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([])
  })

  test('F16 and BF16 round to nearest, and stand after what is wider', () => {
    const values = normals(300_000, 'narrow').map((value) => 1 + Math.abs(value % 1))
    writeSafetensorsFile(path, [source('a', values, 'F16'), source('b', values, 'BF16'), source('c', values)])
    const weights = openSafetensors(path)
    expect(weights.names.map((name) => weights.type(name).stored)).toEqual(['F16', 'BF16', 'F32'])
    const furthest = (name: string): number =>
      weights.read(name).reduce((most, value, i) => Math.max(most, Math.abs(value / values[i]! - 1)), 0)
    expect(furthest('a')).toBeLessThanOrEqual(2 ** -11)
    expect(furthest('a')).toBeGreaterThan(2 ** -12)
    expect(furthest('b')).toBeLessThanOrEqual(2 ** -8)
    expect(furthest('b')).toBeGreaterThan(2 ** -9)
    expect(furthest('c')).toBe(0)
    weights.close()
  })

  test('holds one tensor at a time', () => {
    const events: string[] = []
    const sources = ['b', 'a'].map((name) => ({
      name,
      shape: [1],
      read: () => (events.push(name), new Float32Array(1)),
    }))
    writeSafetensorsFile(path, sources)
    expect(events).toEqual(['a', 'b'])
  })

  test.each<[string, WeightSource[], string]>([
    ['wrong count', [{ name: 'x', shape: [2, 2], read: () => new Float32Array(3) }], 'expected [2, 2], got 3 elements'],
    ['twice', [source('x', normals(1, 'x')), source('x', normals(1, 'x'))], 'tensor "x": two have this name'],
    ['reserved', [source('__metadata__', normals(1, 'x'))], 'cannot be called "__metadata__"'],
    [
      'F16 overflow',
      [source('x', new Float32Array([1, -65520]), 'F16')],
      'element 1 is -65520, beyond the range of F16',
    ],
    ['BF16 overflow', [source('x', new Float32Array([3.4e38]), 'BF16')], 'beyond the range of BF16. Store it as F32'],
  ])('%s is refused and leaves the old file', (_, sources, message) => {
    writeSafetensorsFile(path, [source('old', normals(1, 'old'))])
    const old = readBytes(path)
    expect(dataErrorOf(() => writeSafetensorsFile(path, sources))).toContain(message)
    expect(readBytes(path)).toEqual(old)
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([])
  })

  test('a missing folder', () => {
    expect(dataErrorOf(() => writeSafetensorsFile(join(folder, 'no', 'x'), []))).toContain('cannot write (ENOENT)')
  })
})

test('fuzz: a changed, cut or lengthened file reads or is refused', () => {
  const values = normals(9, 'fuzz')
  const sources = [source('a', values, 'F16'), source('b', values), source('c', values, 'BF16')]
  writeSafetensorsFile(path, sources, { made: 'here' })
  const valid = readBytes(path)
  const change = fc.tuple(fc.nat(valid.length - 1), fc.nat(255))
  let refused = 0
  const runs = 1000
  fc.assert(
    fc.property(fc.array(change, { maxLength: 3 }), fc.nat(valid.length + 8), (changes, length) => {
      const bytes = new Uint8Array(length % 3 === 0 ? length : valid.length)
      bytes.set(valid.subarray(0, bytes.length))
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
      writeFileSync(path, bytes)
      try {
        const weights = openSafetensors(path)
        for (const name of weights.names) weights.read(name)
        weights.close()
      } catch (error) {
        if (!(error instanceof DataError)) throw error
        refused++
      }
    }),
    { numRuns: runs },
  )
  expect(refused).toBeGreaterThan(runs / 10)
  expect(refused).toBeLessThan(runs)
})

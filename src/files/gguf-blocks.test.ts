import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { loadCases } from '../../test/fixtures/load.ts'
import { ggufFile } from '../../test/gguf.ts'
import { openGguf } from './gguf.ts'

interface BlockCase {
  readonly name: string
  /** ggml's number of the type. */
  readonly type: number
  /** Three blocks, hexadecimal. */
  readonly bytes: string
  /** Big-endian float32 bits of their weights, hexadecimal. */
  readonly values: string
}

const folder = mkdtempSync(join(tmpdir(), 'residua-gguf-blocks-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const cases = loadCases<BlockCase>('gguf').filter((c) => 'type' in c)

function valuesOf(hex: string): Float32Array {
  const bits = hex.match(/.{8}/g)!.map((digits) => parseInt(digits, 16))
  return new Float32Array(Uint32Array.from(bits).buffer)
}

test('the fixtures hold ten types', () => expect(cases).toHaveLength(10))

test.each(cases)('$name: three blocks bit for bit', ({ name, type, bytes, values }) => {
  const expected = valuesOf(values)
  const data = Buffer.from(bytes, 'hex')
  const path = join(folder, `${name}.gguf`)
  writeFileSync(path, ggufFile({ tensors: [{ name: 'w', sizes: [expected.length], type, data }] }))
  const weights = openGguf(path)
  expect(weights.type('w')).toEqual({ shape: [expected.length], stored: name, file: path })
  expect(weights.read('w')).toEqual(expected)
  weights.close()
})

test.each(cases)('$name: more blocks than are read at once', ({ name, type, bytes, values }) => {
  const expected = valuesOf(values)
  const data = Buffer.from(bytes, 'hex')
  const repeats = Math.ceil(2 ** 20 / data.length) + 1
  const path = join(folder, `${name}-long.gguf`)
  const long = Buffer.concat(Array.from({ length: repeats }, () => data))
  writeFileSync(path, ggufFile({ tensors: [{ name: 'w', sizes: [expected.length, repeats], type, data: long }] }))
  const weights = openGguf(path)
  expect(weights.type('w').shape).toEqual([repeats, expected.length])
  const read = Buffer.from(weights.read('w').buffer)
  expect(read.equals(Buffer.concat(Array.from({ length: repeats }, () => Buffer.from(expected.buffer))))).toBe(true)
  weights.close()
})

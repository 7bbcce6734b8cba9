import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { DataError } from '../../errors.ts'
import { createTokenFile, hashTokens, tokenFile, type TokenFileOptions } from './token-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'residua-tokens-'))
const path = join(folder, 'a.tokens')
afterAll(() => rmSync(folder, { recursive: true }))
beforeEach(() => rmSync(path, { force: true }))

function write(ids: readonly number[], type: 'uint16' | 'uint32' = 'uint16'): string {
  const writer = createTokenFile(path, type)
  for (const id of ids) writer.append(Int32Array.of(id))
  const sum = writer.finish()
  writer.close()
  return sum
}
const opened = (count: number, options: Partial<TokenFileOptions> = {}): number[] => {
  const into = new Int32Array(count)
  const tokens = tokenFile({ path, type: 'uint16', count, vocabulary: 2 ** 16, ...options })
  tokens.read((copy) => copy(0, count, into, 0))
  return [...into]
}

test('the bytes of both widths', () => {
  const sum = write([1, 2 ** 16 - 1])
  expect(readFileSync(path).toString('hex')).toBe(`${hex('RSDTOKEN')}010000000200000002000000000000000100ffff`)
  expect(sum).toBe(createHash('sha256').update(Buffer.from('0100ffff', 'hex')).digest('hex'))
  expect(hashTokens(path)).toBe(sum)
  rmSync(path)
  write([0x01020304], 'uint32')
  expect(readFileSync(path).toString('hex')).toBe(`${hex('RSDTOKEN')}0100000004000000010000000000000004030201`)
})
const hex = (text: string): string => Buffer.from(text).toString('hex')

test('what is written is read back, across buffers and from every place', () => {
  const ids = Int32Array.from({ length: 700_001 }, (_, i) => (i * 2654435761) >>> 16)
  const writer = createTokenFile(path, 'uint16')
  writer.append(ids.subarray(0, 3))
  writer.append(ids.subarray(3))
  const sum = writer.finish()
  writer.close()
  expect(hashTokens(path)).toBe(sum)
  const tokens = tokenFile({ path, type: 'uint16', count: ids.length, vocabulary: 2 ** 16 })
  expect(tokens.length).toBe(700_001)
  const into = new Int32Array(8)
  tokens.read((copy) => {
    copy(524_287, 3, into, 1)
    copy(700_000, 1, into, 5)
  })
  expect([...into]).toEqual([0, ...ids.subarray(524_287, 524_290), 0, ids[700_000], 0, 0])
})

test('large ids', () => {
  write([2 ** 31 - 1, 70_000], 'uint32')
  expect(opened(2, { type: 'uint32', vocabulary: 2 ** 31 })).toEqual([2 ** 31 - 1, 70_000])
})

test('an id out of range is named where it is read', () => {
  write([1, 2, 3])
  expect(opened(3, { vocabulary: 4 })).toEqual([1, 2, 3])
  expect(() => opened(3, { vocabulary: 3 })).toThrow(
    new DataError(`${path}: token 2: expected an id from 0 to 2, got 3`),
  )
  rmSync(path)
  write([-1], 'uint32')
  expect(() => opened(1, { type: 'uint32', vocabulary: 3 })).toThrow('got 4294967295')
})

const damages: [string, (bytes: Buffer) => Buffer, string][] = [
  ['empty', () => Buffer.alloc(0), 'expected a header of 24 bytes, got 0 bytes in all'],
  ['half a header', (bytes) => bytes.subarray(0, 23), 'expected a header of 24 bytes, got 23 bytes in all'],
  ['no header', (bytes) => bytes.fill(0, 0, 24), 'it is no file of tokens'],
  ['wrong magic', (bytes) => bytes.fill('rsd', 0, 3), 'it does not begin with RSDTOKEN'],
  ['a later version', (bytes) => bytes.fill(2, 8, 9), 'expected version 1, got 2'],
  ['another width', (bytes) => bytes.fill(4, 12, 13), 'expected bytes per token 2, got 4'],
  ['a count that lies', (bytes) => bytes.fill(4, 16, 17), 'expected the number of tokens in its header 3, got 4'],
  ['a huge count', (bytes) => bytes.fill(255, 16, 24), 'in its header 3, got 18446744073709551615'],
  ['cut tokens', (bytes) => bytes.subarray(0, 29), 'expected size in bytes 30, got 29'],
  ['more than it says', (bytes) => Buffer.concat([bytes, bytes]), 'expected size in bytes 30, got 60'],
]
test.each(damages)('%s', (_, damage, message) => {
  write([1, 2, 3])
  writeFileSync(path, damage(readFileSync(path)))
  expect(() => opened(3)).toThrow(DataError)
  expect(() => opened(3)).toThrow(`${path}: `)
  expect(() => opened(3)).toThrow(message)
})

test('a file that is given up has no header', () => {
  const writer = createTokenFile(path, 'uint16')
  writer.append(Int32Array.of(1, 2, 3))
  writer.close()
  expect(() => opened(3)).toThrow('it is no file of tokens')
})

test('a file that changes or goes after it was opened', () => {
  write([1, 2, 3])
  const tokens = tokenFile({ path, type: 'uint16', count: 3, vocabulary: 4 })
  const read = (): void => tokens.read((copy) => copy(0, 3, new Int32Array(3), 0))
  read()
  truncateSync(path, 28)
  expect(read).toThrow(`${path}: it was changed since it was opened; open it anew`)
  rmSync(path)
  expect(read).toThrow(`${path}: cannot read (ENOENT)`)
})

test('a file is written once', () => {
  write([1])
  expect(() => createTokenFile(path, 'uint16')).toThrow('EEXIST')
})

import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { DataError } from '../errors.ts'
import { removeLeftovers, temporaryName, writeAtomic } from './atomic.ts'
import { readBytes, readText } from './disk.ts'

vi.mock('node:fs', { spy: true })
const actual = await vi.importActual<typeof fs>('node:fs')

let folder: string

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'residua-atomic-'))
})

afterEach(() => {
  vi.resetAllMocks()
  fs.rmSync(folder, { recursive: true, force: true })
})

const systemError = (code: string): Error => Object.assign(new Error(`${code}: simulated`), { code })

test('writes text and bytes, and replaces', () => {
  const path = join(folder, 'file')
  writeAtomic(path, 'ünï')
  expect(readText(path)).toBe('ünï')
  writeAtomic(path, new Uint8Array([1, 2, 3]))
  expect(readBytes(path)).toEqual(new Uint8Array([1, 2, 3]))
  writeAtomic(path, '')
  expect(readBytes(path)).toHaveLength(0)
  expect(fs.readdirSync(folder)).toEqual(['file'])
})

test('writes all bytes when the system takes a few at a time', () => {
  const path = join(folder, 'file')
  const bytes = Uint8Array.from({ length: 100 }, (_, i) => i)
  const write = actual.writeSync as (descriptor: number, data: Uint8Array, offset: number, length: number) => number
  const few = vi
    .mocked(fs.writeSync as typeof write)
    .mockImplementation((descriptor, data, offset) =>
      write(descriptor, data, offset, Math.min(7, data.length - offset)),
    )
  writeAtomic(path, bytes)
  expect(readBytes(path)).toEqual(bytes)
  expect(few).toHaveBeenCalledTimes(15)
})

test.each([
  ['openSync', 'EACCES', 'No permission'],
  ['openSync', 'EROFS', 'read-only'],
  ['writeSync', 'ENOSPC', 'The disk is full'],
  ['writeSync', 'EDQUOT', 'quota'],
  ['fsyncSync', 'EIO', 'EIO: simulated'],
  ['renameSync', 'EPERM', 'No permission'],
] as const)('%s failing with %s leaves the old file and no other', (call, code, remedy) => {
  const path = join(folder, 'file')
  writeAtomic(path, 'old')
  vi.mocked(fs[call]).mockImplementation(() => {
    throw systemError(code)
  })
  expect(() => writeAtomic(path, 'new')).toThrow(DataError)
  expect(() => writeAtomic(path, 'new')).toThrow(`${path}: cannot write (${code}`)
  expect(() => writeAtomic(path, 'new')).toThrow(remedy)
  vi.resetAllMocks()
  expect(readText(path)).toBe('old')
  expect(fs.readdirSync(folder)).toEqual(['file'])
})

test('a device that is full says so', () => {
  if (process.platform !== 'linux') return
  vi.mocked(fs.openSync).mockImplementation((path, flags) =>
    String(path).includes('.tmp-') ? actual.openSync('/dev/full', 'w') : actual.openSync(path, flags),
  )
  expect(() => writeAtomic(join(folder, 'file'), 'new')).toThrow('The disk is full')
})

test('a file in place of the folder, a missing folder, a folder in place of the file', () => {
  const path = join(folder, 'file')
  writeAtomic(path, 'x')
  expect(() => writeAtomic(join(path, 'below'), 'y')).toThrow('A part of the path is a file')
  expect(() => writeAtomic(join(folder, 'missing', 'file'), 'y')).toThrow('It is missing')
  fs.mkdirSync(join(folder, 'folder'))
  expect(() => writeAtomic(join(folder, 'folder'), 'y')).toThrow('A folder is in the way')
  expect(fs.readdirSync(folder).sort()).toEqual(['file', 'folder'])
})

test('leftovers of a crash are removed, other files stay', () => {
  fs.writeFileSync(join(folder, temporaryName()), '')
  fs.mkdirSync(join(folder, temporaryName()))
  fs.writeFileSync(join(folder, 'file'), '')
  removeLeftovers(folder)
  expect(fs.readdirSync(folder)).toEqual(['file'])
})

test('reading names what is wrong', () => {
  const path = join(folder, 'file')
  expect(() => readBytes(path)).toThrow(`${path}: cannot read (ENOENT). It is missing`)
  fs.writeFileSync(path, new Uint8Array([0xff, 0xfe]))
  expect(() => readText(path)).toThrow('expected UTF-8')
  expect(() => readBytes(path, 1)).toThrow('expected at most 1 bytes, got 2')
  expect(() => readBytes(folder)).toThrow(DataError)
})

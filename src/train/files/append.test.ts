import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { DataError } from '../../errors.ts'
import { cutFile, openAppender, readLines } from './append.ts'

vi.mock('node:fs', { spy: true })
const actual = await vi.importActual<typeof fs>('node:fs')

let folder: string
let path: string

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'residua-append-'))
  path = join(folder, 'log')
})

afterEach(() => {
  vi.resetAllMocks()
  fs.rmSync(folder, { recursive: true, force: true })
})

test('each record is one write call', () => {
  const file = openAppender(path)
  const before = vi.mocked(fs.writeSync).mock.calls.length
  file.append('[1]\n')
  file.append(new Uint8Array([50, 10]))
  expect(vi.mocked(fs.writeSync).mock.calls).toHaveLength(before + 2)
  file.sync()
  file.close()
  expect([...readLines(path)]).toEqual([
    { number: 1, text: '[1]', end: 4 },
    { number: 2, text: '2', end: 6 },
  ])
})

test('a full disk leaves whole records, and the file goes on when there is space again', () => {
  const file = openAppender(path)
  file.append('[1]\n')
  const write = actual.writeSync as (descriptor: number, bytes: Uint8Array, offset: number, length: number) => number
  vi.mocked(fs.writeSync as typeof write).mockImplementationOnce((descriptor, bytes) => write(descriptor, bytes, 0, 2))
  expect(() => file.append('[2]\n')).toThrow(`${path}: wrote 2 of 4 bytes; the disk is full`)
  vi.mocked(fs.writeSync).mockImplementationOnce(() => {
    throw Object.assign(new Error('ENOSPC: simulated'), { code: 'ENOSPC' })
  })
  expect(() => file.append('[2]\n')).toThrow('The disk is full: free some space')
  file.append('[3]\n')
  file.close()
  expect(fs.readFileSync(path, 'utf8')).toBe('[1]\n[3]\n')
})

test('lines end at the last line break, and bytes that are no text are named', () => {
  expect([...readLines(path)]).toEqual([])
  fs.writeFileSync(path, 'a\n\nb')
  expect([...readLines(path)].map(({ text }) => text)).toEqual(['a', ''])
  fs.writeFileSync(path, new Uint8Array([97, 10, 0xff, 10]))
  expect(() => [...readLines(path)]).toThrow(`${path}: line 2: expected UTF-8`)
})

test('cutting shortens, never lengthens', () => {
  fs.writeFileSync(path, 'abcdef')
  cutFile(path, 9)
  expect(fs.readFileSync(path, 'utf8')).toBe('abcdef')
  cutFile(path, 2)
  expect(fs.readFileSync(path, 'utf8')).toBe('ab')
  cutFile(join(folder, 'missing'), 0)
  expect(fs.readdirSync(folder)).toEqual(['log'])
})

test('what is no file is refused', () => {
  expect(() => openAppender(folder)).toThrow(DataError)
  expect(() => [...readLines(folder)]).toThrow(DataError)
  expect(() => cutFile(folder, 0)).toThrow(DataError)
})

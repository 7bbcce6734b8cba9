import * as fs from 'node:fs'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { writeOnce } from './write-once.ts'

vi.mock('node:fs', { spy: true })
const actual = await vi.importActual<typeof fs>('node:fs')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'residua-once-'))
})
afterEach(() => {
  vi.resetAllMocks()
  rmSync(folder, { recursive: true })
})

test('of several writers the first succeeds, and nothing passing is left', () => {
  const path = join(folder, 'file')
  expect([writeOnce(path, 'first'), writeOnce(path, 'second')]).toEqual([true, false])
  expect(readFileSync(path, 'utf8')).toBe('first')
  expect(readdirSync(folder)).toEqual(['file'])
  expect(() => writeOnce(join(folder, 'missing', 'file'), '')).toThrow(/cannot write \(ENOENT\)/)
})

test('a file that was linked though the server says it exists is one’s own', () => {
  vi.mocked(fs.linkSync).mockImplementation((from, to) => {
    actual.linkSync(from, to)
    actual.linkSync(from, to)
  })
  expect(writeOnce(join(folder, 'file'), 'mine')).toBe(true)
  expect(readdirSync(folder)).toEqual(['file'])
})

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readBytes } from './file.ts'

const folder = mkdtempSync(join(tmpdir(), 'residua-file-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('reads up to the limit and refuses beyond it', async () => {
  const path = join(folder, 'five')
  writeFileSync(path, 'abcde')
  expect((await readBytes(path, 5)).toString()).toBe('abcde')
  await expect(readBytes(path, 4)).rejects.toThrow(`${path}: expected at most 4 bytes (maxBytes), got 5`)
})

test('refuses what is missing or no ordinary file', async () => {
  await expect(readBytes(join(folder, 'none'))).rejects.toThrow('cannot be read (ENOENT')
  await expect(readBytes(folder)).rejects.toThrow(`${folder}: expected an ordinary file`)
})

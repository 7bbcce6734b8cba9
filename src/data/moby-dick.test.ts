import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { mobyDick } from './moby-dick.ts'

test('the novel, chapter by chapter', () => {
  const documents = [...mobyDick().documents()]
  expect(documents).toHaveLength(139)
  expect(documents[3]).toMatch(/^CHAPTER 1\. Loomings\.\n\nCall me Ishmael\. Some years ago—never mind how long/)
  expect(documents[12]).toMatch(/^CHAPTER 10\. A Bosom Friend\./)
  expect(documents.at(-1)).toMatch(/only found another orphan\.\n$/)
  expect(documents.join('')).not.toContain('\r')
  expect(documents.join('').length).toBe(1_217_258)
})

test('a folder of its files; line ends become \\n', () => {
  const folder = mkdtempSync(join(tmpdir(), 'residua-moby-'))
  writeFileSync(join(folder, 'contents.txt'), 'a\r\nb\n')
  const documents = mobyDick({ folder }).documents()[Symbol.iterator]()
  expect(documents.next().value).toBe('a\nb\n')
  expect(() => documents.next()).toThrow('etymology.txt: cannot read (ENOENT)')
  rmSync(folder, { recursive: true })
})

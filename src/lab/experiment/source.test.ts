import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sourceOf } from './source.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'residua-source-'))
  mkdirSync(join(folder, 'own/kit'), { recursive: true })
  writeFileSync(
    join(folder, 'own/main.js'),
    "import { a,\n  b } from './kit/a.js'\nimport '../outside.js'\nimport './kit/c.js'\nimport x from 'residua'\n",
  )
  writeFileSync(join(folder, 'own/kit/a.js'), "export * from './b.js'\nexport const a = 1\n")
  writeFileSync(join(folder, 'own/kit/b.js'), "import '../main.js'\nexport const b = 2\n")
  writeFileSync(join(folder, 'own/kit/c.js'), 'export {}\n')
  writeFileSync(join(folder, 'outside.js'), 'export {}\n')
})
afterEach(() => rmSync(folder, { recursive: true }))

const digest = (): string => sourceOf({ file: pathToFileURL(join(folder, 'own/main.js')).href })

test.each(['own/main.js', 'own/kit/a.js', 'own/kit/b.js', 'own/kit/c.js'])(
  'the digest of an experiment changes with %s',
  (name) => {
    const before = digest()
    expect(digest()).toBe(before)
    writeFileSync(join(folder, name), "export const a = 'other'\n")
    expect(digest()).not.toBe(before)
  },
)

test('a file outside of its folder is not part of an experiment', () => {
  const before = digest()
  writeFileSync(join(folder, 'outside.js'), 'export const other = 1\n')
  expect(digest()).toBe(before)
})

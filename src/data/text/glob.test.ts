import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { filesBelow, glob, isGlob } from './glob.ts'

const folder = mkdtempSync(join(tmpdir(), 'residua-glob-'))
afterAll(() => rmSync(folder, { recursive: true }))
for (const path of [
  'b.txt',
  'a.txt',
  'a.md',
  'a+(1).txt',
  '.hidden.txt',
  'sub/c.txt',
  'sub/deep/d.txt',
  '.dot/e.txt',
]) {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), path)
}
symlinkSync(join(folder, 'a.txt'), join(folder, 'link.txt'))
symlinkSync(folder, join(folder, 'sub/circle'))
symlinkSync(join(folder, 'nowhere'), join(folder, 'broken.txt'))

const names = (paths: readonly string[]): string[] => paths.map((path) => relative(folder, path))
const found = (pattern: string): string[] => names(glob(`${folder}/${pattern}`))

test.each([
  ['*.txt', ['a+(1).txt', 'a.txt', 'b.txt', 'link.txt']],
  ['?.txt', ['a.txt', 'b.txt']],
  ['a*', ['a+(1).txt', 'a.md', 'a.txt']],
  ['a+(?).txt', ['a+(1).txt']],
  ['.*.txt', ['.hidden.txt']],
  ['*/*.txt', ['sub/c.txt']],
  ['.dot/*', ['.dot/e.txt']],
  ['s?b/*.txt', ['sub/c.txt']],
  ['sub/../?.md', ['a.md']],
  ['**/*.md', ['a.md']],
  ['**/?.txt', ['a.txt', 'b.txt', 'sub/c.txt', 'sub/deep/d.txt']],
  ['**/deep/*', ['sub/deep/d.txt']],
  ['sub/**', ['sub/c.txt', 'sub/deep/d.txt']],
  ['**/**/d.txt', ['sub/deep/d.txt']],
  ['*.csv', []],
  ['missing/*.txt', []],
  ['a.txt/*', []],
])('%s', (pattern, expected) => expect(found(pattern)).toEqual(expected))

test('relative patterns start in the working directory', () => {
  expect(glob('package*.json')).toEqual(['package-lock.json', 'package.json'])
  expect(glob('./src/data/text/glo?.ts')).toEqual(['src/data/text/glob.ts'])
})

test('files below a folder, its links to folders left out', () => {
  expect(names(filesBelow(folder))).toEqual([
    ...['a+(1).txt', 'a.md', 'a.txt', 'b.txt', 'link.txt', 'sub/c.txt', 'sub/deep/d.txt'],
  ])
})

test('what a glob is', () => expect(['a/*', 'a?', 'a+(1)', '[a]'].map(isGlob)).toEqual([true, true, false, false]))

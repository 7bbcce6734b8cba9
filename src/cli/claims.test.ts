import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { runCommand } from '../../test/run-command.ts'
import { OptionError } from '../errors.ts'
import { papers } from '../lab/claims/papers.ts'
import { onlyConstant } from '../lab/experiment/constant.test-kit.ts'
import { testFolder } from '../lab/run-report.test-kit.ts'
import { claimsCommand } from './claims.ts'
import * as modules from './experiments.ts'

const known = vi.spyOn(modules, 'experimentWith')
known.mockImplementation(onlyConstant)
afterAll(() => known.mockRestore())

const folder = testFolder()
const shown = async (...args: string[]): Promise<string> => (await runCommand(claimsCommand(), args)).out

interface Shown {
  readonly id: string
  readonly published: readonly object[]
  readonly standing: string
  readonly findings: readonly { readonly experiment: string; readonly changed: boolean }[]
}

test('the book of papers is one JSON array, with what was found', async () => {
  const found = JSON.parse(await shown('--papers', '--json')) as readonly Shown[]
  expect(found.map(({ id }) => id)).toEqual(papers.map(({ id }) => id))
  expect(found.map(({ published }) => published)).toEqual(papers.map(({ published }) => published))
  const empty = JSON.parse(await shown('--papers', '--json', '--results', folder)) as readonly Shown[]
  expect(new Set(empty.map(({ standing }) => standing))).toEqual(new Set(['not run']))
  const run = found.filter(({ findings }) => findings.length > 0)
  expect(run.length).toBeGreaterThan(0)
  expect(run.map(({ standing }) => standing)).not.toContain('not run')
})

test.each([
  ['a number with the other book', ['9', '--papers'], /--papers is a book of its own, without numbers; leave 9 or/],
  ['a book of another kind', ['--out', 'x.pdf'], /--out: expected a file that ends in \.md or \.html, got 'x\.pdf'/],
  ['a book of papers of another kind', ['--papers', '--out', 'x.pdf'], /expected a file that ends in/],
  ['a book both written and printed', ['--out', 'x.md', '--json'], /leave one of them away/],
])('is refused: %s', async (_, args, message) => {
  const ended = shown(...args)
  await expect(ended).rejects.toBeInstanceOf(OptionError)
  await expect(ended).rejects.toThrow(message)
})

test('help says what JSON comes', () => {
  expect(claimsCommand().helpInformation().replace(/\s+/g, ' ')).toContain('one array of all claims (or papers)')
})

test.each([
  ['en', 'the experiment was changed since'],
  ['zh', '实验此后有改动'],
])('findings of an experiment that was changed since say so, others do not: %s', async (lang, remark) => {
  const remarked = (text: string): string[] => text.split('\n').filter((line) => line.includes(remark))
  expect(remarked(await shown('E8', '--lang', lang))).toEqual([remark])
  expect(remarked(await shown('E3', '--lang', lang))).toEqual([])
  const lines = remarked(await shown('37', '--lang', lang))
  expect(lines.length).toBeGreaterThan(0)
  for (const line of lines) expect(line).toMatch(/\[E8[,，]/)
  const book = join(folder, `${lang}.md`)
  await shown('--lang', lang, '--out', book)
  const remarks = remarked(readFileSync(book, 'utf8'))
  expect(remarks.length).toBeGreaterThanOrEqual(lines.length)
  for (const line of remarks) expect(line).toContain('claims run E8')
})

test('findings in JSON tell whether the experiment was changed since', async () => {
  const { findings } = JSON.parse(await shown('37', '--json')) as Shown
  expect(findings.some(({ experiment: id }) => id === 'E8')).toBe(true)
  for (const finding of findings) expect(finding.changed).toBe(finding.experiment === 'E8')
  expect(JSON.parse(await shown('E8', '--json'))).toMatchObject({ changed: true })
})

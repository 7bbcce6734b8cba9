/** The commands that read what is stored: compare, report, verdict. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import { config, testFolder, writeRun } from '../lab/run-report.test-kit.ts'
import { readStudy } from '../lab/study/read-study.ts'
import { writeStudy } from '../lab/study/stored-study.test-kit.ts'
import { compareCommand } from './compare.ts'
import { reportCommand } from './report.ts'
import { verdictCommand } from './verdict.ts'

const root = testFolder()
const [first, second, study] = ['first', 'second', 'study'].map((name) => join(root, name)) as [string, string, string]

beforeAll(async () => {
  const summary = { state: 'done', step: 3, trainLoss: 0.5, loss: 0.25 }
  writeRun(first, { summary, config: config({ note: { experiment: 'article' } }) })
  writeRun(second, { summary: { ...summary, loss: 0.5 }, losses: [2, NaN, 1], versions: { residua: '0.2.0' } })
  await writeStudy(study)
})
afterEach(() => vi.restoreAllMocks())

/** What a command prints, and what it throws. */
async function run(command: Command, ...args: readonly string[]): Promise<{ out: string; error: unknown }> {
  let out = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text)
    return true
  })
  const error: unknown = await command
    .exitOverride()
    .parseAsync(args, { from: 'user' })
    .then(
      () => null,
      (thrown: unknown) => thrown,
    )
  vi.restoreAllMocks()
  return { out, error }
}

test('compare: a table on the terminal, a report where one is asked for, JSON with numbers that are not finite', async () => {
  const { out, error } = await run(compareCommand(), first, second)
  expect(error).toBeNull()
  expect(out).toMatch(/^The lowest loss is that of first, 0\.2500\.\nThe runs are of different versions \(residua\)/)
  expect(out).toMatch(/^loss +0\.2500 +0\.5000 \(\+0\.2500\) +lower is better$/m)
  expect(out).toMatch(/^versions\.residua +0\.1\.0 +0\.2\.0$/m)
  const to = join(root, 'compared')
  expect((await run(compareCommand(), first, second, '--out', to, '--lang', 'zh')).out).toContain(
    join(to, 'compare.html'),
  )
  expect(readFileSync(join(to, 'compare.html'), 'utf8')).toMatch(/<html lang="zh">.*<svg/s)
  expect(readFileSync(join(to, 'compare.md'), 'utf8')).toContain('figures/compare_loss_step.svg')
  expect(readdirSync(join(to, 'figures'))).toEqual(['compare_loss_step.svg'])
  const json = JSON.parse((await run(compareCommand(), first, second, '--json')).out) as object
  expect(json).toMatchObject({ runs: [{ name: 'first' }, { name: 'second' }], settings: [], files: null })
})

test('compare refuses one run, and a folder that holds none', async () => {
  expect(String((await run(compareCommand(), first)).error)).toMatch(/expected at least two run folders, got 1/)
  expect(String((await run(compareCommand(), first, root)).error)).toMatch(/expected a run folder, but run\.json/)
})

test('report: of a run and of a study, beside it or elsewhere; anything else is refused', async () => {
  const { out } = await run(reportCommand(), first)
  expect(out).toMatch(/^first: mlp on spiral\[0\.75\]\n\nDone after 3 steps: trainLoss 0\.5000, loss 0\.2500\.\n/)
  expect(readFileSync(join(first, 'report.md'), 'utf8')).toContain('does not say which program or command began it')
  const to = join(root, 'told')
  const told = await run(reportCommand(), study, '--lang', 'zh', '--out', to, '--json')
  expect(JSON.parse(told.out)).toMatchObject({
    folder: study,
    title: 'Does a skip help?',
    files: { html: join(to, 'report.html') },
  })
  expect(readFileSync(join(to, 'report.html'), 'utf8')).toMatch(/<html lang="zh">.*学习率/s)
  expect(existsSync(join(study, 'report.html'))).toBe(false)
  expect(String((await run(reportCommand(), root)).error)).toMatch(
    /expected the folder of a run .* or of a study .*, got neither/,
  )
})

test('verdict: sentence, strength, evidence, what speaks against it, what would change it, and how to run it again', async () => {
  const again = join(root, 'again.json')
  const { out, error } = await run(verdictCommand(), study, '--study-file', again)
  expect(error).toBeNull()
  const headings = [
    'Evidence:',
    'What speaks against it, or weakens it:',
    'What would change it:',
    'To run it all again:',
  ]
  expect(headings.map((heading) => out.includes(`\n${heading}\n`))).toEqual([true, true, true, true])
  expect(out).toMatch(/^Does a skip help\?\n\n.*skip=.*\nStrength: /)
  expect(out).toContain(`residua study ${again}`)
  expect(() => readStudy(JSON.parse(readFileSync(again, 'utf8')), 'again.json')).not.toThrow()
  const chinese = (await run(verdictCommand(), study, '--lang', 'zh')).out
  expect(chinese).toMatch(/\n强度：.*\n\n证据：\n/)
  const json = JSON.parse((await run(verdictCommand(), study, '--json')).out) as object
  expect(json).toMatchObject({ folder: study, cells: { done: 18, total: 18 }, follows: true, departures: [] })
})

test('verdict: a summary that does not follow from the results is told after the verdict, as an error', async () => {
  const path = join(study, 'summary.json')
  const honest = readFileSync(path, 'utf8')
  writeFileSync(path, honest.replace('Does a skip help?', 'Yes.\\u001b[2J'))
  expect(String((await run(verdictCommand(), study)).error)).toContain('question is Yes.?[2J there')
  writeFileSync(path, honest.replace(/"strength": "[^"]*"/, '"strength": "exact"'))
  const { out, error } = await run(verdictCommand(), study, '--json')
  expect(JSON.parse(out)).toMatchObject({ follows: false, departures: [{ path: 'verdict.strength' }] })
  expect(String(error)).toMatch(
    /summary\.json: it no longer follows from the results: verdict\.strength is exact there and .* by the results\. Run the study/,
  )
  rmSync(path)
  const unsummarised = await run(verdictCommand(), study)
  expect([unsummarised.error, unsummarised.out.includes('There is no summary.json')]).toEqual([null, true])
  writeFileSync(path, honest)
})

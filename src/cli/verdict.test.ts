import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { runCommand } from '../../test/run-command.ts'
import { exactJson, jsonHash, type JsonObject } from '../files/json.ts'
import { testFolder } from '../lab/run-report.test-kit.ts'
import { directoryStore } from '../lab/study/directory-store.ts'
import { studyReport } from '../lab/study/report.ts'
import { readStoredStudy } from '../lab/study/stored-study.ts'
import { file, writeStudy } from '../lab/study/stored-study.test-kit.ts'
import { reportCommand } from './report.ts'
import { studyCommand } from './study.ts'
import { verdictCommand } from './verdict.ts'

const root = testFolder()
const [one, two, study] = ['one', 'two', 'study.json'].map((name) => join(root, name)) as [string, string, string]

beforeAll(async () => {
  writeFileSync(study, JSON.stringify(file))
  await writeStudy(one)
  await writeStudy(two)
  readdirSync(join(two, 'results')).forEach((name, i) => {
    const path = join(two, 'results', name)
    const { digest: _, format, ...result } = JSON.parse(readFileSync(path, 'utf8')) as JsonObject
    const committed = { ...result, commit: i === 0 ? 'aaaa' : 'bbbb+' }
    writeFileSync(path, JSON.stringify({ format, ...committed, digest: jsonHash(committed, path) }))
  })
  const { summary } = readStoredStudy(two)
  directoryStore(two).write('summary.json', exactJson(JSON.parse(JSON.stringify(summary)), 'summary'))
})

const verdict = async (...args: string[]): Promise<string> => (await runCommand(verdictCommand(), args)).out
const shown = async (folder: string, ...args: string[]): Promise<string> =>
  (await runCommand(studyCommand(), [study, '--show', '--folder', folder, ...args])).out

test.each([
  ['en', 'Its cells were run at different commits of the sources: aaaa, bbbb+.'],
  ['zh', '各单元在源码的不同提交上运行：aaaa、bbbb+。'],
] as const)('results of several commits are told, in the words of the report: %s', async (lang, line) => {
  for (const text of [await verdict(two, '--lang', lang), await shown(two, '--lang', lang)])
    expect(text.split('\n')).toContain(line)
  const { plan, summary } = readStoredStudy(two)
  expect(studyReport(plan, summary, lang).blocks).toContainEqual({ type: 'text', text: line })
  const [start] = line.split(/[:：]/)
  for (const text of [await verdict(one, '--lang', lang), await shown(one, '--lang', lang)])
    expect(text).not.toContain(start)
})

test('the verdict in JSON holds the commits', async () => {
  expect(JSON.parse(await verdict(two, '--json'))).toMatchObject({ commits: ['aaaa', 'bbbb+'], follows: true })
  expect(JSON.parse(await verdict(one, '--json'))).toMatchObject({ commits: [] })
})

test('an edited plan is blamed itself, by verdict and by report', async () => {
  const path = join(one, 'plan.json')
  const written = readFileSync(path, 'utf8')
  try {
    writeFileSync(path, written.replace('"smallest": 0.01', '"smallest": 0.9'))
    for (const command of [verdictCommand, reportCommand])
      await expect(runCommand(command(), [one])).rejects.toThrow(/plan\.json: its digest does not match: it was edited/)
  } finally {
    writeFileSync(path, written)
  }
})

test('a plan without a digest is read, and both say once that it has none', async () => {
  const path = join(one, 'plan.json')
  const written = readFileSync(path, 'utf8')
  const old = written.replace(/,\s*"digest": "\w+"/, '')
  try {
    writeFileSync(path, old)
    for (const command of [verdictCommand, reportCommand]) {
      const { out, err } = await runCommand(command(), [one])
      expect(out).toContain(file.question)
      expect(err).toBe(
        `residua: ${path}: it carries no digest, as those of older versions: an edit of it would not show. Running the study again adds one\n`,
      )
    }
    writeFileSync(path, old.replace('Does a skip help?', 'Does it?'))
    await expect(runCommand(verdictCommand(), [one])).rejects.toThrow(
      /summary\.json: it no longer follows from the results, or plan\.json, which carries no digest, was edited: /,
    )
  } finally {
    writeFileSync(path, written)
  }
})

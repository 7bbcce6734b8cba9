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

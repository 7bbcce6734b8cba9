import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { directoryStore } from './directory-store.ts'
import { cellsOf, type Plan } from './plan.ts'
import { readStudy } from './read-study.ts'
import { cellId } from './setting.ts'
import { readStoredStudy, studyFileOf } from './stored-study.ts'
import { writeStudy } from './stored-study.test-kit.ts'
import { summarise } from './summary.ts'

const root = mkdtempSync(join(tmpdir(), 'residua-stored-'))
afterAll(() => rmSync(root, { recursive: true }))
const whole = join(root, 'whole')

let plan: Plan
beforeAll(async () => {
  plan = await writeStudy(whole)
})

/** A copy of the study that `change` may spoil. */
function copy(name: string, change: (folder: string) => void): string {
  const folder = join(root, name)
  cpSync(whole, folder, { recursive: true })
  change(folder)
  return folder
}

const edit = (path: string, from: string | RegExp, to: string): void =>
  writeFileSync(path, readFileSync(path, 'utf8').replace(from, to))

test('plan and summary come out of the folder as the program had them', () => {
  const { plan: read, summary, stored } = readStoredStudy(whole)
  expect(read).toEqual(JSON.parse(JSON.stringify(plan)))
  expect(summary).toEqual(summarise(plan, directoryStore(whole)))
  expect(stored).toEqual(JSON.parse(JSON.stringify(summary)))
  expect(summary.verdict?.sentence.en).toMatch(/skip=/)
})

test('results that are gone are missing, without a summary there is none', () => {
  const folder = copy('missing', (at) => {
    rmSync(join(at, 'results', readdirSync(join(at, 'results'))[0]!))
    rmSync(join(at, 'summary.json'))
  })
  const { summary, stored } = readStoredStudy(folder)
  expect(summary.cells.done).toBe(summary.cells.total - 1)
  expect([summary.verdict, stored]).toEqual([null, null])
})

test('the study that a plan describes plans the same cells and is judged by the same rule', async () => {
  const again = await readStudy(studyFileOf(readStoredStudy(whole).plan), 'again.json').plan()
  expect(cellsOf(again).map(cellId)).toEqual(cellsOf(plan).map(cellId))
  expect(again.rule).toEqual(plan.rule)
  expect(plan.arms.some(({ refused }) => refused !== null)).toBe(true)
})

test.each<readonly [string, (folder: string) => void, RegExp]>([
  ['empty', (at) => rmSync(join(at, 'plan.json')), /empty: expected the folder of a study, but plan\.json is missing/],
  ['newer', (at) => edit(join(at, 'plan.json'), '"format": 1', '"format": 2'), /format 2 is newer .* Update residua/],
  ['unversioned', (at) => edit(join(at, 'plan.json'), '"format": 1,', ''), /plan\.json: expected format 1/],
  ['torn', (at) => writeFileSync(join(at, 'plan.json'), '{'), /plan\.json: expected JSON/],
  ['seeds', (at) => edit(join(at, 'plan.json'), /"seeds": \[\s*0/, '"seeds": ["0"'), /plan\.json: "seeds\.0": /],
  ['rule', (at) => edit(join(at, 'plan.json'), '"kind": "best"', '"kind": "besst"'), /plan\.json: rule: .*'besst'/],
  [
    'edited',
    (at) => edit(join(at, 'results', readdirSync(join(at, 'results'))[0]!), '"accuracy": 0.', '"accuracy": 0.9'),
    /its digest does not match/,
  ],
])('%s is refused', (name, change, message) => {
  expect(() => readStoredStudy(copy(name, change))).toThrow(message)
})

test('a stored summary that was edited is given as it stands', () => {
  const folder = copy('summary', (at) => edit(join(at, 'summary.json'), '"metric": "accuracy"', '"metric": "loss"'))
  const { summary, stored } = readStoredStudy(folder)
  expect([stored!.metric, summary.metric]).toEqual(['loss', 'accuracy'])
})

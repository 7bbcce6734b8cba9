import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exactJson, type Json, type JsonObject, parseJson } from '../../files/json.ts'
import * as tasks from '../tasks/index.ts'
import { directoryStore } from './directory-store.ts'
import type { Rule } from '../verdict/rule.ts'
import { cellsOf, type Plan, planJson, type PlannedArm } from './plan.ts'
import { readStudy } from './read-study.ts'
import { cellId } from './setting.ts'
import { hasStudyFile, readStoredStudy, studyFileOf } from './stored-study.ts'
import { writeStudy } from './stored-study.test-kit.ts'
import { summarise } from './summary.ts'
import type { Task } from './task.ts'

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

const defaults: PlannedArm['training'] = {
  ...{ schedule: 'constant', warmupSteps: 1, weightDecay: 0, clipNorm: null, beta1: 0.9, beta2: 0.999 },
}

/** The plan with all its arms changed alike. */
const changedArm =
  (change: Partial<PlannedArm>) =>
  (of: Plan): Plan => ({ ...of, arms: of.arms.map((arm) => ({ ...arm, ...change })) })

const edit = (path: string, from: string | RegExp, to: string): void =>
  writeFileSync(path, readFileSync(path, 'utf8').replace(from, to))

/** Makes the plan one of a version that gave it no digest, changed. */
function editOld(folder: string, from: string | RegExp, to: string): void {
  edit(join(folder, 'plan.json'), /,\s*"digest": "\w+"/, '')
  edit(join(folder, 'plan.json'), from, to)
}

test('plan and summary come out of the folder as the program had them', () => {
  const { plan: read, summary, stored, digested } = readStoredStudy(whole)
  expect(digested).toBe(true)
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

/** An option of a task, changed where its net stays possible. */
const changed: Readonly<Record<string, Json>> = { depth: 8, width: 12, heads: 2, length: 5, context: 8, testSize: 3 }

/** Arms that differ in wiring, training and an option, of every kind of value; the last two cannot be trained. */
const awkward: Readonly<Record<string, JsonObject>> = {
  plain: { norm: 'none', skip: { name: 'scaled', add: 0.5 }, init: 'depthScaled', weightDecay: 0.1 },
  scaled: { branchScale: { exponent: 0.5 }, schedule: 'cosine', warmupSteps: 2, clipNorm: 0.5, beta2: 0.95 },
  endless: { placement: 'out', qkNorm: 'layer', embedNorm: true, finalNorm: 'omitted', norm: 'rms', width: 24 },
  again: { branchScale: { exponent: 0.5 }, schedule: 'cosine', warmupSteps: 2, clipNorm: 0.5, beta2: 0.95 },
  impossible: { skip: 'reversible', placement: 'post' },
  empty: { depth: 0 },
}

test.each(Object.entries<() => Task>(tasks))(
  'what is written of a study of %s is the same study',
  { timeout: 60_000 },
  async (name, make) => {
    const { options, open } = make()
    const given = Object.fromEntries(Object.entries(changed).filter(([option]) => option in options))
    expect(Object.keys(given).length).toBeGreaterThan(1)
    const [metric] = Object.keys((await open(options)).measures)
    const planned = await readStudy(
      {
        ...{ question: 'Which?', task: { name, options: given }, arms: { list: awkward }, wiring: { norm: 'rms' } },
        ...{ training: { beta1: 0.8 }, learningRates: [1e-2, 3e-4], seeds: [4, 1, 7], steps: 9, batchSize: 5, metric },
        ...{ probeEvery: 3, rule: { kind: 'best', arms: ['scaled', 'plain'], metric, better: 'lower', smallest: 0.3 } },
      },
      'first.json',
    ).plan()
    expect(planned.arms.map(({ refused }) => refused === null)).toEqual([true, true, true, false, false])

    const folder = join(root, name)
    directoryStore(folder).writePlan(planJson(planned))
    const file = join(folder, 'again.json')
    writeFileSync(file, exactJson(studyFileOf(readStoredStudy(folder).plan), file))
    const again = await readStudy(parseJson(readFileSync(file, 'utf8'), file), file).plan()
    expect(cellsOf(again).map(cellId)).toEqual(cellsOf(planned).map(cellId))
    expect(cellsOf(again)).toHaveLength(3 * 2 * 3)
    const { arms: listed, factors: _, ...rest } = planned
    expect(again).toMatchObject(rest)
    expect(again.arms.map(({ name: arm }) => arm)).toEqual(listed.slice(0, 3).map(({ name: arm }) => arm))
  },
)

test('a plan of a version that gave it no digest is read, and said to have none', () => {
  const { digested, plan: read } = readStoredStudy(copy('old', (at) => editOld(at, '', '')))
  expect([digested, read]).toEqual([false, JSON.parse(JSON.stringify(plan))])
})

test.each<readonly [string, (plan: Plan) => Plan, RegExp]>([
  [
    'with options that files do not know',
    changedArm({ options: { depth: 2, width: 8, classes: 3, turns: 4 } }),
    /'turns'/,
  ],
  [
    'without an option that files know',
    changedArm({ options: { depth: 2, width: 8 } }),
    /means something else in a file/,
  ],
  ['of a training that cannot be', changedArm({ training: { ...defaults, beta1: 3 } }), /beta1 must be in/],
  ['without a question', (of) => ({ ...of, question: '' }), /"question": /],
  [
    'by a rule that the task contradicts',
    (of) => ({ ...of, rule: { ...of.rule, better: 'lower' } as Rule }),
    /better must be/,
  ],
])('a study %s has no file', (_, change, message) => {
  const read = readStoredStudy(whole).plan
  expect(hasStudyFile(read)).toBe(true)
  expect(() => studyFileOf(change(read))).toThrow(message)
  expect(hasStudyFile(change(read))).toBe(false)
})

test('a study of a task that files cannot name has no file', () => {
  expect(hasStudyFile({ ...plan, task: 'my own' })).toBe(false)
  expect(() => studyFileOf({ ...plan, task: 'my own' })).toThrow(
    /^studyFileOf: expected a task that files can name \(.*spiral.*\), got 'my own'\. Run the module/,
  )
})

test.each<readonly [string, (folder: string) => void, RegExp]>([
  ['empty', (at) => rmSync(join(at, 'plan.json')), /empty: expected the folder of a study, but plan\.json is missing/],
  [
    'newer',
    (at) => edit(join(at, 'plan.json'), '"format": 1', '"format": 2'),
    /newer version \(format 2, this one reads 1\)\. Update R/,
  ],
  ['unversioned', (at) => editOld(at, '"format": 1,', ''), /plan\.json: expected format 1/],
  ['torn', (at) => writeFileSync(join(at, 'plan.json'), '{'), /plan\.json: expected JSON/],
  ['seeds', (at) => editOld(at, /"seeds": \[\s*0/, '"seeds": ["0"'), /plan\.json: "seeds\.0": /],
  ['rule', (at) => editOld(at, '"kind": "best"', '"kind": "besst"'), /plan\.json: rule: .*'besst'/],
  [
    'changed rule',
    (at) => edit(join(at, 'plan.json'), '"kind": "best"', '"kind": "order"'),
    /changed rule\/plan\.json: its digest does not match: .*or delete it and run the study again with this folder/,
  ],
  [
    'digest',
    (at) => edit(join(at, 'plan.json'), /"digest": "\w+"/, '"digest": null'),
    /plan\.json: its digest does not/,
  ],
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

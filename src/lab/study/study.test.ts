import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DataError } from '../../errors.ts'
import { spiral } from '../tasks/index.ts'
import { arms, grid } from './arms.ts'
import { directoryStore } from './directory-store.ts'
import { cellsOf, type StudyOptions } from './plan.ts'
import { cellJobs } from './cell.ts'
import { type CellEvent, runJobs } from './pool.ts'
import { writeStudyReport } from './report.ts'
import { cellId } from './setting.ts'
import type { Claim } from './store.ts'
import { study } from './study.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'residua-study-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const small: StudyOptions = {
  question: 'Does a skip help on a spiral?',
  task: spiral({ depth: 2, width: 8 }),
  arms: grid({ skip: ['none', 'identity'] }),
  learningRates: [1e-2],
  seeds: 3,
  steps: 12,
  metric: 'accuracy',
}
const best = {
  kind: 'best',
  arms: ['skip=none', 'skip=identity'],
  metric: 'accuracy',
  better: 'higher',
  smallest: 0.01,
} as const
const summaryIn = (path: string): string => readFileSync(join(path, 'summary.json'), 'utf8')

describe('a plan', () => {
  test('resolves every arm; arms of one meaning are one, what cannot be trained stays with its reason', async () => {
    const levels = { skip: ['identity', 'reversible'], norm: ['none', 'layer'], placement: ['pre', 'post'] }
    const plan = await study({ ...small, arms: grid(levels) }).plan()
    const byName = new Map(plan.arms.map((arm) => [arm.name, arm]))
    expect(byName.get('skip=identity norm=none placement=pre')!.same).toEqual([
      'skip=identity norm=none placement=post',
    ])
    expect(byName.get('skip=reversible norm=layer placement=post')!.refused).toMatch(/reversible/)
    expect(byName.get('skip=identity norm=layer placement=post')!.refused).toBeNull()
    expect(plan.rule).toMatchObject({ kind: 'best', metric: 'accuracy', better: 'higher' })
  })

  test('goes on without an arm whose net cannot be built', async () => {
    const norms = [{ name: 'group', groups: 4 }, 'layer', { name: 'group', groups: 3 }]
    const { arms: planned } = await study({ ...small, arms: grid({ norm: norms }) }).plan()
    const [four, layer, three] = planned.map(({ refused }) => refused)
    expect([four, layer]).toEqual([null, null])
    expect(three).toMatch(/groups must divide 8 features, got 3/)
  })

  test('goes on without an arm whose training cannot be, and judges rules at the edge', async () => {
    const decays = [0, -1, 0.5, 'x' as never, null]
    const { arms: planned } = await study({ ...small, arms: grid({ weightDecay: decays }) }).plan()
    expect(planned.map(({ refused }) => refused)).toEqual([
      null,
      'adamW: weightDecay must be in [0, Infinity), got -1',
      null,
      'training: weightDecay must be a number, got "x"',
      'training: weightDecay must be a number, got null',
    ])
    const edge = { ...small, batchSize: 900, rule: { ...best, large: best.smallest } }
    expect(await study(edge).plan()).toMatchObject({ batchSize: 900, rule: { large: 0.01 } })
  })

  test('knows every cell by its setting, seeds outermost, paired across arms', async () => {
    const cells = cellsOf(await study({ ...small, learningRates: [1e-2, 1e-3] }).plan())
    expect(cells).toHaveLength(12)
    expect(new Set(cells.map(cellId)).size).toBe(12)
    expect(cells.map(({ seed }) => seed)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
  })

  test.each<[string, Partial<StudyOptions>, RegExp]>([
    [
      'a factor that is not known',
      { arms: grid({ skips: ['none'] }) },
      /there is no factor skips; known are skip, norm/,
    ],
    ['a metric that is not measured', { metric: 'f1' }, /does not measure 'f1'; it measures loss, accuracy/],
    ['no learning rate', { learningRates: [] }, /learningRates must be positive numbers/],
    ['no seed', { seeds: 0 }, /seeds must be a whole number of at least 1/],
    ['too many seeds', { seeds: 10_000_000 }, /expected at most 10000 of them, got 10000000/],
    [
      'arms of which none can be trained',
      { arms: grid({ skip: ['reversible'], placement: ['post', 'b2t'], width: [8, 16] }) },
      /^study: no arm can be trained\. Refused: 'skip=reversible placement=post width=8', '[^']+ width=16' \(wiring: skip 'reversible' cannot go with placement 'post': [^)]+\); '[^']+=b2t width=8', '[^']+' \(wiring: [^)]+\)\. Change the arms, or what they share$/,
    ],
    [
      'one arm without a rule',
      { arms: arms({ a: { skip: 'none' } }) },
      /^study: there is one arm that can be trained, 'a', and nothing to compare it with\. Add arms, or give a rule$/,
    ],
    [
      'two arms of which one cannot be trained',
      { arms: arms({ a: { depth: 2 }, b: { depth: -1 } }) },
      /one arm that can be trained, 'a', .* Refused: 'b' \(mlp: depth must be a positive integer, got -1\)\. Add arms/,
    ],
    [
      'a rule about an arm that is not there',
      { rule: { kind: 'threshold', arm: 'b', metric: 'accuracy', is: 'above', bound: 0.5 } },
      /the rule asks for the arm 'b', which is not there; there are skip=none, skip=identity/,
    ],
    [
      'a rule about an arm that cannot be trained',
      { arms: grid({ depth: [1, 2, 0] }), rule: { ...best, arms: ['depth=1', 'depth=0'] } },
      /the rule asks for the arm 'depth=0', which cannot be trained \(mlp: depth must be .*\); there are depth=1, depth=2$/,
    ],
    [
      'a batch larger than the training set',
      { batchSize: 901 },
      /^study: batchSize must be at most 900, the training examples of 'skip=none', got 901$/,
    ],
    [
      'a training that cannot be, of all arms',
      { training: { beta2: 1 } },
      /no arm can be trained\. Refused: .*beta2 must be in \[0, 1\), got 1/,
    ],
    ['a metric of every object', { metric: 'toString' }, /spiral does not measure 'toString'; it measures loss, acc/],
    [
      'a rule whose large effects may be too small to matter',
      { rule: { ...best, large: 0.009 } },
      /^study: rule: large must be at least smallest, 0\.01, got 0\.009/,
    ],
    [
      'a rule of rates alike',
      { rule: { kind: 'rate', outcome: 'failed', is: 'lower', arms: best.arms, smallest: 0.5, large: 0.4 } },
      /large must be at least smallest, 0\.5, got 0\.4/,
    ],
    [
      'a rule that asks for low accuracy',
      { rule: { ...best, better: 'lower' } },
      /^study: rule: better must be 'higher', which is better of accuracy in this task, got 'lower'/,
    ],
    [
      'a rule that asks for a high loss',
      { rule: { ...best, metric: 'loss' } },
      /^study: rule: better must be 'lower', which is better of loss/,
    ],
    ['too few seeds for the rule', { seeds: 2 }, /study: .*at least 3 seeds per arm, got 2/],
    [
      'a rule about a learning rate that is not there',
      { rule: { ...best, learningRate: 0.5 } },
      /study: .*no learning rate 0\.5/,
    ],
    ['a rule about a metric that is not measured', { rule: { ...best, metric: 'f1' } }, /study: .*f1/],
  ])('%s is refused', async (_, change, message) => {
    await expect(study({ ...small, ...change }).plan()).rejects.toThrow(message)
  })
})

describe('running', { timeout: 120_000 }, () => {
  test('a study that was stopped and gone on with says the same, byte for byte, as one left alone', async () => {
    const [whole, parts] = [join(folder, 'whole'), join(folder, 'parts')]
    const result = await study(small).run({ folder: whole })
    expect(result.summary.cells).toEqual({ done: 6, total: 6 })
    expect(result.verdict.sentence).toMatch(/skip=/)

    let ended = 0
    const stop = new AbortController()
    const stopped = study(small).run({
      folder: parts,
      workers: 1,
      signal: stop.signal,
      onEvent: ({ type }) => {
        if (type === 'end' && ++ended === 2) stop.abort()
      },
    })
    await expect(stopped).rejects.toThrow(/4 of 6 cells are missing. Run it again with the same folder/)
    expect((await study(small).summary(parts)).verdict).toBeNull()
    await study(small).run({ folder: parts })
    expect(summaryIn(parts)).toBe(summaryIn(whole))
  })

  test('more seeds go on with what is there; another question is another study', async () => {
    await study(small).run({ folder })
    const begun: number[] = []
    await study({ ...small, seeds: 4 }).run({
      folder,
      onEvent: (event) => event.type === 'begin' && begun.push(event.setting.seed),
    })
    expect(begun).toEqual([3, 3])
    expect(readdirSync(join(folder, 'results'))).toHaveLength(8)
    await expect(study({ ...small, seeds: 4, steps: 13 }).run({ folder })).rejects.toThrow(
      /holds another study: steps is 12, asked for 13/,
    )
    await expect(study({ ...small, seeds: [1, 2, 3] }).run({ folder })).rejects.toThrow(
      /holds another study: seeds is \[0,1,2,3\], asked for \[1,2,3\]/,
    )
    const plan = join(folder, 'plan.json')
    const written = readFileSync(plan, 'utf8')
    writeFileSync(plan, written.replace('"smallest": 0.01', '"smallest": 0.5'))
    const edited = /plan\.json: its digest does not match: it was edited or damaged\. Put back .* or delete it and run/
    await expect(study({ ...small, seeds: 4 }).run({ folder })).rejects.toThrow(edited)
    await expect(study({ ...small, seeds: 4 }).summary(folder)).rejects.toThrow(edited)
    rmSync(plan)
    await study({ ...small, seeds: 4 }).run({ folder })
    expect(readFileSync(plan, 'utf8')).toBe(written)
    writeFileSync(plan, written.replace(/,\s*"digest": "\w+"/, ''))
    await study({ ...small, seeds: 4 }).run({ folder })
    expect(readFileSync(plan, 'utf8')).toBe(written)
    writeFileSync(plan, written.replace('"format": 1', '"format": 2'))
    await expect(study({ ...small, seeds: 4 }).run({ folder })).rejects.toThrow(
      /newer version \(format 2, this one reads 1\)\. Update Residua/,
    )
  })

  test('a cell whose result was lost after its training says the same once more', async () => {
    const options = { ...small, arms: arms({ a: { skip: 'none' }, b: { skip: 'identity' } }) }
    const { plan } = await study(options).run({ folder })
    const path = join(folder, 'results', `${cellId(cellsOf(plan)[0]!)}.json`)
    const before = readFileSync(path, 'utf8')
    rmSync(path)
    await study(options).run({ folder })
    expect(readFileSync(path, 'utf8')).toBe(before)
  })

  test('a cell that cannot be claimed is told, and the others go on', async () => {
    const plan = await study(small).plan()
    const [first, ...others] = cellsOf(plan)
    const store = directoryStore(folder)
    const events: CellEvent[] = []
    const claim = (id: string): Claim | null => {
      if (id === cellId(first!)) throw new DataError('the disk is gone')
      return store.claim(id)
    }
    const options = { workers: 1, onEvent: (event: CellEvent) => events.push(event) }
    await runJobs(cellJobs(small.task, [first!, others[0]!], 0), { ...store, claim }, options)
    expect(events.find(({ type }) => type === 'failed')).toMatchObject({ id: cellId(first!) })
    expect(events.at(-1)).toMatchObject({ type: 'end', id: cellId(others[0]!) })
  })

  test('the figure of a report lies where its Markdown looks for it', async () => {
    const { plan, summary } = await study(small).run({ folder })
    writeStudyReport(folder, plan, summary)
    const links = readFileSync(join(folder, 'report.md'), 'utf8').matchAll(/]\((.+?\.svg)\)/g)
    const files = Array.from(links, ([, path]) => path!)
    expect(files).toHaveLength(1)
    expect(existsSync(join(folder, files[0]!))).toBe(true)
  })
})

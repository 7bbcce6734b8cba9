import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Language } from '../claims/claim.ts'
import { type Figure, figureFile, hasLines } from '../figure.ts'
import { figureTables, type Table } from '../document.ts'
import { directoryStore } from './directory-store.ts'
import { cellsOf, type Plan } from './plan.ts'
import { readStudy } from './read-study.ts'
import { studyReport, summaryTable } from './report.ts'
import { cellId } from './setting.ts'
import { summarise, type Summary } from './summary.ts'

const file = {
  question: 'Does a skip help?',
  task: { name: 'spiral', options: { depth: 2, width: 8 } },
  arms: { grid: { skip: ['none', 'identity'] } },
  ...{ learningRates: [0.01, 0.001], seeds: 3, steps: 5, metric: 'accuracy' },
}

test('a report says the verdict, the table with n and band, the rule, and what could not run, in both languages', async () => {
  const plan = await readStudy(file, 'x.json').plan()
  const rate = (learningRate: number, values: readonly number[], diverged = 0, plateaued = 0) => ({
    ...{ learningRate, values, trained: values.length, plateaued, diverged },
  })
  const summary: Summary = {
    ...{ question: plan.question, metric: 'accuracy', chance: 1 / 3, seeds: 3, cells: { done: 12, total: 12 } },
    arms: [
      {
        name: 'skip=none',
        same: [],
        refused: null,
        rates: [rate(0.001, [0.5, 0.5, 0.5]), rate(0.01, [], 2, 1)],
        grid: null,
      },
      {
        name: 'skip=identity',
        same: ['skip=x'],
        refused: null,
        rates: [rate(0.001, [0.8, 0.9, 1]), rate(0.01, [0.7, 0.8], 1)],
        grid: null,
      },
      { name: 'skip=bad', same: [], refused: 'it cannot be', rates: [], grid: null },
    ],
    commits: ['0123456789ab', 'ba9876543210+'],
    verdict: {
      ...{ strength: 'large effect', holds: true, sentence: { en: 'It helps.', zh: '有帮助。' }, more: 0 },
      advice: { en: 'Use it.', zh: '请选用。' },
      evidence: [
        {
          what: { en: 'difference', zh: '差' },
          band: { estimate: 0.4, low: 0.2, high: 0.6, n: 3, confidence: 0.95, kind: 'paired t' },
          p: 0.01,
        },
      ],
      against: [{ en: 'few seeds', zh: '种子少' }],
      wouldChange: { en: 'more seeds', zh: '更多种子' },
    },
  }
  expect(summaryTable(plan, summary).rows).toEqual([
    ['skip=none', '0.5000 (n=3)', '1 plateaued, 2 diverged'],
    ['skip=identity', '0.9000 ± 0.25 (n=3)', '0.7500 ± 0.64 (n=2), 1 diverged'],
  ])
  expect(summaryTable(plan, summary, 'zh').rows).toEqual([
    ['skip=none', '0.5000 (n=3)', '1 次停在平台，2 次发散'],
    ['skip=identity', '0.9000 ± 0.25 (n=3)', '0.7500 ± 0.64 (n=2)，1 次发散'],
  ])
  const text = JSON.stringify(studyReport(plan, summary))
  for (const part of [
    'It helps.',
    'strength: large effect',
    'difference: 0.40 [0.20, 0.60] (95% paired t-interval, n=3), p=0.010',
    'few seeds',
    'it cannot be',
    'also skip=x',
    '\\"kind\\":\\"best\\"',
    'different commits of the sources: 0123456789ab, ba9876543210+',
  ])
    expect(text).toContain(part)
  const chinese = studyReport(plan, summary, 'zh')
  expect(chinese.lead).toBe('有帮助。请选用。')
  for (const part of ['强度：大效应', '差：0.40 [0.20, 0.60]（95% 配对 t 区间，n=3），p=0.010', '同于 skip=x'])
    expect(JSON.stringify(chinese)).toContain(part)
  expect(studyReport(plan, { ...summary, verdict: null, cells: { done: 3, total: 12 } }).lead).toBe(
    '3 of 12 cells are done; there is no verdict yet.',
  )
})

/** A study by depth with made-up results: plain nets fail at 8 blocks, all others get better with depth and rate. */
async function byDepth(seeds: number, depths: readonly number[] = [2, 8]): Promise<{ plan: Plan; summary: Summary }> {
  const arms = { grid: { depth: depths, skip: ['none', 'identity'] } }
  const plan = await readStudy({ ...file, arms, seeds }, 'x.json').plan()
  const folder = mkdtempSync(join(tmpdir(), 'residua-study-report-'))
  try {
    const store = directoryStore(folder)
    for (const setting of cellsOf(plan)) {
      const { seed, learningRate, wiring } = setting
      const depth = Number(setting.options.depth)
      const accuracy = 0.5 + depth / 100 + 10 * learningRate + 0.01 * seed
      const failed = wiring.skip === 'none' && depth === 8
      const outcome = failed
        ? ({ state: 'plateaued', metrics: { loss: 1, accuracy: 0.3 } } as const)
        : ({ state: 'trained', metrics: { loss: 1, accuracy } } as const)
      const id = cellId(setting)
      store.claim(id)!.publish({ id, setting, outcome, versions: {} })
    }
    return { plan, summary: summarise(plan, store) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const figuresOf = (plan: Plan, summary: Summary, language?: Language): Figure[] =>
  studyReport(plan, summary, language).blocks.flatMap((block) => (block.type === 'figure' ? [block.figure] : []))
const tablesOf = (plan: Plan, summary: Summary): Table[] =>
  studyReport(plan, summary).blocks.flatMap((block) => (block.type === 'table' ? [block.table] : []))

test('the figure over learning rates has bands, single seeds where they are few, and n and the kind of band in its legend', async () => {
  const [few, many] = [await byDepth(3), await byDepth(6)]
  const [figure] = figuresOf(few.plan, few.summary)
  const svg = figureFile(figure!)
  expect(figure!.panels.map(({ title }) => title)).toEqual(['accuracy depth=2', 'accuracy depth=8 skip=identity'])
  expect(svg).toContain('depth=2 skip=none: mean, 95% t-interval, n=3')
  expect(svg.match(/class="band /g)).toHaveLength(3)
  expect(svg.match(/class="raw /g)).toHaveLength(9)
  expect(figureFile(figuresOf(many.plan, many.summary)[0]!)).not.toContain('class="raw ')
  const [table] = figureTables(figure!)
  expect(table!.head[1]).toBe('depth=2 skip=none: mean, 95% t-interval, n=3')
  expect(table!.rows[0]![1]).toMatch(/^0\.5400 \[0\.515\d, 0\.564\d\]$/)
})

test('at most two panels make a figure; arms of which no run trained are named', async () => {
  const { plan, summary } = await byDepth(3, [2, 4, 8])
  const [first, second] = figuresOf(plan, summary)
  expect([first!.name, first!.title, first!.panels.length]).toEqual(['learning-rates', 'Does a skip help?', 2])
  expect([second!.name, second!.title, second!.panels.length]).toEqual(['learning-rates-2', 'Does a skip help? (2)', 1])
  for (const figure of [first!, second!]) expect(figure.summary).toMatch(/\. No run of depth=8 skip=none trained\.$/)
  const [chinese] = figuresOf(plan, summary, 'zh')
  expect(chinese!.summary).toMatch(/。depth=8 skip=none 没有一次运行训练成功。$/)
})

test('n in a legend is of all rates, and the legend says from how many runs on there is an interval', async () => {
  const { plan, summary } = await byDepth(3)
  const fewer = summary.arms.map(({ rates, ...arm }) => ({
    ...arm,
    rates: rates.map((rate, i) =>
      i > 0 ? rate : { ...rate, values: rate.values.slice(0, 1), trained: 1, diverged: 2 },
    ),
  }))
  const whatOf = (language: Language): (string | undefined)[] =>
    figuresOf(plan, { ...summary, arms: fewer.slice(0, 1) }, language)[0]!.panels.flatMap((panel) =>
      hasLines(panel) ? panel.series.map(({ spread }) => spread?.what) : [],
    )
  expect(whatOf('en')).toEqual(['mean, 95% t-interval from 3 runs on, n=1-3'])
  expect(whatOf('zh')).toEqual(['均值，95% t 区间（至少 3 次运行时），n=1-3'])
})

test('where there is one learning rate, the caption says so', async () => {
  const { plan, summary } = await byDepth(3)
  const one = { ...plan, learningRates: [0.01] }
  const arms = summary.arms.map(({ rates, ...arm }) => ({ ...arm, rates: rates.slice(1) }))
  const [english, chinese] = (['en', 'zh'] as const).map(
    (language) => figuresOf(one, { ...summary, arms }, language)[0]!,
  )
  expect(english!.summary).toBe(
    'Mean accuracy over the runs that trained, at the one learning rate of this study, 0.01; bars: its 95% t-interval from 3 runs on. No run of depth=8 skip=none trained.',
  )
  expect(chinese!.summary).toMatch(/^训练成功的运行的平均 accuracy，本研究只有一个学习率 0\.01；竖线：/)
  const first = summary.arms.map((arm, i) => (i === 0 ? { ...arm, rates: arm.rates.slice(1) } : arm))
  expect(figuresOf(plan, { ...summary, arms: first })[0]!.summary).toMatch(
    /: the single seeds\. Trained at one learning rate only, and drawn as a point or a bar: depth=2 skip=none\. No run/,
  )
})

test('a report ends with what runs its study again, where a file can name the task', async () => {
  const { plan, summary } = await byDepth(3)
  const last = (of: Plan, language?: Language) => studyReport(of, summary, language).blocks.slice(-3)
  const code = { type: 'code', text: 'residua verdict . --study-file again.json && residua study again.json' }
  expect(last(plan)[0]).toEqual({ type: 'heading', text: 'To run it all again' })
  expect(last(plan)[2]).toEqual(code)
  expect(last(plan, 'zh')).toEqual([{ type: 'heading', text: '全部重新运行' }, expect.anything(), code])
  const own = studyReport({ ...plan, task: 'my own' }, summary)
  expect(own.blocks.at(-1)).toEqual({
    type: 'text',
    text: 'No study file can say this study of the task my own: run the module that has it.',
  })
})

test('the table over the grid has best rate, range, sensitivity and failures with their intervals', async () => {
  const { plan, summary } = await byDepth(3)
  expect(tablesOf(plan, summary)[1]!.rows).toEqual([
    ['depth=2 skip=none', '0.010', '≤ 0.0010 – ≥ 0.010', expect.stringMatching(/^0\.045.*n=3\)$/), expect.stringMatching(/^0\.00 \[0\.00, 0\.71\] \(95% Clopper-Pearson/)], // prettier-ignore
    ['depth=2 skip=identity', '0.010', '≤ 0.0010 – ≥ 0.010', expect.anything(), expect.anything()],
    ['depth=8 skip=none', expect.anything(), 'nowhere', expect.stringMatching(/^0/), expect.stringMatching(/^1\.00 \[0\.29, 1\.00\]/)], // prettier-ignore
    ['depth=8 skip=identity', '0.010', '≤ 0.0010 – ≥ 0.010', expect.anything(), expect.anything()],
  ])
})

test('arms that differ only in depth make a map of depth and learning rate', async () => {
  const { plan, summary } = await byDepth(3)
  const maps = figuresOf(plan, summary).slice(1)
  expect(maps.map(({ name, title }) => [name, title])).toEqual([
    ['learning_rate_depth_map_1', 'skip=none. Learning rate and depth.'],
    ['learning_rate_depth_map_2', 'skip=identity. Learning rate and depth.'],
  ])
  expect(maps[0]!.summary).toBe('6 of 12 runs did not train. At 8 blocks none did.')
  const [plain] = maps[0]!.panels
  expect(plain).toMatchObject({ rows: ['2 blocks', '8 blocks'] })
})

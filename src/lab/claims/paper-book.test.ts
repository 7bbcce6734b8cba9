import { expect, test } from 'vitest'
import type { Block } from '../document.ts'
import type { Bearing, Form } from '../experiment/experiment.ts'
import type { ExperimentRecord } from '../experiment/record.ts'
import { ownRecords, readRecords } from '../experiment/records.ts'
import { htmlReport } from '../html.ts'
import type { RunResult } from '../statistics/run-result.ts'
import { judge } from '../verdict/judge.ts'
import type { Rule } from '../verdict/rule.ts'
import type { Language } from './claim.ts'
import { paperOf } from './look-up.ts'
import { paperBook, paperBookReport, paperStanding } from './paper-book.ts'
import { papers } from './papers.ts'

type Told = readonly [rule: Rule, bearing: Bearing]

/** The record of an experiment on he-2016b whose runs are given. */
function record(
  experiment: string,
  form: Form,
  results: readonly RunResult[],
  told: readonly Told[],
): ExperimentRecord {
  const findings = told.map(([rule, bearing], i) => [
    `statement ${i}`,
    {
      says: { en: 'It is so.', zh: '确实如此。' },
      rule,
      papers: { 'he-2016b': bearing },
      verdict: judge(rule, results),
    },
  ])
  return {
    ...{
      format: 1,
      experiment,
      form,
      results,
      date: '2026-11-23',
      commit: null,
      source: '',
      machine: '',
      versions: {},
    },
    ...{ findings: Object.fromEntries(findings) as ExperimentRecord['findings'], digest: '' },
  }
}

const runs = (arm: string, accuracies: readonly (number | null)[]): RunResult[] =>
  accuracies.map((accuracy, seed) => ({
    ...{ arm, seed },
    ...(accuracy === null ? { outcome: 'diverged', metrics: {} } : { outcome: 'trained', metrics: { accuracy } }),
  }))

const results = [
  ...runs('identity', [0.9, 0.91, 0.92]),
  ...runs('gate', [0.7, 0.705, 0.71]),
  ...runs('dropout', [null, null, null]),
]
const better = (a: string, b: string): Rule => ({
  ...{ kind: 'difference', arms: [a, b], metric: 'accuracy', better: 'higher', smallest: 0.01 },
})

/** The first table behind a heading. */
function rowsOf(blocks: readonly Block[], heading: string): readonly (readonly string[])[] {
  const at = blocks.findIndex((block) => block.type === 'heading' && block.text.startsWith(heading))
  const table = blocks.slice(at).find((block) => block.type === 'table')
  if (at < 0 || table === undefined) throw new Error(`expected a table behind ${heading}`)
  return table.table.rows
}

const shortcuts = (language: Language, ...records: ExperimentRecord[]): readonly (readonly string[])[] =>
  rowsOf(paperBookReport(language, records).blocks, 'He 2016b')

test('published figures stand beside measured levels, a row for every statement', () => {
  const found = record('E39', 'full', results, [
    [better('identity', 'gate'), 'supports'],
    [better('gate', 'identity'), 'supports'],
    [better('identity', 'dropout'), 'informs'],
  ])
  const identity =
    "'identity': mean accuracy of the 3 of 3 runs that trained: 0.910 [0.885, 0.935] (95% t-interval, n=3)"
  const gate = "'gate': mean accuracy of the 3 of 3 runs that trained: 0.705 [0.693, 0.717] (95% t-interval, n=3)"
  const dropout = "'dropout': share of runs that failed to train: 1.00 [0.29, 1.00] (95% Clopper-Pearson interval, n=3)"
  const published =
    'ResNet-110: identity 6.61, 0.5x 12.35, 1x1 12.22, exclusive gate 8.70, dropout fails (> 20). (from memory, unchecked) 1001 layers: 7.61 to 4.92. (from memory, unchecked) 1001 layers: 4.62 at best. (looked up in the paper)'
  expect(shortcuts('en', found)).toEqual([
    [published, `E39: ${identity}; ${gate}`, 'supported (large effect)'],
    ['', `E39: ${gate}; ${identity}`, 'refuted (large effect)'],
    ['', `E39: ${identity}; ${dropout}`, 'measured, for information only'],
  ])
})

test('where rates are judged, a rate of 0 is a figure', () => {
  const rate = { kind: 'rate', outcome: 'failed', is: 'higher', arms: ['dropout', 'identity'], smallest: 0.1 } as const
  const [[, measured, verdict] = []] = shortcuts('en', record('E39', 'short', results, [[rate, 'supports']]))
  expect(measured).toContain("'identity': share of runs that failed to train: 0.00 [0.00, 0.71]")
  expect(verdict).toMatch(/short form only/)
})

test('in Chinese, an experiment that was not run and one that says nothing about the result are told apart', () => {
  expect(shortcuts('zh')).toEqual([
    [expect.stringMatching(/ResNet-110：恒等 6\.61.*（凭记忆，未核对）.*（查自论文）$/), 'E39：-', '尚未运行'],
  ])
  expect(shortcuts('zh', record('E39', 'full', results, []))).toEqual([
    [expect.any(String), 'E39：-', '已运行；没有陈述涉及此条'],
  ])
  const [[, measured] = []] = shortcuts(
    'zh',
    record('E39', 'full', results, [[better('gate', 'identity'), 'supports']]),
  )
  expect(measured).toBe(
    "E39：'gate'：3 次中训练成功的 3 次的平均 accuracy：0.705 [0.693, 0.717]（95% t 区间，n=3）；'identity'：3 次中训练成功的 3 次的平均 accuracy：0.910 [0.885, 0.935]（95% t 区间，n=3）",
  )
})

test('a result stands as its experiments do where none of them speaks', () => {
  const paper = paperOf('he-2016b')
  expect(paperStanding(paper, [])).toMatchObject({ standing: 'not run', measured: [{ experiment: 'E39', says: null }] })
  expect(paperStanding(paper, [record('E39', 'full', results, [])])).toMatchObject({
    ...{ standing: 'none bears', measured: [{ standing: 'none bears', figures: [] }] },
  })
})

test('every paper of the book has its published figures and all its experiments, with figures that are stored', () => {
  const records = readRecords(ownRecords)
  const { blocks } = paperBookReport('en', records)
  for (const paper of papers) {
    const rows = rowsOf(blocks, `${paper.name} (`)
    for (const { en } of paper.published) expect(rows[0]![0]).toContain(en)
    expect(new Set(rows.map(([, measured]) => measured!.split(':')[0]))).toEqual(new Set(paper.experiments))
    const { findings, measured } = paperStanding(paper, records)
    const stored = findings.flatMap(({ verdict }) => verdict.evidence)
    for (const { says, figures } of measured) {
      if (says === null) expect(figures).toEqual([])
      for (const figure of figures) expect(stored).toContain(figure)
    }
  }
})

test('Markdown and HTML have the tables', () => {
  const found = record('E39', 'full', results, [[better('gate', 'identity'), 'supports']])
  expect(paperBook('en', [found])).toMatch(
    /\| published \| measured here \| verdict \|\n.*\n\| ResNet-110: .*\| E39: 'gate': .*\| refuted \(large/,
  )
  expect(htmlReport(paperBookReport('en', [found]), 'en')).toMatch(
    /<th scope="row">ResNet-110: .*?<\/th><td>E39: .*?<\/td><td>refuted \(large effect\)<\/td>/,
  )
})

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compareRuns } from './compare.ts'
import { differences, leaves, shown } from './compare-differences.ts'
import { compareFigures } from './compare-figures.ts'
import { compareReport, figureTable, remarks, settingsTable } from './compare-report.ts'
import { hasLines } from './figure.ts'
import { htmlReport } from './html.ts'
import { config, type FakeRun, testFolder, wiring, writeRun } from './run-report.test-kit.ts'
import { readStoredRun, type StoredRun } from './run-report-data.ts'

const root = testFolder()
let made = 0

/** Runs a, b, c, ... */
const stored = (...runs: readonly FakeRun[]): StoredRun[] => {
  const folder = join(root, String(made++))
  return runs.map((run, i) => readStoredRun(writeRun(join(folder, 'abcdefghij'[i]!), run)))
}

const done = { state: 'done', step: 3, trainLoss: 0.5, loss: 0.25, right: 0.5, seconds: 2, parameters: 100 }

test('differences: equal parts are left out, whatever their order; lists of numbers are wholes', () => {
  const [a, b] = [
    { x: 1, y: { p: [1, 2], q: [{ r: 1 }, { r: 2 }] }, z: 'same' },
    { z: 'same', y: { q: [{ r: 1 }, { r: 3 }], p: [1, 3] }, w: null },
  ]
  expect(differences([a, b])).toEqual([
    { path: 'x', values: [1, undefined] },
    {
      path: 'y.p',
      values: [
        [1, 2],
        [1, 3],
      ],
    },
    { path: 'y.q.1.r', values: [2, 3] },
    { path: 'w', values: [undefined, null] },
  ])
  expect(differences([a, { ...a }, a])).toEqual([])
  expect(leaves({ a: { b: [1, 2], c: {} }, d: 'e' }).map(({ path, value }) => `${path} ${shown(value)}`)).toEqual([
    'a.b [1,2]',
    'a.c {}',
    'd e',
  ])
})

test('settings that differ and no others, figures with differences from the first, and which way is better', () => {
  const other = config({ model: { name: 'mlp', options: { depth: 2, wiring: wiring('rms') } }, steps: 3 })
  const runs = stored(
    { summary: done },
    { summary: { ...done, loss: 0.375, right: 'NaN', parameters: 90 }, config: other },
  )
  const comparison = compareRuns(runs)
  expect(comparison.settings).toEqual([{ path: 'model.options.wiring.norm.name', values: ['layer', 'rms'] }])
  expect([comparison.versions, comparison.data]).toEqual([[], []])
  expect(comparison.figures).toEqual([
    { name: 'trainLoss', better: 'lower', values: [0.5, 0.5], deltas: [0, 0] },
    { name: 'loss', better: 'lower', values: [0.25, 0.375], deltas: [0, 0.125] },
    { name: 'right', better: 'higher', values: [0.5, NaN], deltas: [0, NaN] },
    { name: 'seconds', better: 'lower', values: [2, 2], deltas: [0, 0] },
    { name: 'parameters', better: null, values: [100, 90], deltas: [0, -10] },
  ])
  expect(figureTable(comparison, 'en').rows).toEqual([
    ['state', 'done', 'done', ''],
    ['steps done', '3', '3', ''],
    ['trainLoss', '0.5000', '0.5000 (=)', 'lower is better'],
    ['loss', '0.2500', '0.3750 (+0.1250)', 'lower is better'],
    ['right', '0.5000', 'NaN', 'higher is better'],
    ['seconds', '2', '2 (=)', 'lower is better'],
    ['parameters', '100', '90 (-10)', ''],
  ])
  expect(settingsTable(comparison, 'zh')?.head).toEqual(['设置', 'a (基线)', 'b'])
  expect(remarks(comparison, 'en')[0]).toBe('The lowest loss is that of a, 0.2500.')
})

test('other versions, data or loss are said before anything else, and no run is called the best then', () => {
  const runs = stored(
    { summary: done },
    { summary: done, versions: { residua: '0.2.0' }, config: config({ train: 'mnist', note: { table: null } }) },
  )
  const comparison = compareRuns(runs)
  expect(comparison.data).toEqual([{ path: 'train', values: ['spiral[0.75]', 'mnist'] }])
  const [data, versions] = remarks(comparison, 'en')
  expect(data).toBe('The runs differ in data or loss (train): their losses and metrics do not compare.')
  expect(versions).toBe('The runs are of different versions (residua): figures may differ for that alone.')
  expect(compareReport(comparison, runs, 'zh').lead).toMatch(/数据或损失函数不同（train）/)
  const sameName = stored(
    { config: config({ note: { table: { sha256: 'a' } } }) },
    { config: config({ note: { table: { sha256: 'b' } } }) },
  )
  expect(compareRuns(sameName).data).toEqual([{ path: 'table.sha256', values: ['a', 'b'] }])
})

test('a run that goes on and one that diverged are what they are, the broken step a mark in the curve', () => {
  const evaluated = { step: 2, type: 'evaluation', loss: 0.75, metrics: { right: 0.25 }, best: true }
  const broken = { step: 4, type: 'diverged', path: 'value of blocks.1.weight', message: 'm' }
  const runs = stored(
    { events: [evaluated] },
    { events: [broken], summary: { state: 'diverged', step: 3, trainLoss: 0.5 }, state: 'diverged' },
  )
  const comparison = compareRuns(runs)
  expect(comparison.figures.map(({ name, values }) => [name, values])).toEqual([
    ['trainLoss', [0.5, 0.5]],
    ['loss', [0.75, null]],
    ['right', [0.25, null]],
    ['seconds', [0.30000000000000004, null]],
  ])
  expect(remarks(comparison, 'en').slice(1, 3)).toEqual([
    'b diverged at step 4; the first tensor that was not finite is the value of blocks.1.weight.',
    'a is running at step 3: its figures are those so far.',
  ])
  const [loss, ...rest] = compareFigures(runs, 'en')
  expect(rest).toEqual([])
  const [panel] = loss!.panels.filter(hasLines)
  expect(panel!.series.map(({ name, ghost }) => [name, ghost])).toEqual([
    ['a (baseline)', true],
    ['b', undefined],
  ])
  expect(panel!.series[1]!.points.at(-1)).toEqual([4, NaN])
  expect(htmlReport(compareReport(comparison, runs, 'en'), 'en')).toContain('<title>b: NaN at 4</title>')
})

test('profiles over depth where they were recorded; more runs than colours go into more panels, each with the baseline', () => {
  const probes = [1, 3].map((step) => ({
    step,
    values: [
      [1, 4],
      [2, 2 * step],
      [3, 1],
    ] as const,
  }))
  const [profiled] = [compareFigures(stored({ probes }, {}, { probes }), 'zh')[1]!]
  const lines = profiled.panels.filter(hasLines)
  expect(lines.map(({ title, series }) => [title, series.map(({ name }) => name)])).toEqual([
    ['rms', ['a (基线)', 'c']],
    ['gradientNorm', ['a (基线)', 'c']],
  ])
  expect(lines[1]!.series[0]!.points).toEqual([
    [0, 4],
    [1, 6],
    [2, 1],
  ])
  const many = compareFigures(stored(...Array<FakeRun>(8).fill({})), 'en')[0]!.panels.filter(hasLines)
  expect(many.map(({ series }) => series.length)).toEqual([6, 3])
  expect(many[1]!.series.map(({ name }) => name)).toEqual(['a (baseline)', 'g', 'h'])
})

test('fewer than two runs, or one twice, are refused', () => {
  const [one] = stored({}) as [StoredRun]
  expect(() => compareRuns([one])).toThrow('compare: expected at least two run folders, got 1. Name the baseline first')
  expect(() => compareRuns([one, one])).toThrow(/compare: expected different runs, got .*a twice\. Leave one out/)
})

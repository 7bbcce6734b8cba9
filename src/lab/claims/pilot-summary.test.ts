import { expect, test } from 'vitest'
import { untranslated } from '../../../test/english.ts'
import type { Block } from '../document.ts'
import type { ExperimentRecord } from '../experiment/record.ts'
import { ownRecords, readRecords } from '../experiment/records.ts'
import { runsOf } from '../verdict/results.test-kit.ts'
import { bookReport } from './book.ts'
import { claimOf } from './look-up.ts'
import { pilotFigures } from './pilot-figures.ts'
import { pilotBlocks, pilotJson, pilotsOn, pilotSummaries, pilotSummary, pilotTables } from './pilot-summary.ts'

/** A record of E41 whose arms end so. */
const record = (
  post: readonly (number | null)[],
  pre: readonly (number | null)[],
  form: 'full' | 'short' = 'full',
): ExperimentRecord => ({
  ...{ format: 1, experiment: 'E41', form, date: '2026-11-23', commit: null, source: '', machine: '', versions: {} },
  findings: {},
  results: Object.entries({ 'Post, 4 blocks': post, 'Pre, 4 blocks': pre }).flatMap(([arm, values]) =>
    runsOf(arm, values, 4e-3).map((run) => ({
      ...run,
      metrics: run.metrics.accuracy === undefined ? {} : { loss: run.metrics.accuracy },
    })),
  ),
  digest: '',
})
const low = [2, 2.01, 2.02]
const high = [2.1, 2.12, 2.12]

test('a summary says in one sentence what agrees', () => {
  expect(pilotSummary(record(low, high))?.sentence).toMatchInlineSnapshot(`
    {
      "en": "E41 and its pilot: of 1 pair that the pilot separates, 1 stands in the same order, 0 are not separated here and 0 are reversed.",
      "zh": "E41 与其预实验：预实验所区分的 1 对中，1 对次序相同，0 对在此未能区分，0 对次序相反。",
    }
  `)
})

test('what is reversed is named with both figures', () => {
  const summary = pilotSummary(record(high, low))!
  expect(summary.sentence).toMatchInlineSnapshot(`
    {
      "en": "E41 and its pilot: of 1 pair that the pilot separates, 0 stand in the same order, 0 are not separated here and 1 is reversed: 'Post, 4 blocks' and 'Pre, 4 blocks' (pilot 2.047 and 2.088; here 2.113 ± 0.029 and 2.010 ± 0.025).",
      "zh": "E41 与其预实验：预实验所区分的 1 对中，0 对次序相同，0 对在此未能区分，1 对次序相反：'Post, 4 blocks' 与 'Pre, 4 blocks'（预实验 2.047 与 2.088；此处 2.113 ± 0.029 与 2.010 ± 0.025）。",
    }
  `)
  expect(summary.counts).toMatchInlineSnapshot(`
    {
      "en": "E41 and its pilot: of 1 pair that the pilot separates, 0 stand in the same order, 0 are not separated here and 1 is reversed.",
      "zh": "E41 与其预实验：预实验所区分的 1 对中，0 对次序相同，0 对在此未能区分，1 对次序相反。",
    }
  `)
})

test('failures stand beside the figures', () => {
  expect(pilotSummary(record([null, null, null], low, 'short'))?.sentence).toMatchInlineSnapshot(`
    {
      "en": "E41 and its pilot (short form only): of 1 pair that the pilot separates, 0 stand in the same order, 0 are not separated here and 1 is reversed: 'Post, 4 blocks' and 'Pre, 4 blocks' (pilot 2.047 and 2.088; here 3 of 3 failed and 2.010 ± 0.025).",
      "zh": "E41 与其预实验（仅简短形式）：预实验所区分的 1 对中，0 对次序相同，0 对在此未能区分，1 对次序相反：'Post, 4 blocks' 与 'Pre, 4 blocks'（预实验 2.047 与 2.088；此处 3 次中 3 次失败 与 2.010 ± 0.025）。",
    }
  `)
  const many = (value: number, failed: number): (number | null)[] =>
    Array.from({ length: 20 }, (_, i) => (i < failed ? null : value + 0.001 * i))
  expect(pilotSummary(record(many(2.1, 12), many(2, 1)))?.sentence).toMatchInlineSnapshot(`
    {
      "en": "E41 and its pilot: of 1 pair that the pilot separates, 0 stand in the same order, 0 are not separated here and 1 is reversed: 'Post, 4 blocks' and 'Pre, 4 blocks' (pilot 2.047 and 2.088; here 2.116 ± 0.0020 (12 of 20 failed) and 2.010 ± 0.0027 (1 of 20 failed)).",
      "zh": "E41 与其预实验：预实验所区分的 1 对中，0 对次序相同，0 对在此未能区分，1 对次序相反：'Post, 4 blocks' 与 'Pre, 4 blocks'（预实验 2.047 与 2.088；此处 2.116 ± 0.0020（20 次中 12 次失败）与 2.010 ± 0.0027（20 次中 1 次失败））。",
    }
  `)
})

test('signs are counted, too', () => {
  const results = runsOf('Pre', [1, 1.1, 1.2]).map((run) => ({
    ...run,
    metrics: { 'ln growth of the mean square': run.metrics.accuracy! },
  }))
  expect(pilotSummary({ ...record([], []), experiment: 'E33', form: 'short', results })?.sentence)
    .toMatchInlineSnapshot(`
    {
      "en": "E33 and its pilot (short form only): of 1 sign that the pilot tells, 1 is the same, 0 are not separated from 0 here and 0 are reversed.",
      "zh": "E33 与其预实验（仅简短形式）：预实验所确定的 1 个正负号中，1 个相同，0 个在此与 0 未能区分，0 个相反。",
    }
  `)
})

test('a table has pilot, mean, learning rate, seeds and failures', () => {
  const [table] = pilotTables(pilotSummary(record([2.1, null, 2.12], low))!, 'en')
  expect(table).toMatchInlineSnapshot(`
    {
      "caption": "E41 and its pilot: test loss, nats; one seed in the pilot; differences above 0.04 in the pilot are compared, at the pilot's learning rate 0.004",
      "head": [
        "arm",
        "pilot",
        "mean ± half a 95% t-interval",
        "learning rate",
        "seeds",
        "failed",
      ],
      "rows": [
        [
          "Post, 4 blocks",
          "2.047",
          "2.110 ± 0.13",
          "0.004",
          "3",
          "1",
        ],
        [
          "Pre, 4 blocks",
          "2.088",
          "2.010 ± 0.025",
          "0.004",
          "3",
          "0",
        ],
      ],
    }
  `)
})

test('for programs rows are named', () => {
  expect(pilotJson(pilotSummary(record(low, high))!)).toMatchObject({
    experiment: 'E41',
    comparisons: [
      {
        noise: 0.04,
        learningRate: 4e-3,
        rows: [{ name: 'Post, 4 blocks', pilot: 2.047, values: low, failed: 0 }, {}],
        pairs: [{ rows: ['Post, 4 blocks', 'Pre, 4 blocks'], agreement: 'same', leans: true }],
        signs: [],
      },
    ],
  })
})

test('a record that cannot be compared says why, and leaves the others alone', () => {
  const old = record(low, [])
  expect(pilotSummary(old)?.sentence).toMatchInlineSnapshot(`
    {
      "en": "E41 and its pilot: the record cannot be compared: pilots: expected loss of 'Pre, 4 blocks' at the learning rate 0.004 in the record of E41, got none. Run the experiment again.",
      "zh": "E41 与其预实验：记录无法比较：pilots: expected loss of 'Pre, 4 blocks' at the learning rate 0.004 in the record of E41, got none. Run the experiment again。",
    }
  `)
  expect(pilotBlocks([old, { ...record(low, high), experiment: 'E1' }], 'en').at(-1)).toMatchObject({ type: 'text' })
  expect(pilotBlocks([], 'en')).toEqual([])
})

test('a claim has the summaries of its experiments', () => {
  const [one] = [pilotSummary(record(low, high))!]
  const named = { ...claimOf(9), experiments: ['E7f', 'E41'] }
  expect(pilotsOn(named, [one])).toEqual([one])
  expect(pilotsOn(claimOf(9), [one])).toEqual([])
})

const stored = readRecords(ownRecords)

test.each(stored.map((found) => [found.experiment, found] as const))(
  '%s is compared with what the pilots measured, where they did',
  (experiment, found) => {
    const sets = pilotFigures.filter((set) => set.experiment === experiment)
    const summary = pilotSummary(found)
    if (sets.length === 0) {
      expect(summary).toBeNull()
      return
    }
    const compared = summary?.comparisons.map(({ set }) => set) ?? []
    if (found.form === 'full') expect(compared).toEqual(sets)
    for (const language of ['en', 'zh'] as const)
      for (const { head, rows } of summary === null ? [] : pilotTables(summary, language)) {
        expect(rows.length).toBeGreaterThan(0)
        for (const row of rows) expect(row).toHaveLength(head.length)
      }
  },
)

test('the book ends with pilots and records, in English and Chinese', () => {
  const text = (language: 'en' | 'zh'): string => {
    const { blocks } = bookReport(language, new Map(), pilotBlocks(stored, language))
    const at = blocks.findLastIndex(({ type }) => type === 'heading')
    expect(blocks[at]).toMatchObject({ text: language === 'en' ? 'Pilots and records' : '预实验与记录' })
    const lines = (block: Block): string[] =>
      block.type === 'text' ? [block.text] : block.type === 'table' ? [block.table.caption, ...block.table.head] : []
    return blocks.slice(at).flatMap(lines).join('\n')
  }
  expect(untranslated(text('en'), text('zh'))).toEqual([])
  for (const { sentence } of pilotSummaries(stored)) expect(text('en')).toContain(sentence.en)
})

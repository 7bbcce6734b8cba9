import { describe, expect, test } from 'vitest'
import type { Form } from '../experiment/experiment.ts'
import type { ExperimentRecord } from '../experiment/record.ts'
import type { RunResult } from '../statistics/run-result.ts'
import { runsOf } from '../verdict/results.test-kit.ts'
import { comparePilots, type PilotComparison, type PilotSign } from './pilot-comparison.ts'
import { byArm, byMetric, grid, type PilotFigure, type PilotSet } from './pilot-set.ts'

const record = (results: readonly RunResult[], form: Form = 'full'): ExperimentRecord => ({
  ...{ format: 1, experiment: 'E9', form, date: '2026-11-23', commit: null, source: '', machine: '' },
  ...{ versions: {}, findings: {}, results, digest: '' },
})
const setOf = (lines: readonly (readonly PilotFigure[])[], rest: Partial<PilotSet> = {}): PilotSet => ({
  ...{ experiment: 'E9', what: { en: 'accuracy', zh: '准确率' }, better: 'higher', noise: 0.02, lines },
  ...rest,
})
const accuracy = (pilots: Readonly<Record<string, number | readonly [number, number]>>): PilotFigure[] =>
  byArm('accuracy', pilots)
const brief = (found: readonly PilotSign[]): string[] =>
  found.map(({ rows, agreement, leans }) => `${rows.map(({ name }) => name).join(' ')}: ${agreement}, ${leans}`)

/** The one comparison of a set. */
function compared(set: PilotSet, results: readonly RunResult[], form?: Form): PilotComparison {
  const found = comparePilots(record(results, form), [set])
  expect(found).toHaveLength(1)
  return found[0]!
}

describe('pairs of arms', () => {
  const results = [
    ...runsOf('best', [0.9, 0.92, 0.94]),
    ...runsOf('good', [0.8, 0.82, 0.83]),
    ...runsOf('wild', [0.7, 1, 0.8]),
  ]

  test('stand in the same order, are reversed, or are not separated, whichever way the pilots lean', () => {
    const { pairs } = compared(setOf([accuracy({ best: 0.9, good: 0.8, wild: 0.7 })]), results)
    expect(brief(pairs)).toEqual(['best good: same, true', 'best wild: open, true', 'good wild: open, false'])
    const turned = compared(setOf([accuracy({ best: 0.1, good: 0.2, wild: 0.5 })]), results)
    expect(brief(turned.pairs)).toEqual([
      'best good: reversed, false',
      'best wild: open, false',
      'good wild: open, true',
    ])
  })

  test('are those that the pilots separate by more than the noise', () => {
    const { pairs } = compared(setOf([accuracy({ best: 0.9, good: 0.88, wild: 0.87 })], { noise: 0.025 }), results)
    expect(brief(pairs)).toEqual(['best wild: open, true'])
  })

  test('of ranges are those that lie apart', () => {
    const figures = accuracy({ best: [0.85, 0.9], good: [0.84, 0.86], wild: 0.8 })
    expect(brief(compared(setOf([figures]), results).pairs)).toEqual([
      'best wild: open, true',
      'good wild: open, false',
    ])
  })

  test('are paired by seed, so that a small difference that every seed shows is separated', () => {
    const shifted = runsOf('shifted', [0.701, 1.0011, 0.801])
    const { pairs } = compared(setOf([accuracy({ wild: 0.5, shifted: 0.6 })]), [...results, ...shifted])
    expect(brief(pairs)).toEqual(['wild shifted: same, true'])
  })

  test('by a metric that improves downwards have the same signs', () => {
    const { pairs } = compared(setOf([accuracy({ best: 0.9, good: 0.8 })], { better: 'lower' }), results)
    expect(brief(pairs)).toEqual(['best good: same, true'])
  })

  test('are compared within rows and columns of a table, not across', () => {
    const arms = ['a 1', 'a 2', 'b 1', 'b 2']
    const lines = grid([1, 2], { a: [0.1, 0.2], b: [0.3, 0.4] }, (row, column) => ({
      ...{ arm: `${row} ${column}`, metric: 'accuracy' },
    }))
    const runs = arms.flatMap((arm, i) => runsOf(arm, [i, i + 0.01 * (i + 1), i]))
    const { pairs, rows } = compared(setOf(lines), runs)
    expect(rows.map(({ name }) => name)).toEqual(arms)
    expect(pairs.map(({ rows: [a, b] }) => `${a!.name} ${b!.name}`)).toEqual([
      'a 1 a 2',
      'b 1 b 2',
      'a 1 b 1',
      'a 2 b 2',
    ])
    expect(new Set(pairs.map(({ agreement }) => agreement))).toEqual(new Set(['same']))
  })

  test('may be metrics of one arm, and differences of metrics', () => {
    const runs = [0.9, 0.91, 0.92].map((intact, seed): RunResult => ({
      ...{ arm: 'net', seed, outcome: 'trained', metrics: { intact, drop: 0.5 + 0.001 * seed } },
    }))
    const line: PilotFigure[] = [
      ...byMetric('net', { intact: 0.9 }),
      { arm: 'net', metric: 'intact', minus: 'drop', pilot: 0.3 },
    ]
    const { rows, pairs } = compared(setOf([line]), runs)
    expect(rows.map(({ name }) => name)).toEqual(['net: intact', 'net: intact - drop'])
    expect(rows[1]!.values.map((value) => value.toFixed(3))).toEqual(['0.400', '0.409', '0.418'])
    expect(brief(pairs)).toEqual(['net: intact net: intact - drop: same, true'])
  })
})

describe('runs that failed', () => {
  const broken = runsOf('broken', [null, null, null])
  const good = runsOf('good', [0.8, 0.82, 0.84])
  const figures = accuracy({ good: 0.8, broken: 0.1 })

  test('stand behind those that trained', () => {
    const { pairs, rows } = compared(setOf([figures]), [...good, ...broken])
    expect(brief(pairs)).toEqual(['good broken: same, true'])
    expect(rows[1]).toMatchObject({ values: [], failed: 3 })
    const turned = compared(setOf([accuracy({ good: 0.1, broken: 0.8 })]), [...good, ...broken])
    expect(brief(turned.pairs)).toEqual(['good broken: reversed, false'])
  })

  test('do not separate an arm that lost one of three, nor two that lost all', () => {
    const lossy = runsOf('broken', [0.1, null, 0.11])
    expect(brief(compared(setOf([figures]), [...good, ...lossy]).pairs)).toEqual(['good broken: open, true'])
    const both = [...runsOf('good', [null, null, null]), ...broken]
    expect(brief(compared(setOf([figures]), both).pairs)).toEqual(['good broken: open, false'])
  })

  test('leave a sign open', () => {
    const set = setOf([figures], { signed: true })
    const lossy = runsOf('broken', [0.1, null, 0.11])
    expect(brief(compared(set, [...good, ...lossy]).signs)).toEqual(['good: same, true', 'broken: open, true'])
    expect(brief(compared(set, [...good, ...broken]).signs)).toEqual(['good: same, true', 'broken: open, false'])
  })
})

test('signs are compared where the pilots tell them from 0', () => {
  const results = [
    ...runsOf('up', [1, 1.1, 1.2]),
    ...runsOf('down', [-1, -1.1, -1.2]),
    ...runsOf('near', [-1, 1, 0.5]),
    ...runsOf('untold', [1, 1.1, 1.2]),
  ]
  const set = setOf([accuracy({ up: 0.5, down: 0.5, near: -0.5, untold: 0.1 })], { noise: 0.2, signed: true })
  expect(brief(compared(set, results).signs)).toEqual(['up: same, true', 'down: reversed, false', 'near: open, false'])
  expect(compared({ ...set, noise: 0.3, signed: true }, results).pairs).toHaveLength(5)
})

describe('the learning rate', () => {
  const results = [
    ...runsOf('a', [0.5, 0.51, 0.52], 0.1),
    ...runsOf('a', [0.9, 0.91, 0.92], 0.2),
    ...runsOf('b', [0.7, 0.71, 0.73], 0.1),
    ...runsOf('b', [0.1, 0.11, 0.12], 0.2),
  ]
  const lines = [accuracy({ a: 0.9, b: 0.7 })]

  test("is each arm's best, or that of the pilots", () => {
    const best = compared(setOf(lines), results)
    expect(best.rows.map(({ learningRate }) => learningRate)).toEqual([0.2, 0.1])
    expect(brief(best.pairs)).toEqual(['a b: same, true'])
    const given = compared(setOf(lines, { learningRate: 0.1 }), results)
    expect(given.rows.map(({ learningRate }) => learningRate)).toEqual([0.1, 0.1])
    expect(brief(given.pairs)).toEqual(['a b: reversed, false'])
  })

  test('that a full form lacks is refused, and leaves a short one without a comparison', () => {
    const set = setOf(lines, { learningRate: 0.3 })
    expect(() => comparePilots(record(results), [set])).toThrowErrorMatchingInlineSnapshot(
      `[DataError: pilots: expected accuracy of 'a' at the learning rate 0.3 in the record of E9, got none. Run the experiment again]`,
    )
    expect(comparePilots(record(results, 'short'), [set])).toEqual([])
  })
})

test('an arm or a metric that a full form lacks is refused; a short form is compared in what it has', () => {
  const results = [...runsOf('a', [0.5, 0.51, 0.52]), ...runsOf('b', [0.7, 0.71, 0.73])]
  const [arm, metric] = [
    setOf([accuracy({ a: 0.5, b: 0.7, c: 0.9 })]),
    setOf([[...accuracy({ a: 0.5, b: 0.7 }), ...byMetric('a', { loss: 2 })]]),
  ]
  expect(() => comparePilots(record(results), [arm])).toThrowErrorMatchingInlineSnapshot(
    `[DataError: pilots: expected accuracy of 'c' in the record of E9, got none. Run the experiment again]`,
  )
  expect(() => comparePilots(record(results), [metric])).toThrowErrorMatchingInlineSnapshot(
    `[DataError: pilots: expected loss of 'a' in the record of E9, got none. Run the experiment again]`,
  )
  expect(brief(compared(arm, results, 'short').pairs)).toEqual(['a b: same, true'])
  expect(compared(metric, results, 'short').rows).toHaveLength(2)
})

test('nothing is compared where the pilots tell no difference, or measured another experiment', () => {
  const results = [...runsOf('a', [0.5, 0.51, 0.52]), ...runsOf('b', [0.7, 0.71, 0.73])]
  const set = setOf([accuracy({ a: 0.5, b: 0.51 })])
  expect(comparePilots(record(results), [set, { ...set, experiment: 'E3' }])).toEqual([])
})

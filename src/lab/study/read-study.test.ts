import { expect, test } from 'vitest'
import { readStudy } from './read-study.ts'
import { studyReport, summaryTable } from './report.ts'
import type { Summary } from './summary.ts'

const file = {
  question: 'Does a skip help?',
  task: { name: 'spiral', options: { depth: 2, width: 8 } },
  arms: { grid: { skip: ['none', 'identity'] } },
  learningRates: [0.01, 0.001],
  seeds: 3,
  steps: 5,
  metric: 'accuracy',
}

test('a file says what a program would', async () => {
  const plan = await readStudy(file, 'x.json').plan()
  expect(plan.arms.map(({ name }) => name)).toEqual(['skip=none', 'skip=identity'])
  expect(plan.arms[0]!.options).toMatchObject({ depth: 2, width: 8, classes: 3 })
  const one = { oneAtATime: { baseline: { skip: 'identity', norm: 'layer' }, levels: { norm: ['none'] } } }
  expect((await readStudy({ ...file, arms: one }, 'x.json').plan()).arms).toHaveLength(2)
})

test.each([
  [{ ...file, tasks: 'spiral' }, /^x\.json: .*tasks/],
  [{ ...file, task: 'spirals' }, /x\.json: task.*spirals.*spiral/],
  [{ ...file, arms: {} }, /x\.json: "arms": expected one of grid, oneAtATime, list, got 0/],
  [{ ...file, learningRates: 'all' }, /^x\.json: "learningRates"/],
  [{ ...file, rule: { kind: 'besst' } }, /besst/],
  [
    { ...file, task: { name: 'spiral', options: { dept: 2 } } },
    /x\.json: task: options: .*'dept', did you mean 'depth'/,
  ],
  [[], /^x\.json/],
])('%j is refused', (value, message) => {
  expect(() => readStudy(value, 'x.json')).toThrow(message)
})

test.each([
  [{ ...file, training: { warmupStep: 2 } }, /study: training: .*'warmupStep', did you mean 'warmupSteps'/],
  [{ ...file, training: { schedule: 'cosin' } }, /study: schedule: .*'cosin', did you mean 'cosine'/],
  [{ ...file, arms: { grid: { schedule: ['constant', 'cosin'] } } }, /study: schedule: .*'cosin'/],
])('%j is refused before anything runs', async (value, message) => {
  await expect(readStudy(value, 'x.json').plan()).rejects.toThrow(message)
})

test('a report says the verdict, the table with n and band, the rule, and what could not run, in both languages', async () => {
  const plan = await readStudy(file, 'x.json').plan()
  const rate = (learningRate: number, values: readonly number[], diverged = 0) => ({
    ...{ learningRate, values, trained: values.length, plateaued: 0, diverged },
  })
  const summary: Summary = {
    ...{ question: plan.question, metric: 'accuracy', chance: 1 / 3, seeds: 3, cells: { done: 12, total: 12 } },
    arms: [
      { name: 'skip=none', same: [], refused: null, rates: [rate(0.001, [0.5, 0.5, 0.5]), rate(0.01, [], 3)] },
      {
        name: 'skip=identity',
        same: ['skip=x'],
        refused: null,
        rates: [rate(0.001, [0.8, 0.9, 1]), rate(0.01, [0.7, 0.8], 1)],
      },
      { name: 'skip=bad', same: [], refused: 'it cannot be', rates: [] },
    ],
    commits: ['0123456789ab', 'ba9876543210+'],
    verdict: {
      ...{ strength: 'large effect', holds: true, sentence: { en: 'It helps.', zh: '有帮助。' }, more: 0 },
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
    ['skip=none', '0.5000 ± 0 (n=3)', '3 diverged'],
    ['skip=identity', '0.9000 ± 0.25 (n=3)', '0.7500 ± 0.64 (n=2), 1 diverged'],
  ])
  const text = JSON.stringify(studyReport(plan, summary))
  for (const part of [
    'It helps.',
    '0.4000 [0.2000, 0.6000] (95% paired t, n=3), p=0.010',
    'few seeds',
    'it cannot be',
    'also skip=x',
    '\\"kind\\":\\"best\\"',
    'different commits of the sources: 0123456789ab, ba9876543210+',
  ])
    expect(text).toContain(part)
  expect(studyReport(plan, summary, 'zh').lead).toBe('有帮助。')
  expect(studyReport(plan, { ...summary, verdict: null, cells: { done: 3, total: 12 } }).lead).toBe(
    '3 of 12 cells are done; there is no verdict yet.',
  )
})

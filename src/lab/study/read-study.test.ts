import { expect, test } from 'vitest'
import { readStudy } from './read-study.ts'

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

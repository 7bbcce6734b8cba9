import { expect, test } from 'vitest'
import { copy, spiral } from '../tasks/index.ts'
import { grid } from './arms.ts'
import { stepsOf } from './budget.ts'
import { study } from './study.ts'

const common = {
  ...{ question: 'Does a budget in tokens hold?', learningRates: [1e-3], seeds: 3, metric: 'loss' },
  arms: grid({ skip: ['none', 'identity'] }),
}

test('a budget of tokens is as many updates as read them', async () => {
  const task = copy()
  const { train } = await task.open({ ...task.options })
  const [length] = train.inputs.shape
  const { steps, batchSize } = await study({ ...common, task, tokens: 10_000 }).plan()
  expect(batchSize).toBe(task.batchSize)
  expect(steps).toBe(Math.ceil(10_000 / (task.batchSize * length!)))
  expect(steps * batchSize * length!).toBeGreaterThanOrEqual(10_000)
})

test.each([
  [{}, 'expected steps or tokens, got neither'],
  [{ steps: 10, tokens: 10 }, 'expected steps or tokens, got both'],
  [{ tokens: 0.5 }, 'tokens must be a whole number of at least 1, got 0.5'],
  [{ steps: 0 }, 'steps must be a whole number of at least 1, got 0'],
  [{ tokens: 1000 }, 'the examples of this task are not made of tokens; give steps'],
])('%j is refused for rows of numbers', async (budget, message) => {
  await expect(study({ ...common, task: spiral(), ...budget }).plan()).rejects.toThrow(message)
})

test('arms of different lengths have no common number of steps', async () => {
  const data = await Promise.all([8, 12].map((length) => copy({ length }).open({ ...copy({ length }).options })))
  expect(() => stepsOf({ tokens: 1000 }, 8, data)).toThrow(/have \d+ and \d+ tokens; give steps/)
})

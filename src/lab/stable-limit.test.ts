import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { limitPlan, type LimitEvent, stableLimit, type StableLimitOptions } from './stable-limit.ts'
import { limitTexts, type LimitFacts } from './stable-limit-text.ts'
import { mnistResnet, spiral } from './tasks/index.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'residua-limit-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const rate: StableLimitOptions = {
  task: spiral({ depth: 2, width: 16 }),
  of: 'learningRate',
  between: [1e-3, 30],
  steps: 60,
  seeds: 2,
  factor: 10,
  checks: 0,
}

const trialsOf = (events: readonly LimitEvent[]): number[] =>
  events.flatMap((event) => (event.type === 'trial' ? [event.value] : []))

describe('the largest learning rate of a small net', { timeout: 120_000 }, () => {
  test('is found between a rate that trains and one that does not, within the trials that were announced', async () => {
    const events: LimitEvent[] = []
    const found = await stableLimit(rate, { folder, onEvent: (event) => events.push(event) })
    expect(events[0]).toEqual({ type: 'plan', plan: { values: 5, cells: 10, steps: 60 } })
    expect(trialsOf(events).length).toBeLessThanOrEqual(5)
    const limit = found.limit!
    expect(limit).toBeGreaterThanOrEqual(1e-3)
    expect(found.failsAt!).toBeLessThanOrEqual(30)
    const at = new Map(found.trials.map((trial) => [trial.value, trial]))
    expect(at.get(limit)!.outcomes).toEqual(['trained', 'trained'])
    expect(at.get(found.failsAt!)!.outcomes).not.toEqual(['trained', 'trained'])
    expect(found.sentence.en).toMatch(/largest stable learning rate is at least .* \(60 steps, 2 seeds each/)
    expect(found.sentence.zh).toContain('最大稳定学习率')

    const again: LimitEvent[] = []
    expect(await stableLimit(rate, { folder, onEvent: (event) => again.push(event) })).toEqual(found)
    expect(again.some((event) => event.type === 'cell')).toBe(false)
  })

  test('goes on where it was stopped', async () => {
    const stop = new AbortController()
    const stopped = stableLimit(rate, {
      folder,
      signal: stop.signal,
      onEvent: ({ type }) => type === 'result' && stop.abort(new Error('stopped by the user')),
    })
    await expect(stopped).rejects.toThrow('stopped by the user')
    const begun: number[] = []
    await stableLimit(rate, {
      folder,
      onEvent: (event) => event.type === 'cell' && event.event.type === 'begin' && begun.push(event.value),
    })
    expect(begun.length).toBeGreaterThan(0)
    expect(begun).not.toContain(1e-3)
  })
})

test('the largest depth of a net without norm', { timeout: 120_000 }, async () => {
  const task = spiral({ width: 8 })
  const found = await stableLimit(
    { task, of: 'depth', between: [2, 200], steps: 20, seeds: 1, factor: 4, checks: 0, wiring: { norm: 'none' } },
    { folder },
  )
  expect(found.failsAt).not.toBeNull()
  expect(found.trials.every(({ value }) => Number.isInteger(value))).toBe(true)
  expect(found.warnings.map(({ en }) => en)).toContain('One seed: luck is not ruled out.')
})

test('the bound on trials is known before', () => {
  expect(limitPlan({ ...rate, of: 'depth', between: [2, 64], factor: 1.2, checks: 2, seeds: 3 })).toEqual({
    values: 9,
    cells: 27,
    steps: 60,
  })
})

test.each<[Partial<StableLimitOptions>, string]>([
  [{ between: [1, 1] }, 'between must be two positive numbers, the smaller first, got 1 and 1'],
  [{ between: [0, 1] }, 'between must be two positive numbers'],
  [{ of: 'depth', between: [1.5, 4] }, 'depths are whole numbers, got 1.5 and 4'],
  [{ factor: 1 }, 'factor must be > 1, got 1'],
  [{ checks: -1 }, 'checks must be a whole number of at least 0, got -1'],
  [{ seeds: 0 }, 'seeds must be a positive integer, got 0'],
  [{ wiring: { norm: 'layr' } }, "did you mean 'layer'?"],
])('refuses %j', (change, message) => {
  expect(() => limitPlan({ ...rate, ...change })).toThrow(message)
})

test('a depth that the task cannot have is said before anything is trained', async () => {
  const options: StableLimitOptions = { task: mnistResnet({ trainSize: 64 }), of: 'depth', between: [9, 20], steps: 1 }
  await expect(stableLimit(options, { folder })).rejects.toThrow(
    'stableLimit: 9 cannot be tried: resnet: depth must be',
  )
})

test('a failure below a stable value is warned of, in both languages', () => {
  const facts: LimitFacts = {
    of: 'learningRate',
    limit: 0.01,
    failsAt: 0.02,
    monotone: false,
    trials: [
      { value: 1e-4, outcomes: ['plateaued', 'trained'], stable: false },
      { value: 0.01, outcomes: ['trained', 'trained'], stable: true },
      { value: 0.02, outcomes: ['diverged', 'plateaued'], stable: false },
    ],
    plan: { values: 3, cells: 6, steps: 10 },
  }
  const { warnings, sentence } = limitTexts(facts, { between: [1e-4, 0.02], seeds: 2, steps: 10, factor: 1.2 })
  expect(sentence.en).toContain('at least 0.01 and below 0.02')
  expect(warnings[0]!.en).toContain('below the limit these failed: 0.0001 (1 trained, 1 plateaued, 0 diverged)')
  expect(warnings[0]!.zh).toContain('停在平台 1')
  expect(warnings[1]!.en).toContain('known to a factor of 2 only')
})

test('values stand as they were tried, and neighbouring depths leave nothing open', () => {
  const say = (of: LimitFacts['of'], limit: number, failsAt: number): string => {
    const facts = { of, limit, failsAt, monotone: true, trials: [], plan: { values: 2, cells: 2, steps: 10 } }
    return limitTexts(facts, { between: [2, 64], seeds: 2, steps: 10, factor: 1.2 }).sentence.en
  }
  const how = '(10 steps, 2 seeds each, 0 values tried between 2 and 64).'
  expect(say('depth', 23, 24)).toBe(`The largest stable depth is 23; 24 failed ${how}`)
  expect(say('depth', 23, 27)).toBe(`The largest stable depth is at least 23 and below 27 ${how}`)
  expect(say('learningRate', 2.3456, 30)).toContain('is at least 2.3456 and below 30 (')
})

import { describe, expect, test } from 'vitest'
import { constant, cosine, linear, type Schedule, schedules, stepDecay, toSchedule } from './schedule.ts'

const rates = (schedule: Schedule, last: number): number[] => Array.from({ length: last }, (_, i) => schedule.at(i + 1))
const falls = (values: readonly number[]): boolean => values.every((v, i) => i === 0 || v < values[i - 1]!)

describe.each([
  ['linear', linear],
  ['cosine', cosine],
] as const)('%s', (name, decay) => {
  const schedule = decay({ peak: 0.4, warmupSteps: 8, steps: 40, final: 0.04 })

  test('warms up in a straight line to the peak, then falls to the final rate and stays there', () => {
    const values = rates(schedule, 40)
    expect(values.slice(0, 8)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((step) => (0.4 * step) / 8))
    expect(values[7]).toBe(0.4)
    expect(falls(values.slice(7))).toBe(true)
    expect(values[39]).toBeCloseTo(0.04, 15)
    expect(schedule.at(41)).toBe(values[39])
    expect(schedule.at(1e6)).toBe(values[39])
  })

  test('is halfway in the middle of its fall', () => {
    expect(schedule.at(24)).toBeCloseTo(0.22, 15)
  })

  test('falls from the first step without a warm-up, to 0 by default', () => {
    const values = rates(decay({ peak: 1, steps: 10 }), 10)
    expect(falls([1, ...values])).toBe(true)
    expect(values[9]).toBe(0)
  })

  test('is named by its numbers', () => {
    expect(schedule.name).toBe(`${name}(0.4, 8, 40, 0.04)`)
    expect(decay({ peak: 1, steps: 10 }).name).toBe(`${name}(1, 0, 10, 0)`)
  })
})

test('at a quarter of its fall the cosine has lost (1 - cos(pi / 4)) / 2, the line a quarter', () => {
  expect(cosine({ peak: 1, steps: 100 }).at(25)).toBeCloseTo(0.5 + Math.SQRT1_2 / 2, 15)
  expect(linear({ peak: 1, steps: 100 }).at(25)).toBe(0.75)
})

test('step decay multiplies by its factor after every so many steps', () => {
  const schedule = stepDecay({ initial: 0.8, every: 3, factor: 0.5 })
  expect(rates(schedule, 9)).toEqual([0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2, 0.2, 0.2])
  expect(stepDecay({ initial: 1, every: 1 }).at(2)).toBe(0.1)
})

test('a number is a constant schedule, a schedule is itself', () => {
  expect(rates(toSchedule(0.3), 3)).toEqual([0.3, 0.3, 0.3])
  const schedule = constant(0)
  expect(toSchedule(schedule)).toBe(schedule)
})

test('by name a warm-up may lead to a rate that stays', () => {
  const warm = schedules.constant({ peak: 0.4, warmupSteps: 4, steps: 5 })
  expect(rates(warm, 8)).toEqual([0.1, 0.2, 0.30000000000000004, 0.4, 0.4, 0.4, 0.4, 0.4])
  expect(schedules.constant({ peak: 0.4, warmupSteps: 0, steps: 5 }).name).toBe('constant(0.4)')
  expect(schedules.cosine({ peak: 1, steps: 10 }).name).toBe('cosine(1, 0, 10, 0)')
})

test('options are refused', () => {
  expect(() => constant(-1)).toThrowErrorMatchingInlineSnapshot(
    `[OptionError: constant: rate must be >= 0 and finite, got -1]`,
  )
  expect(() => toSchedule(Infinity)).toThrow('constant: rate must be >= 0 and finite, got Infinity')
  expect(() => cosine({ peak: NaN, steps: 10 })).toThrowErrorMatchingInlineSnapshot(
    `[OptionError: cosine: peak must be >= 0 and finite, got NaN]`,
  )
  expect(() => linear({ peak: 1, steps: 10, final: -1 })).toThrowErrorMatchingInlineSnapshot(
    `[OptionError: linear: final must be >= 0 and finite, got -1]`,
  )
  expect(() => linear({ peak: 1, steps: 10, warmupSteps: 10 })).toThrowErrorMatchingInlineSnapshot(
    `[OptionError: linear: steps must be an integer >= 11, got 10]`,
  )
  expect(() => cosine({ peak: 1, steps: 10, warmupSteps: -1 })).toThrowErrorMatchingInlineSnapshot(
    `[OptionError: cosine: warmupSteps must be an integer >= 0, got -1]`,
  )
  expect(() => cosine({ peak: 1, steps: 2.5 })).toThrowErrorMatchingInlineSnapshot(
    `[OptionError: cosine: steps must be an integer >= 1, got 2.5]`,
  )
  expect(() => stepDecay({ initial: 1, every: 0 })).toThrowErrorMatchingInlineSnapshot(
    `[OptionError: stepDecay: every must be an integer >= 1, got 0]`,
  )
  expect(() => stepDecay({ initial: 1, every: 2, factor: -0.5 })).toThrow('stepDecay: factor')
})

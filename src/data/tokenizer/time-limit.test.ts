import { expect, test } from 'vitest'
import { withinTime } from './time-limit.ts'

test('gives the result, or throws what was thrown', () => {
  expect(withinTime(1000, () => [1, 2])).toEqual([1, 2])
  const error = new RangeError('mine')
  const fail = (): never => {
    throw error
  }
  expect(() => withinTime(1000, fail)).toThrow(error)
})

test('stops a loop, and a pattern that backtracks for ages', () => {
  const start = performance.now()
  const forever = (): void => {
    for (;;);
  }
  expect(() => withinTime(50, forever)).toThrow('timed out after 50ms')
  expect(() => withinTime(50, () => /^(a+)+$/u.test(`${'a'.repeat(60)}!`))).toThrow('timed out after 50ms')
  expect(performance.now() - start).toBeLessThan(5000)
  expect(withinTime(1000, () => 'still works')).toBe('still works')
})

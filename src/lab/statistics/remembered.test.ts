import { expect, test, vi } from 'vitest'
import { remembered } from './remembered.ts'

test('each set of numbers is worked out once, also where there is no answer', () => {
  const find = vi.fn((a: number, b: number): number | null => (b === 0 ? null : a / b))
  const known = remembered(find)
  expect([known(1, 2), known(2, 1), known(1, 2), known(12, 0), known(12, 0)]).toEqual([0.5, 2, 0.5, null, null])
  expect(find).toHaveBeenCalledTimes(3)
})

test('the memory is bounded', () => {
  const find = vi.fn((x: number) => x)
  const known = remembered(find)
  for (let x = 0; x <= 10_000; x++) known(x)
  known(10_000)
  expect(find).toHaveBeenCalledTimes(10_001)
  known(0)
  expect(find).toHaveBeenCalledTimes(10_002)
})

test('a memory of one keeps the last', () => {
  const find = vi.fn((x: number) => [x])
  const known = remembered(find, 1)
  expect(known(1)).toBe(known(1))
  expect(known(2)).toEqual([2])
  expect(known(1)).toEqual([1])
  expect(find).toHaveBeenCalledTimes(3)
})

import { describe, expect, test } from 'vitest'
import { bisection, type Bracket, type Found, plannedValues } from './bisection.ts'

const rates: Bracket = { between: [1e-4, 1], whole: false, factor: 1.2, checks: 2 }
const depths: Bracket = { between: [2, 64], whole: true, factor: 1.2, checks: 2 }

async function search(
  bracket: Bracket,
  passes: (value: number) => boolean,
  refuses: (value: number) => boolean = () => false,
): Promise<Found & { tried: number[] }> {
  const tried: number[] = []
  const attempt = (value: number): Promise<boolean> => {
    tried.push(value)
    return Promise.resolve(passes(value))
  }
  const found = await bisection(bracket, attempt, (value) => Promise.resolve(refuses(value) ? 'odd' : null))
  return { ...found, tried }
}

describe('a monotone boundary', () => {
  test.each([2.3e-4, 1e-3, 0.017, 0.9])('at %f is bracketed within the factor', async (boundary) => {
    const { limit, failsAt, monotone, tried } = await search(rates, (rate) => rate <= boundary)
    expect(limit).toBeLessThanOrEqual(boundary)
    expect(failsAt).toBeGreaterThan(boundary)
    expect(failsAt! / limit!).toBeLessThanOrEqual(1.21)
    expect(monotone).toBe(true)
    expect(new Set(tried).size).toBe(tried.length)
    expect(tried.length).toBeLessThanOrEqual(plannedValues(rates))
  })

  test('depths are whole, and end at neighbours', async () => {
    const { limit, failsAt, tried } = await search({ ...depths, factor: 1.01 }, (depth) => depth <= 23)
    expect([limit, failsAt]).toEqual([23, 24])
    expect(tried.every(Number.isInteger)).toBe(true)
  })

  test('what is refused is passed by', async () => {
    const odd = (depth: number): boolean => (depth - 2) % 6 !== 0
    const { limit, failsAt, tried } = await search({ ...depths, between: [8, 68] }, (depth) => depth <= 40, odd)
    expect([limit, failsAt]).toEqual([38, 44])
    expect(tried.some(odd)).toBe(false)
    await expect(search(depths, () => true, odd)).rejects.toThrow('stableLimit: 64 cannot be tried: odd')
  })
})

test('it does not assume that stability is monotone', async () => {
  const tooLow = await search(rates, (rate) => rate > 1e-3 && rate < 0.1)
  expect(tooLow).toMatchObject({ monotone: false })
  expect(tooLow.limit).toBeGreaterThan(0.01)
  expect(tooLow.tried.length).toBeLessThanOrEqual(plannedValues(rates))

  const island = await search({ ...rates, between: [1e-4, 0.1], checks: 3 }, (rate) => rate < 3e-4 || rate > 0.01)
  expect(island).toMatchObject({ monotone: false, limit: 0.1, failsAt: null })
})

test('where nothing passes, or nothing fails, it says so and stops after the checks', async () => {
  expect(await search(rates, () => false)).toMatchObject({ limit: null, failsAt: 1e-4, monotone: true })
  const all = await search(rates, () => true)
  expect(all).toMatchObject({ limit: 1, failsAt: null, monotone: true })
  expect(all.tried).toHaveLength(4)
})

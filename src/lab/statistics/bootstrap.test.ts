import { expect, test } from 'vitest'
import { itemBootstrap } from './bootstrap.ts'

const items = Array.from({ length: 150 }, (_, i) => Math.sqrt(i))

test('same seed, same interval; another seed, another', () => {
  const band = itemBootstrap(items, { seed: 1 })
  expect(itemBootstrap(items, { seed: 1 })).toEqual(band)
  expect(itemBootstrap(items, { seed: 2 })).not.toEqual(band)
  expect(band).toMatchObject({ n: 150, confidence: 0.95, kind: 'percentile bootstrap' })
  expect(band.low).toBeLessThan(band.estimate)
  expect(band.high).toBeGreaterThan(band.estimate)
})

test('over seeds it is refused, with the reason', () => {
  expect(() => itemBootstrap([0.91, 0.93, 0.92])).toThrow(
    'itemBootstrap: expected at least 100 test items, got 3; a percentile bootstrap over so few covers too little. Use meanInterval over seeds',
  )
  expect(() => itemBootstrap(items, { resamples: 10 })).toThrow('resamples must be an integer >= 1000, got 10')
})

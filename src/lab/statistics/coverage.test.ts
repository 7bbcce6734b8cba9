/** Intervals and tests on simulated data whose truth is known. */
import { expect, test } from 'vitest'
import { random, type Random } from '../../random.ts'
import { itemBootstrap } from './bootstrap.ts'
import { holm } from './holm.ts'
import { meanInterval } from './mean.ts'
import { pairedInterval, pairedP } from './paired.ts'
import { pairedPower, seedsForDifference, seedsForHalfWidth } from './sample-size.ts'

const normals = (n: number, source: Random): number[] => Array.from({ length: n }, () => source.normal())

/** Share of `repetitions` in which `happens`, each with its own stream. */
function frequency(repetitions: number, path: string, happens: (source: Random) => boolean): number {
  let count = 0
  for (let i = 0; i < repetitions; i++) if (happens(random(5, path, i))) count++
  return count / repetitions
}

/** Four standard errors of 5000 repetitions at 95% are 1.2 points. */
test.each([3, 5, 10])('t-intervals over %i seeds cover 95% +- 1.5', (n) => {
  const covered = frequency(5000, `t ${n}`, (source) => {
    const { low, high } = meanInterval(normals(n, source).map((z) => 2 + 0.3 * z))
    return low <= 2 && 2 <= high
  })
  expect(Math.abs(covered - 0.95)).toBeLessThan(0.015)
})

test.each([3, 5, 10])(
  'paired intervals over %i seeds cover 95% +- 1.5, and are far narrower than the band of either arm',
  (n) => {
    let [paired, alone] = [0, 0]
    const covered = frequency(5000, `paired ${n}`, (source) => {
      const seeds = normals(n, source)
      const a = seeds.map((z) => 0.5 + z + 0.1 * source.normal())
      const b = seeds.map((z) => z + 0.1 * source.normal())
      const { low, high } = pairedInterval(a, b)
      paired += high - low
      alone += 2 * (meanInterval(a).high - meanInterval(a).estimate)
      return low <= 0.5 && 0.5 <= high
    })
    expect(Math.abs(covered - 0.95)).toBeLessThan(0.015)
    expect(paired).toBeLessThan(0.2 * alone)
  },
)

test('99% intervals cover more than 95% intervals do', () => {
  const covered = frequency(5000, '99', (source) => {
    const { low, high } = meanInterval(normals(4, source), 0.99)
    return low <= 0 && 0 <= high
  })
  expect(Math.abs(covered - 0.99)).toBeLessThan(0.006)
})

test('Holm over the 15 pairs of 6 equal arms finds a difference in under 5% of studies; without it in far more', () => {
  const repetitions = 2000
  let uncorrected = 0
  const falseAlarms = frequency(repetitions, 'holm', (source) => {
    const arms = Array.from({ length: 6 }, () => normals(5, source))
    const p = arms.flatMap((a, i) => arms.slice(i + 1).map((b) => pairedP(a, b)))
    if (Math.min(...p) < 0.05) uncorrected++
    return Math.min(...holm(p)) < 0.05
  })
  expect(falseAlarms).toBeLessThan(0.05)
  expect(uncorrected / repetitions).toBeGreaterThan(0.25)
})

test.each([
  { difference: 1, deviation: 1 },
  { difference: 0.5, deviation: 1 },
  { difference: 0.02, deviation: 0.01 },
])('the seeds for a difference of $difference at a spread of $deviation find it with the power computed', (truth) => {
  const { difference, deviation } = truth
  const n = seedsForDifference(difference, deviation)!
  const found = frequency(3000, `power ${difference}`, (source) => {
    const gaps = normals(n, source).map((z) => difference + deviation * z)
    return (
      pairedP(
        gaps,
        gaps.map(() => 0),
      ) < 0.05
    )
  })
  expect(pairedPower(n, difference, deviation)).toBeGreaterThanOrEqual(0.8)
  expect(pairedPower(n - 1, difference, deviation)).toBeLessThan(0.8)
  expect(Math.abs(found - pairedPower(n, difference, deviation))).toBeLessThan(0.03)
})

test('the seeds for a half-width reach it at the spread assumed, and one fewer does not', () => {
  const n = seedsForHalfWidth(0.5, 1)!
  const wave = (count: number): number[] => {
    const raw = Array.from({ length: count }, (_, i) => i - (count - 1) / 2)
    const scale = Math.sqrt(raw.reduce((sum, x) => sum + x * x, 0) / (count - 1))
    return raw.map((x) => x / scale)
  }
  expect(meanInterval(wave(n)).high).toBeLessThanOrEqual(0.5)
  expect(meanInterval(wave(n - 1)).high).toBeGreaterThan(0.5)
})

/** Of 2000 repetitions 96.0% cover; here are fewer, for time. */
test('the bootstrap over 200 test items covers the true accuracy about 95%', () => {
  const covered = frequency(120, 'bootstrap', (source) => {
    const items = Array.from({ length: 200 }, () => Number(source.uniform() < 0.7))
    const { low, high } = itemBootstrap(items, { resamples: 1000, seed: source.bits() })
    return low <= 0.7 && 0.7 <= high
  })
  expect(covered).toBeGreaterThan(0.9)
  expect(covered).toBeLessThan(0.99)
})

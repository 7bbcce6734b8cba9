import { describe, expect, test } from 'vitest'
import { random } from '../random.ts'
import type { Point } from './curve.ts'
import { watchSeries } from './departure.ts'

const seriesOf = (values: readonly number[], stat = 'rms') => ({
  site: 'blocks.0.stream',
  stat,
  points: values.map((value, i): Point => [10 * i, value]),
})

const noise = (name: string): (() => number) => random(3, name).normal

/** 40 values about 1 with a spread of a tenth, by factors, then `more`. */
function healthyThen(more: readonly number[], name = 'noise'): number[] {
  const normal = noise(name)
  return [...Array.from({ length: 40 }, () => Math.exp(0.1 * normal())), ...more]
}

describe('a series', () => {
  test('that grows without end departs at the first value outside of its band', () => {
    const { departure, bands } = watchSeries(seriesOf(healthyThen([1.2, 2, 40, 400, 4000])))
    expect(departure).toMatchObject({ site: 'blocks.0.stream', stat: 'rms', step: 420, value: 40 })
    const { low, high } = departure!.band!
    expect([low, high]).toEqual([bands[42]!.low, bands[42]!.high])
    expect(low).toBeGreaterThan(0.15)
    expect(high).toBeLessThan(7)
    expect(departure!.farthest).toBeGreaterThan(50)
  })

  test('has a band of ten standard deviations by factors, over the twenty values before', () => {
    const values = Array.from({ length: 21 }, (_, i) => Math.exp([-0.1, 0.2, 0, 0.1, -0.2][i % 5]!))
    const { bands } = watchSeries(seriesOf(values))
    expect(bands.slice(0, 10)).toEqual(new Array(10).fill(null))
    expect(Math.log(bands[20]!.high)).toBeCloseTo(10 * 1.4826 * 0.1, 6)
    expect(Math.log(bands[20]!.low)).toBeCloseTo(-10 * 1.4826 * 0.1, 6)
  })

  test('that comes back has not departed', () => {
    expect(watchSeries(seriesOf(healthyThen([50, 60, 1.1]))).departure).toBeNull()
    expect(watchSeries(seriesOf(healthyThen([50, NaN, 1.1]))).departure).toBeNull()
    expect(watchSeries(seriesOf(healthyThen([50, 1, 50]))).departure).toMatchObject({ step: 420 })
  })

  test('that settles at another level has departed only until it has', () => {
    const normal = noise('level')
    const level = Array.from({ length: 60 }, () => 50 * Math.exp(0.1 * normal()))
    expect(watchSeries(seriesOf(healthyThen(level.slice(0, 10)))).departure).toMatchObject({ step: 400 })
    expect(watchSeries(seriesOf(healthyThen(level))).departure).toBeNull()
    expect(watchSeries(seriesOf([...healthyThen(level), 5000])).departure).toMatchObject({ step: 1000 })
  })

  test('that vanishes departs too', () => {
    const vanishing = Array.from({ length: 30 }, (_, i) => 0.5 ** i)
    expect(watchSeries(seriesOf(healthyThen(vanishing))).departure!.step).toBeLessThan(450)
  })

  test('that turns from a steady trend departs, the trend alone does not', () => {
    const trend = Array.from({ length: 60 }, (_, i) => 1.1 ** i)
    expect(watchSeries(seriesOf(trend)).departure).toBeNull()
    const turned = [...trend, ...Array.from({ length: 30 }, (_, i) => 1.1 ** 60 * 3 ** i)]
    const { step } = watchSeries(seriesOf(turned)).departure!
    expect(step).toBeGreaterThan(600)
    expect(step).toBeLessThan(720)
  })
})

describe('values without a place', () => {
  test.each([NaN, Infinity, 0])('%d departs at once, before there is a band', (value) => {
    const { departure } = watchSeries(seriesOf([1, 1.1, value, value]))
    expect(departure).toMatchObject({ step: 20, band: null, farthest: Infinity })
  })

  test('have a band where there is one', () => {
    expect(watchSeries(seriesOf(healthyThen([NaN]))).departure!.band).not.toBeNull()
  })

  test('say nothing where nothing was recorded before', () => {
    expect(watchSeries(seriesOf([NaN, NaN, 1, 1])).departure).toBeNull()
    expect(watchSeries(seriesOf([NaN, NaN])).departure).toBeNull()
  })
})

test('shares and signed statistics have a linear band, and small steps of a share are no departure', () => {
  const none = new Array<number>(30).fill(0)
  expect(watchSeries(seriesOf([...none, 1 / 16], 'deadUnits')).departure).toBeNull()
  expect(watchSeries(seriesOf([...none, 0.5], 'deadUnits')).departure).toMatchObject({ band: { low: -0.2, high: 0.2 } })
  expect(watchSeries(seriesOf([...none, 0.5], 'residualWeight')).departure).toMatchObject({ step: 300 })
  expect(watchSeries(seriesOf([...none.map((_, i) => Math.sin(i) - 2), -1.9], 'maxLogit')).departure).toBeNull()
})

/** Healthy series as trainings have them: value i of n, `v` being the state of the series. */
const healthy: Readonly<Record<string, (i: number, n: number, z: () => number, state: { v: number }) => number>> = {
  'white noise': (_, __, z) => Math.exp(0.3 * z()),
  'noise that remembers': (_, __, z, s) => Math.exp((s.v = 0.9 * s.v + 0.3 * z())),
  'a trend': (i, __, z) => Math.exp(-0.05 * i + 0.1 * z()),
  'a smooth rise': (i, __, z) => (1 + i / 5) * Math.exp(0.01 * z()),
  'a cosine': (i, n, z) => 0.001 + (1 + Math.cos((Math.PI * i) / n)) * Math.exp(0.1 * z()),
  'heavy tails': (_, __, z) => Math.exp((0.3 * z()) / Math.max(0.3, Math.abs(z()))),
  'a random walk': (_, __, z, s) => Math.exp((s.v += 0.1 * z())),
}

describe.each([16, 60])('false alarms in %d values', (n) => {
  test.each(Object.entries(healthy))('%s: fewer than 1 in 100', (name, value) => {
    const normal = noise(`${name} ${n}`)
    const runs = 600
    const alarms = Array.from({ length: runs }, () => {
      const state = { v: 0 }
      return watchSeries(seriesOf(Array.from({ length: n }, (_, i) => value(i, n, normal, state)))).departure
    })
    expect(alarms.filter((alarm) => alarm !== null).length).toBeLessThan(runs / 100)
  })
})

test('a band that cannot be made is refused', () => {
  expect(() => watchSeries(seriesOf([1]), { window: 5, least: 8 })).toThrow(
    'timeline: expected window >= least >= 3 and width > 0, got window 5, least 8, width 10',
  )
  expect(() => watchSeries(seriesOf([1]), { width: NaN })).toThrow('width NaN')
})

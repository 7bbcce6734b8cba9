import { expect, test } from 'vitest'
import type { Wiring } from '../nn/wiring/wiring.ts'
import { forecast, type Forecast } from './forecast.ts'
import { carriedOf, type Carried, scoreForecast } from './forecast-score.ts'
import { scan } from './scan.ts'
import type { StackShape } from './stack.ts'

const shape: StackShape = { kind: 'mlp', depth: 8, width: 128, tokens: 32 }

async function forecastOf(wiring: Wiring): Promise<Forecast> {
  const found = await forecast(wiring, shape, { draws: 64 })
  if ('reason' in found) throw new Error(found.reason.en)
  return found
}

test.each<[string, Wiring]>([
  ['no norm: v_0 2^n', { norm: 'none' }],
  ['pre: v_0 + l, squared ratio v_L / v_0', {}],
  ['1/sqrt(n): e v_0', { norm: 'none', branchScale: { exponent: 0.5 } }],
  ['out: v_0 + n', { placement: 'out' }],
  ['post: 1', { placement: 'post' }],
  ['ReZero: 1 exactly', { skip: 'reZero', norm: 'none' }],
  ['LN-scaling: v_0 + H_n', { placement: 'lnScaling' }],
])('where the closed form is exact the forecast is right: %s', { timeout: 60_000 }, async (_, wiring) => {
  const measured = await scan(wiring, shape, { seeds: 8 })
  const score = scoreForecast((await forecastOf(wiring)).profile, measured.profile)
  expect(score.grade).toBe('right')
  expect(score.stream.logErrors).toHaveLength(9)
  expect(score.stream.logErrors[0]).toBeCloseTo(0, 1)
})

test('the forecast of another wiring is wrong', { timeout: 60_000 }, async () => {
  const { profile } = await scan({ norm: 'none' }, shape, { seeds: 4 })
  const score = scoreForecast((await forecastOf({})).profile, profile)
  expect(score.grade).toBe('wrong')
  expect(score.stream.worst.seat).toBe(8)
  expect(score.sentence.en).toMatch(/^The forecast was wrong: .* the stream at seat 8, forecast [89]/)
})

const flat: Carried = { stream: [1, 1, 1], gradient: [1, 1, 1] }

test('the factor is the root mean square of the log-ratio, over the seats that are forecast', () => {
  const score = scoreForecast(flat, { stream: [1, 2, 0.5], gradient: [3, 1, 1] })
  expect(score.stream.factor).toBeCloseTo(2, 12)
  expect(score.gradient.factor).toBeCloseTo(Math.exp(Math.log(3) / Math.SQRT2), 12)
  expect(score.stream.logErrors).toEqual([0, Math.log(2), -Math.log(2)])
  expect(score.grade).toBe('order')
  expect(score.sentence.zh).toContain('预测仅数量级正确：残差流偏差 x2.00')
})

test.each([
  [1.05, 'right'],
  [1.4, 'close'],
  [2.9, 'order'],
  [3.1, 'wrong'],
])('off by %f everywhere is %s', (factor, grade) => {
  const off = { stream: [1, factor, factor], gradient: [1, 1, 1] }
  expect(scoreForecast(flat, off).grade).toBe(grade)
})

test('overflow that was forecast is right, overflow that was not is wrong', () => {
  const overflown = { stream: [1, 1, Infinity], gradient: [0, 1, 1] }
  expect(scoreForecast(overflown, overflown)).toMatchObject({ grade: 'right', stream: { factor: 1 } })
  const missed = scoreForecast(flat, overflown)
  expect(missed).toMatchObject({ grade: 'wrong', stream: { factor: Infinity, worst: { seat: 2 } } })
})

test('a recorded profile is brought to the terms of a forecast', () => {
  const recorded = { step: 0, rms: [1, 2], gradientNorm: [6, 2] }
  expect(carriedOf(recorded)).toEqual({ stream: [1, 4], gradient: [3, 1] })
})

test('profiles that cannot be compared are refused', () => {
  const short = { stream: [1, 1], gradient: [1, 1] }
  expect(() => scoreForecast(flat, short)).toThrow('got 2 forecast and 1 measured of the stream')
  expect(() => scoreForecast(flat, { ...flat, gradient: [NaN, 1, 1] })).toThrow('a gradient of at least 0, got NaN')
})

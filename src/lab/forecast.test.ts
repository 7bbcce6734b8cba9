import { describe, expect, test } from 'vitest'
import { OptionError } from '../errors.ts'
import { feedForward } from '../nn/feed-forward.ts'
import { make } from '../nn/wiring/variant.ts'
import { placements, skips } from '../nn/wiring/tables.ts'
import { resolveWiring, type Wiring } from '../nn/wiring/wiring.ts'
import { forecast, type Forecast } from './forecast.ts'
import { scan } from './scan.ts'
import { skipGain } from './skip-gain.ts'
import type { Stack, StackShape } from './stack.ts'

async function forecastOf(wiring: Wiring, shape: Stack | StackShape, draws: number): Promise<Forecast> {
  const found = await forecast(wiring, shape, { draws })
  if ('reason' in found) throw new Error(found.reason.en)
  return found
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

/** Three standard errors of the mean, plus `bias` of it: finite width, and the draws of the forecast itself. */
function expectWithin(values: readonly number[], predicted: number, bias: number): void {
  const average = mean(values)
  const error = Math.sqrt(mean(values.map((value) => (value - average) ** 2)) / (values.length - 1))
  expect(Math.abs(average - predicted)).toBeLessThanOrEqual(3 * error + bias * predicted + 1e-6)
}

/** Expects second moment and squared gradient ratio of 20 draws to be those forecast. */
async function expectForecast(wiring: Wiring, shape: Stack | StackShape, bias: number, draws: number): Promise<void> {
  const { profile } = await forecastOf(wiring, shape, draws)
  const measured = await scan(wiring, shape, { seeds: 20 })
  expectWithin(
    measured.draws.map(({ stream }) => stream),
    profile.stream.at(-1)!,
    bias,
  )
  expectWithin(
    measured.draws.map(({ ratio }) => ratio ** 2),
    profile.gradient[0]! ** 2,
    bias,
  )
}

const isLegal = (wiring: Wiring): boolean => {
  try {
    resolveWiring(wiring)
    return true
  } catch (error) {
    if (error instanceof OptionError) return false
    throw error
  }
}

const at = { block: 0, blocks: 4, seat: 0, seats: 1, index: 0, count: 4, kind: 'feedForward' }
const lawfulSkips = Object.keys(skips).filter((name) => make('skip', skips, name).law)
const needsPlainSum = (skip: string): boolean => make('skip', skips, skip).lawNeedsPlainSum === true
const lawfulPlacements = Object.keys(placements).filter((name) => make('placement', placements, name).law?.(at))
const products = lawfulPlacements.flatMap((placement) =>
  lawfulSkips
    .map((skip): Wiring => (placement === 'none' ? { skip, norm: 'none' } : { skip, placement }))
    .filter(isLegal)
    .filter(({ skip }) => !needsPlainSum(skip as string) || !make('placement', placements, placement).law?.(at).onSum)
    .map((wiring) => [JSON.stringify(wiring), wiring] as const),
)

describe('every placement with every skip, where both have a law', () => {
  test('there are many', () => expect(products.length).toBeGreaterThan(100))

  test.each(products)('%s', { timeout: 60_000 }, (_, wiring) =>
    expectForecast(wiring, { kind: 'mlp', depth: 4, width: 64, tokens: 16 }, 0.06, 48),
  )
})

const wide: readonly Wiring[] = [
  { norm: 'none' },
  { norm: 'none', branchScale: { exponent: 0.5 } },
  { placement: 'pre' },
  { placement: 'post', norm: 'rms' },
  { placement: 'peri' },
  { placement: 'lnScaling' },
  { placement: 'deepNorm' },
]
test.each(wide.map((wiring) => [JSON.stringify(wiring), wiring] as const))(
  'at width 256: %s',
  { timeout: 60_000 },
  (_, wiring) => expectForecast(wiring, { kind: 'mlp', depth: 4, width: 256, tokens: 16 }, 0.03, 64),
)

test('the bands tell wirings apart', async () => {
  const shape: StackShape = { kind: 'mlp', depth: 4, width: 64, tokens: 16 }
  const { draws } = await scan({}, shape, { seeds: 20 })
  const other = await forecastOf({ branchScale: 0.8 }, shape, 48)
  const streams = draws.map(({ stream }) => stream)
  expect(() => expectWithin(streams, other.profile.stream.at(-1)!, 0.06)).toThrow()
})

/** Attention couples tokens that are not quite Gaussian, and its averages are over 20 nets of few features. */
const coupled: readonly Wiring[] = [
  { placement: 'pre' },
  { placement: 'post' },
  { placement: 'peri' },
  { placement: 'out' },
  { placement: 'out', qkNorm: false },
  { placement: 'deepNorm' },
  { placement: 'subLn' },
  { placement: 'normFormer' },
  { placement: 'parallel' },
  { norm: 'none', branchScale: { exponent: 0.5 } },
]
test.each(coupled.map((wiring) => [JSON.stringify(wiring), wiring] as const))(
  'a transformer within a wider band: %s',
  { timeout: 60_000 },
  (_, wiring) => expectForecast(wiring, { kind: 'transformer', depth: 3, width: 32, tokens: 12 }, 0.15, 48),
)

const uneven = coupled.filter(({ placement }) => placement !== 'post' && placement !== 'deepNorm')
test.each(uneven.map((wiring) => [JSON.stringify(wiring), wiring] as const))(
  'a decoder within a wider band: %s',
  { timeout: 60_000 },
  (_, wiring) => expectForecast(wiring, { kind: 'decoder', depth: 3, width: 32, tokens: 12 }, 0.2, 48),
)

test('a decoder with a norm on the sum is measured only, not forecast', async () => {
  const sizes = { depth: 12, width: 32, tokens: 12 }
  for (const placement of ['post', 'deepNorm', 'mixLn'])
    expect(await forecast({ placement }, { kind: 'decoder', ...sizes }, { draws: 2 })).toMatchObject({
      reason: { en: 'a causal mask under a norm on the sum: tokens do not see the same' },
    })
  const correlation = async (kind: 'decoder' | 'transformer'): Promise<number> => {
    const { profile } = await scan({ placement: 'post' }, { kind, ...sizes }, { seeds: 8 })
    return profile.correlation.at(-1)!
  }
  expect(1 - (await correlation('decoder'))).toBeGreaterThan(2 * (1 - (await correlation('transformer'))))
})

test.each([{}, { norm: 'batch' }, { placement: 'post' }])('a residual convolutional net: %j', (wiring) =>
  expectForecast(wiring, { kind: 'resnet', depth: 3, width: 16, size: 6 }, 0.15, 48),
)

test.each<[Wiring, number]>([
  [{ placement: 'pre' }, 0.02],
  [{ placement: 'post' }, 0.3],
  [{ placement: 'deepNorm' }, 0.05],
  [{ placement: 'mixLn' }, 0.1],
  [{ skip: { name: 'scaled', keep: 0.5, add: 1 } }, 0.02],
  [{ skip: 'highway' }, 0.02],
  [{ skip: 'none' }, 0],
])('the gain through the skips of %j is the one measured', async (wiring, tolerance) => {
  const shape: StackShape = { kind: 'mlp', depth: 8, width: 128 }
  const predicted = await forecastOf(wiring, shape, 32)
  const measured = await skipGain(wiring, shape, { seeds: 5 })
  expect(Math.abs(predicted.skipGain - measured)).toBeLessThanOrEqual(tolerance * measured)
})

describe('branch gains come from the actual initial values', () => {
  const blocks = [feedForward({ hidden: 512, activation: 'relu' })]
  const gain = async (wiring: Wiring): Promise<number> => {
    const { profile } = await forecastOf(wiring, { blocks, input: [32, 128] }, 16)
    return profile.stream[1]! - 1
  }

  test('the layers own keep the second moment', async () => expect(await gain({ norm: 'none' })).toBeCloseTo(1, 1))

  test('Xavier from d to 4d gives .32', async () =>
    expect(await gain({ norm: 'none', init: 'xavier' })).toBeCloseTo(0.32, 1.7))

  test('a last map of zeros adds nothing and passes nothing, even under a norm', async () => {
    for (const wiring of [{ norm: 'none' }, { placement: 'out' }, { placement: 'post' }]) {
      const { profile, skipGain: gained } = await forecastOf(
        { ...wiring, init: 'zeroOut' },
        { blocks, input: [32, 128] },
        4,
      )
      expect(profile.stream).toEqual([1, 1])
      expect(profile.gradient).toEqual([1, 1])
      expect(gained).toBe(1)
    }
  })

  test('a branch scale multiplies them', async () => {
    const [whole, half] = [await gain({}), await gain({ branchScale: 0.5 })]
    expect(half / whole).toBeCloseTo(0.25, 6)
  })
})

describe('closed forms of the catalogue', () => {
  const shape: StackShape = { kind: 'mlp', depth: 32 }
  const last = async (wiring: Wiring, moment = 1): Promise<number> => {
    const found = await forecast(wiring, shape, { moment, draws: 2 })
    return 'reason' in found ? NaN : found.profile.stream.at(-1)!
  }
  test('peri is 1 + n, and out v_0 + n, whatever the weights are', async () => {
    expect(await last({ placement: 'peri' }, 7)).toBeCloseTo(33, 6)
    expect(await last({ placement: 'out' }, 7)).toBeCloseTo(39, 6)
  })

  test('pre telescopes: the squared ratio is v_L / v_0', async () => {
    const { profile } = await forecastOf({}, shape, 256)
    expect(profile.gradient[0]! ** 2 / profile.stream.at(-1)!).toBeCloseTo(1, 1)
  })
})

test('where there is no closed form it says what has none', async () => {
  const reason = async (wiring: Wiring, shape: StackShape = { kind: 'mlp', depth: 2 }): Promise<string> => {
    const found = await forecast(wiring, shape)
    return 'reason' in found ? found.reason.en : 'forecast'
  }
  const none = 'has no closed form for second moments'
  expect(await reason({ skip: 'gru' })).toBe(`skip 'gru' ${none}`)
  expect(await reason({ placement: 'b2t' }, { kind: 'transformer', depth: 2 })).toBe(`placement 'b2t' ${none}`)
  expect(await reason({ skip: 'attentionResidual', placement: 'post' })).toBe(
    `skip 'attentionResidual' with a norm on the sum ${none}`,
  )
})

test.each([48, 1000])('beyond float32 it goes on: %d blocks', { timeout: 60_000 }, async (depth) => {
  const { profile } = await forecastOf({ norm: 'none' }, { kind: 'mlp', depth, width: 16, tokens: 4 }, 32)
  const { stream, gradient } = profile
  expect(Math.log2(stream[48]!)).toBeCloseTo(48, -1)
  expect(stream.every((value) => value > 0)).toBe(true)
  expect(gradient.every((value) => value > 0)).toBe(true)
})

test('a wiring that cannot work, and sizes that do not fit, are refused as everywhere', async () => {
  await expect(forecast({ placement: 'b2t' }, { kind: 'mlp', depth: 2 })).rejects.toThrow('at least two branches')
  await expect(forecast({}, { kind: 'transformer', depth: 2, heads: 3 })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[OptionError: stack: heads must divide the width 64, got 3]`,
  )
  await expect(forecast({}, { kind: 'mlp', depth: 0 })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[OptionError: stack: depth must be a positive integer, got 0]`,
  )
  const shape = { kind: 'mlp', depth: 2 } as const
  await expect(forecast({}, shape, { draws: NaN })).rejects.toThrow('draws must be a positive integer, got NaN')
  await expect(forecast({}, shape, { moment: 0 })).rejects.toThrow('moment must be > 0 and finite, got 0')
})

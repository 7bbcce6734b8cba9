import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DivergedError, OptionError } from '../../errors.ts'
import { type Random, random } from '../../random.ts'
import { sample, type SamplingOptions, samplingOf } from './sampling.ts'

const grid = 5000

/** The share of each token among draws from the middle of each of `grid` equal parts of [0, 1): right to 1 / grid. */
function shares(logits: readonly number[], options: SamplingOptions, seen: readonly number[] = []): number[] {
  const counts = logits.map(() => 0)
  for (let i = 0; i < grid; i++) {
    const source: Random = { ...random(0, 'none'), uniform: () => (i + 0.5) / grid }
    counts[sample(Float32Array.from(logits), seen, samplingOf(options), source)]!++
  }
  return counts.map((count) => count / grid)
}

const normalised = (weights: readonly number[]): number[] => {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => weight / total)
}

function expectShares(actual: readonly number[], expected: readonly number[]): void {
  actual.forEach((share, id) => {
    expect(Math.abs(share - expected[id]!)).toBeLessThanOrEqual(1 / grid)
    if (expected[id] === 0) expect(share).toBe(0)
  })
}

/** The definition, token by token: each rule works on what the one before has left. */
function byDefinition(logits: readonly number[], options: SamplingOptions): number[] {
  const { temperature = 1, topK = Infinity, topP = 1, minP = 0 } = options
  const p = normalised(logits.map((value) => Math.exp(value / temperature)))
  let left = [...p.keys()].sort((a, b) => p[b]! - p[a]! || a - b).slice(0, topK)
  const mass = left.reduce((sum, id) => sum + p[id]!, 0)
  let reached = 0
  left = left.filter((id) => {
    const before = reached
    reached += p[id]! / mass
    return before < topP
  })
  left = left.filter((id) => p[id]! >= minP * p[left[0]!]!)
  return normalised(p.map((value, id) => (left.includes(id) ? value : 0)))
}

const logits = [1, -0.5, 2, 0.25, 1]

test.each([1, 0.5, 3])(
  'at temperature %f tokens are drawn with the probabilities softmax(logits / temperature)',
  (t) => {
    expectShares(shares(logits, { temperature: t }), normalised(logits.map((value) => Math.exp(value / t))))
  },
)

test('draws of seeded streams fit the probabilities: chi-square below its 0.1% point', () => {
  const draws = 20_000
  const counts = logits.map(() => 0)
  for (let i = 0; i < draws; i++) {
    counts[sample(Float32Array.from(logits), [], samplingOf({}), random(7, 'draws', i))]!++
  }
  const expected = normalised(logits.map(Math.exp)).map((p) => p * draws)
  const distance = counts.reduce((sum, count, id) => sum + (count - expected[id]!) ** 2 / expected[id]!, 0)
  expect(distance).toBeLessThan(18.47) // 4 degrees of freedom
})

test('top-k, top-p and min-p, together and with ties, admit what their definitions say', () => {
  const options = fc.record(
    {
      temperature: fc.constantFrom(0.3, 1, 2.5),
      topK: fc.integer({ min: 1, max: 9 }),
      topP: fc.integer({ min: 1, max: 97 }).map((part) => part / 97), // which no share of equal weights is
      minP: fc.integer({ min: 0, max: 89 }).map((part) => part / 89),
    },
    { requiredKeys: [] },
  )
  const some = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 2, maxLength: 7 })
  fc.assert(
    fc.property(some, options, (values, chosen) => {
      expectShares(shares(values, chosen), byDefinition(values, chosen))
    }),
    { numRuns: 60 },
  )
})

describe('by hand', () => {
  test('top-k keeps the first of equal tokens; more than there are changes nothing', () => {
    expect(shares(logits, { topK: 2 })[4]).toBe(0)
    expect(shares(logits, { topK: 3 })[4]).toBeGreaterThan(0)
    expect(shares(logits, { topK: 50 })).toEqual(shares(logits, {}))
  })

  test('top-p takes its share of what top-k has left', () => {
    const weights = [4, 3, 2, 1].map(Math.log) // of the first two: 4/7 and 3/7
    expect(shares(weights, { topP: 0.55 })[1]).toBeGreaterThan(0)
    expect(shares(weights, { topK: 2, topP: 0.55 })).toEqual([1, 0, 0, 0])
    expect(shares(logits, { topP: 1e-300 })).toEqual([0, 0, 1, 0, 0])
  })

  test('min-p 1 admits the tokens equal to the most probable', () => {
    expect(shares([1, 2, 0, 2], { minP: 1 })).toEqual([0, 0.5, 0, 0.5])
  })

  test('a repetition penalty divides positive logits of tokens seen, and multiplies negative ones, once', () => {
    const expected = normalised([2 / 2, -1 * 2, 0, 0.5, -3].map(Math.exp))
    expectShares(shares([2, -1, 0, 0.5, -3], { repetitionPenalty: 2 }, [0, 1, 2, 0, 0]), expected)
  })

  test('temperature 0 takes the most probable, of equal ones the first, after the penalty', () => {
    expect(shares([1, 3, 3, 2], { temperature: 0, minP: 0.5 })).toEqual([0, 1, 0, 0])
    expect(shares([1, 3, 3, 2], { temperature: 0, repetitionPenalty: 2 }, [1, 2])).toEqual([0, 0, 0, 1])
    expect(shares([1, 3, 2.9, 2], { temperature: 1e-308 })).toEqual([0, 1, 0, 0])
  })

  test('a token of logit -infinity is never drawn', () => {
    expect(shares([-Infinity, 0, -Infinity, 0], {})).toEqual([0, 0.5, 0, 0.5])
    expect(shares([-Infinity, 0, -Infinity, 0], { topK: 3 })).toEqual([0, 0.5, 0, 0.5])
  })
})

test.each([
  ['NaN first', [NaN, 1, 2]],
  ['NaN later', [1, 2, NaN]],
  ['infinity', [1, Infinity, 2]],
  ['-infinity alone', [-Infinity, -Infinity]],
])('logits with %s are refused, also at temperature 0', (_, values) => {
  for (const temperature of [0, 1])
    expect(() => sample(Float32Array.from(values), [], samplingOf({ temperature }), random(0, 'x'))).toThrow(
      DivergedError,
    )
})

test.each<SamplingOptions>([
  { temperature: -1 },
  { temperature: NaN },
  { topK: 0 },
  { topK: 1.5 },
  { topP: 0 },
  { topP: 1.1 },
  { minP: -0.1 },
  { minP: 2 },
  { repetitionPenalty: 0 },
])('%o is refused by name', (options) => {
  expect(() => samplingOf(options)).toThrow(OptionError)
  expect(() => samplingOf(options)).toThrow(`generate: ${Object.keys(options)[0]!} must be`)
})

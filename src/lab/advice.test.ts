import { describe, expect, test } from 'vitest'
import { feedForward } from '../nn/feed-forward.ts'
import { branch } from '../nn/wiring/protocol.ts'
import { resolveWiring, type Wiring } from '../nn/wiring/wiring.ts'
import { mul } from '../ops/arithmetic.ts'
import { advise, type Advice, candidates } from './advice.ts'
import { objections } from './objections.ts'
import { probe } from './probe.ts'
import { scan } from './scan.ts'
import { skipGain } from './skip-gain.ts'
import type { Stack, StackShape } from './stack.ts'

async function adviceFor(wiring: Wiring, shape: StackShape): Promise<Advice> {
  const { depth, ...rest } = shape
  const { advice } = await probe(wiring, rest, [depth], { seeds: 2 })
  return advice
}

const small = { width: 32, tokens: 16 }
const shorts = ({ objections: found }: Advice): string =>
  found.map(({ short }) => short.en.replace(/\d[\d.e+-]*/, '#')).join(', ')

describe('wirings known to fail get a fix that was measured to be sound', { timeout: 240_000 }, () => {
  test.each<[string, Wiring, StackShape, string, Wiring]>([
    [
      'no norm',
      { norm: 'none' },
      { kind: 'mlp', depth: 48, ...small },
      'gradient x#, output rms #',
      { norm: 'none', branchScale: { exponent: 0.5 } },
    ],
    [
      'post without warm-up',
      { placement: 'post' },
      { kind: 'transformer', depth: 48, ...small },
      'skips pass #, tokens alike',
      { placement: 'post', branchScale: { exponent: 0.5 } },
    ],
    [
      'out without norms on queries and keys',
      { placement: 'out', qkNorm: false },
      { kind: 'transformer', depth: 48, ...small },
      'gradient x#',
      { placement: 'out', qkNorm: false, branchScale: { exponent: 0.5 } },
    ],
    [
      'no skip',
      { skip: 'none' },
      { kind: 'mlp', depth: 48, ...small },
      'no skips',
      { norm: 'layer', placement: 'pre' },
    ],
  ])('%s', async (_, wiring, shape, found, fix) => {
    const advice = await adviceFor(wiring, shape)
    expect(advice.trains).toBe(false)
    expect(shorts(advice)).toBe(found)
    expect(advice.fix?.wiring).toEqual(fix)
    expect(advice.sentence.en).toContain(JSON.stringify(fix))
    expect(advice.sentence.zh).toContain(JSON.stringify(fix))
    const measured = await scan(fix, shape, { seeds: 2, seed: 100 })
    expect(objections(measured, await skipGain(fix, shape, { seeds: 2, seed: 100 }))).toEqual([])
  })

  test('a final norm left out', async () => {
    const wiring: Wiring = { finalNorm: 'omitted', branchScale: 3 }
    const advice = await adviceFor(wiring, { kind: 'mlp', depth: 24, ...small })
    expect(shorts(advice)).toBe('output rms #')
    expect(resolveWiring(advice.fix!.wiring)).toEqual(resolveWiring({ branchScale: 3 }))
  })
})

test('wirings known to train are left alone, with their warnings', { timeout: 120_000 }, async () => {
  for (const wiring of [
    {},
    { placement: 'deepNorm' },
    { placement: 'peri' },
    { norm: 'none', branchScale: { exponent: 0.5 } },
  ]) {
    const advice = await adviceFor(wiring, { kind: 'transformer', depth: 24, ...small })
    expect(advice).toMatchObject({ trains: true, objections: [], fix: null, warnings: [] })
  }
  const post = await adviceFor({ placement: 'post' }, { kind: 'mlp', depth: 8, ...small })
  expect(post.trains).toBe(true)
})

test('the warnings of a wiring are handed on', async () => {
  const shape: StackShape = { kind: 'mlp', depth: 20, ...small }
  const measured = await scan({ placement: 'post' }, shape, { seeds: 1 })
  const { warnings } = await advise({ placement: 'post' }, shape, measured, 1)
  expect(warnings.map(({ en }) => en).join()).toContain('no warm-up')
  expect(warnings.map(({ zh }) => zh).join()).toContain('没有预热')
})

describe('a warm-up', { timeout: 120_000 }, () => {
  const shape: StackShape = { kind: 'mlp', depth: 48, ...small }
  const post: Wiring = { placement: 'post' }

  test('is a candidate that no scan decides, of equal figures, among the others by price', async () => {
    const measured = await scan(post, shape, { seeds: 1 })
    const { tried, fix, trains } = await advise(post, shape, measured, 1e-7, { seeds: 1, all: true })
    expect(trains).toBe(false)
    expect(tried.map(({ change, judgement }) => `${change}: ${judgement}`)).toEqual([
      'branches times 1/sqrt(n): sound',
      'pre-norm: sound',
      'a warm-up: undecided',
      'DeepNorm: sound',
    ])
    expect(tried[2]!.scan).toBe(measured)
    expect(fix).toBe(tried[0])
  })

  test('that is there already makes the wiring itself undecided, but not one without skips', async () => {
    const measured = await scan(post, shape, { seeds: 1 })
    const options = { seeds: 1, warmupSteps: 100 }
    const { sentence, tried } = await advise(post, shape, measured, 1e-7, options)
    expect(sentence.en).toContain(
      'At 48 blocks this speaks against {"placement":"post"}, and its warm-up may overcome it: the skips alone pass',
    )
    expect(tried.map(({ change }) => change)).toEqual(['branches times 1/sqrt(n)'])
    const { sentence: without } = await advise({ skip: 'none' }, shape, measured, 0, options)
    expect(without.en).toContain('speaks against {"skip":"none"}: nothing goes around the branches')
  })
})

test('of a wiring that trains the dearer ones are measured where all are asked for', { timeout: 60_000 }, async () => {
  const shape: StackShape = { kind: 'mlp', depth: 4, ...small }
  const measured = await scan({}, shape, { seeds: 1 })
  const { trains, fix, tried } = await advise({}, shape, measured, 1, { seeds: 1, all: true })
  expect({ trains, fix }).toEqual({ trains: true, fix: null })
  expect(tried.map(({ change }) => change)).toEqual(['branches times 1/sqrt(n)', 'DeepNorm'])
})

test('where nothing helps it says so', { timeout: 60_000 }, async () => {
  const inner = feedForward({ hidden: 16, activation: 'relu' })
  const loud = branch('feedForward', (s, x) => mul(inner(s, x), 1e6))
  const stack: Stack = { blocks: Array.from({ length: 12 }, () => loud), input: [16, 16] }
  const measured = await scan({}, stack, { seeds: 1 })
  const seen: string[] = []
  const { trains, fix, sentence } = await advise({}, stack, measured, 1, {
    seeds: 1,
    see: ({ change }) => void seen.push(change),
  })
  expect({ trains, fix }).toEqual({ trains: false, fix: null })
  expect(seen).toEqual(['branches times 1/sqrt(n)', 'DeepNorm'])
  expect(sentence.en).toMatch(/speaks against .*: the gradient grows .* use fewer blocks\.$/)
})

test('candidates come cheapest first, differ from what was asked, and are possible', () => {
  const changes = (wiring: Wiring, attention = false): string[] =>
    candidates(wiring, 24, attention).map(({ change }) => change)
  const [final, scaled] = ['a final norm', 'branches times 1/sqrt(n)']
  expect(changes({ norm: 'none' })).toEqual([final, scaled, `${final} and ${scaled}`, 'pre-norm', 'DeepNorm'])
  expect(changes({ placement: 'post' })).toEqual([scaled, 'pre-norm', 'a warm-up', 'DeepNorm'])
  expect(changes({}, true)).toEqual([scaled, 'norms on queries and keys', 'DeepNorm'])
  expect(changes({ placement: 'deepNorm', branchScale: 0.5 })).toEqual(['pre-norm', 'DeepNorm'])
  for (const wiring of [{ norm: 'rms' }, { skip: 'reversible' }, { placement: 'geodesic' }]) {
    for (const candidate of candidates(wiring, 24, true)) expect(() => resolveWiring(candidate.wiring)).not.toThrow()
  }
})

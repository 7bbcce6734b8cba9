import { describe, expect, test } from 'vitest'
import { DivergedError, OptionError } from '../../errors.ts'
import type { Layer } from '../../graph/scope.ts'
import { gpt } from '../../models/gpt.ts'
import { transformer } from '../../models/transformer.ts'
import { mul } from '../../ops/arithmetic.ts'
import { tensor } from '../../tensor.ts'
import type { Session } from '../session.ts'
import { beamSearch, type Hypothesis } from './beam.ts'
import { tokens } from './generate.ts'
import { sessionOf, withoutCache } from './tiny-session.test-kit.ts'

const vocabulary = 4
const wiring = { norm: 'layer', placement: 'pre' } as const
const net = gpt({ layers: 1, heads: 2, width: 8, vocabulary, positions: 'rotary', wiring })

/** The same net, surer of itself. */
const sharper =
  (layer: Layer, factor: number): Layer =>
  (s, x) =>
    mul(layer(s, x), factor)

interface Found {
  readonly ids: readonly number[]
  readonly logProbability: number
  readonly score: number
  readonly ended: boolean
}

interface Search {
  readonly beams: number
  readonly tokens: number
  readonly ends: readonly number[]
  readonly lengthPenalty?: number
}

/** Beam search by its definition: no cache, and to the last token. */
async function byDefinition(session: Session, prompt: readonly number[], search: Search, source?: Int32Array) {
  const { beams, tokens: count, ends, lengthPenalty = 1 } = search
  const done: Found[] = []
  let live: { ids: readonly number[]; logProbability: number }[] = [{ ids: [], logProbability: 0 }]
  for (let step = 1; step <= count; step++) {
    const next: typeof live = []
    for (const { ids, logProbability } of live) {
      const logits = await withoutCache(session, [...prompt, ...ids], source)
      const total = Math.log(logits.reduce((sum, value) => sum + Math.exp(value), 0))
      logits.forEach((value, token) => {
        next.push({ ids: [...ids, token], logProbability: logProbability + value - total })
      })
    }
    next.sort((a, b) => b.logProbability - a.logProbability)
    live = []
    for (const { ids, logProbability } of next.slice(0, beams)) {
      const ended = ends.includes(ids.at(-1)!)
      const score = logProbability / ids.length ** lengthPenalty
      if (ended || step === count) done.push({ ids: ended ? ids.slice(0, -1) : ids, logProbability, score, ended })
      if (!ended) live.push({ ids, logProbability })
    }
  }
  return done.sort((a, b) => b.score - a.score).slice(0, beams)
}

function expectSame(found: readonly Hypothesis[], expected: readonly Found[]): void {
  expect(found.map(({ tokens: ids, reason }) => [[...ids], reason])).toEqual(
    expected.map(({ ids, ended }) => [ids, ended ? 'end' : 'tokens']),
  )
  found.forEach(({ logProbability, score }, i) => {
    expect(logProbability).toBeCloseTo(expected[i]!.logProbability, 4)
    expect(score).toBeCloseTo(expected[i]!.score, 4)
  })
}

/** Counts the runs of an engine. */
function counting({ engine }: Session): () => number {
  let runs = 0
  const run = engine.run.bind(engine)
  engine.run = (...args) => {
    runs++
    return run(...args)
  }
  return () => runs
}

const prompt = [1, 2]

test.each([0, 1, 2.5])('with room for all of them the best sequences are found, length penalty %f', async (penalty) => {
  const session = await sessionOf(sharper(net, 3), 12)
  const search = { beams: 130, tokens: 4, ends: [3], lengthPenalty: penalty }
  const found = await beamSearch(session, Int32Array.from(prompt), search)
  expect(found).toHaveLength(1 + 3 + 9 + 27 + 81) // those that end after 0 to 3 tokens, and those of 4
  expectSame(found, await byDefinition(session, prompt, search))
  expect(new Set(found.map(({ tokens: ids, reason }) => `${ids.join()} ${reason}`)).size).toBe(found.length)
  const probability = found.reduce((sum, one) => sum + Math.exp(one.logProbability), 0)
  expect(probability).toBeCloseTo(1, 4)
})

describe.each([0, 0.6, 1, 2])('with length penalty %f', (lengthPenalty) => {
  test.each([
    { beams: 2, tokens: 6, ends: [3] },
    { beams: 3, tokens: 5, ends: [0, 3] },
    { beams: 4, tokens: 4, ends: [] },
    { beams: 3, tokens: 14, ends: [2] }, // past the context
  ])('few beams find what the definition gives: %o', async (some) => {
    const session = await sessionOf(sharper(net, 6), 8)
    const search = { ...some, lengthPenalty }
    const expected = await byDefinition(session, prompt, search)
    expectSame(await beamSearch(session, Int32Array.from(prompt), search), expected)
  })

  test('one beam is the greedy sequence', async () => {
    const reasons = new Set<string>()
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const session = await sessionOf(sharper(net, 3), 8, 0, seed)
      const [found] = await beamSearch(session, Int32Array.from(prompt), {
        ...{ beams: 1, tokens: 7, ends: [3], lengthPenalty },
      })
      const greedy: number[] = []
      let reason = ''
      const options = { tokens: 7, ends: [3], temperature: 0 }
      for await (const event of tokens(session, { prompts: [Int32Array.from(prompt)] }, options)) {
        if (event.type === 'token') greedy.push(event.token)
        else reason = event.reason
      }
      reasons.add(reason)
      expect([...found!.tokens]).toEqual(greedy)
      expect(found!.reason).toBe(reason)
    }
    expect([...reasons].sort()).toEqual(['end', 'tokens'])
  })
})

test.each([0, 1])('the search stops once nothing can become better, length penalty %f', async (lengthPenalty) => {
  const session = await sessionOf(sharper(net, 6), 12, 0, 9)
  const runs = counting(session)
  await beamSearch(session, Int32Array.from(prompt), { beams: 2, tokens: 40, ends: [1], lengthPenalty })
  expect(runs()).toBeLessThan(25)
})

test('an encoder reads the source of all beams', async () => {
  const layer = transformer({ kind: 'encoderDecoder', depth: 1, width: 8, heads: 2, vocabulary, source: 3, wiring })
  const session = await sessionOf(sharper(layer, 4), 8, 3)
  const source = Int32Array.of(2, 0, 1)
  const all = { beams: 60, tokens: 3, ends: [3] }
  const found = await beamSearch(session, Int32Array.of(1), all, source)
  expect(found).toHaveLength(1 + 3 + 9 + 27)
  expectSame(found, await byDefinition(session, [1], all, source))
  const few = { beams: 2, tokens: 5, ends: [3] }
  expectSame(await beamSearch(session, Int32Array.of(1), few, source), await byDefinition(session, [1], few, source))
})

test.each([
  [{ beams: 0 }, /beams must be/],
  [{ beams: 1.5 }, /beams must be/],
  [{ lengthPenalty: -1 }, /lengthPenalty must be/],
  [{ tokens: 0 }, /tokens must be/],
])('%o is refused', async (options, message) => {
  const session = await sessionOf(net, 8)
  const search = beamSearch(session, Int32Array.from(prompt), { ends: [3], ...options })
  await expect(search).rejects.toThrow(OptionError)
  await expect(search).rejects.toThrow(message)
})

test('weights that are not finite are refused, and the model is free again', async () => {
  const session = await sessionOf(net, 8)
  const { 'embed.weight': table } = await session.engine.read(['embed.weight'])
  const bad = tensor(new Float32Array(table!.data.length).fill(NaN), table!.shape)
  await session.engine.write({ 'embed.weight': bad })
  const search = (): Promise<Hypothesis[]> => beamSearch(session, Int32Array.from(prompt), { ends: [3], tokens: 3 })
  await expect(search()).rejects.toThrow(DivergedError)
  await session.engine.write({ 'embed.weight': table! })
  expect(await search()).toHaveLength(4)
})

import { expect, test } from 'vitest'
import { DivergedError, OptionError } from '../../errors.ts'
import { gpt } from '../../models/gpt.ts'
import { transformer } from '../../models/transformer.ts'
import { tensor } from '../../tensor.ts'
import { Session } from '../session.ts'
import { type TokenEvent, type TokenOptions, type TokenRequest, tokens } from './generate.ts'
import { sessionOf } from './tiny-session.test-kit.ts'

const vocabulary = 40
const net = gpt({ layers: 1, heads: 2, width: 8, vocabulary, positions: 'rotary' })
const prompts = [Int32Array.of(1, 2, 3), Int32Array.of(4), Int32Array.of(1, 2, 3)]

async function eventsOf(session: Session, request: TokenRequest, options: TokenOptions): Promise<TokenEvent[]> {
  const all: TokenEvent[] = []
  for await (const event of tokens(session, request, options)) all.push(event)
  return all
}

const rowOf = (events: readonly TokenEvent[], row: number): (number | string)[] =>
  events.filter((event) => event.row === row).map((event) => (event.type === 'token' ? event.token : event.reason))

test('each sequence ends for its own reason, once, and the others go on as they would alone', async () => {
  const session = await sessionOf(net, 16)
  const free = await eventsOf(session, { prompts }, { tokens: 8, seed: 3 })
  const drawn = prompts.map((_, row) => rowOf(free, row).slice(0, -1) as number[])
  expect(prompts.map((_, row) => rowOf(free, row).length)).toEqual([9, 9, 9])
  expect(drawn[0]).not.toEqual(drawn[2]) // one prompt twice draws differently

  const end = drawn[0]!.find((token) => !drawn[1]!.includes(token) && !drawn[2]!.includes(token))!
  const place = drawn[0]!.indexOf(end)
  expect(place).toBeGreaterThan(0)
  let seen = 0
  const until = (row: number): boolean => row === 1 && ++seen === 3
  const events = await eventsOf(session, { prompts }, { tokens: 8, seed: 3, ends: [end], until })
  expect(rowOf(events, 0)).toEqual([...drawn[0]!.slice(0, place), 'end'])
  expect(rowOf(events, 1)).toEqual([...drawn[1]!.slice(0, 3), 'stop'])
  expect(rowOf(events, 2)).toEqual([...drawn[2]!, 'tokens'])
})

test('an abort signal ends all open sequences before the next token', async () => {
  const session = await sessionOf(net, 16)
  const controller = new AbortController()
  const all: TokenEvent[] = []
  for await (const event of tokens(session, { prompts }, { tokens: 12, signal: controller.signal })) {
    all.push(event)
    if (all.length === 4) controller.abort()
  }
  expect(prompts.map((_, row) => rowOf(all, row).length)).toEqual([3, 3, 3])
  expect(prompts.map((_, row) => rowOf(all, row).at(-1))).toEqual(['cancelled', 'cancelled', 'cancelled'])
})

test('any number of tokens may be asked for', async () => {
  const session = await sessionOf(net, 16)
  const until = (): boolean => true
  const events = await eventsOf(session, { prompts }, { tokens: Number.MAX_SAFE_INTEGER, until })
  expect(rowOf(events, 0)).toEqual([expect.any(Number), 'stop'])
})

test('weights that are not finite are refused, and the model is free again', async () => {
  const session = await sessionOf(net, 16)
  const path = 'embed.weight'
  const { [path]: table } = await session.engine.read([path])
  await session.engine.write({ [path]: tensor(new Float32Array(table!.data.length).fill(NaN), table!.shape) })
  await expect(eventsOf(session, { prompts }, { temperature: 0 })).rejects.toThrow(DivergedError)
  await session.engine.write({ [path]: table! })
  expect(await eventsOf(session, { prompts }, { tokens: 2 })).toHaveLength(9)
})

test.each<readonly [string, TokenRequest, RegExp]>([
  ['no prompt', { prompts: [] }, /at least one prompt/],
  ['an empty prompt', { prompts: [new Int32Array(0)] }, /at least one token/],
  ['a token outside the vocabulary', { prompts: [Int32Array.of(1, 40)] }, /tokens from 0 to 39, got 40/],
  ['a negative token', { prompts: [Int32Array.of(-1)] }, /tokens from 0 to 39, got -1/],
  ['a source that nothing reads', { prompts: [prompts[0]!], sources: [prompts[0]!] }, /source of 0 tokens, got 3/],
])('%s is refused', async (_, request, message) => {
  const session = await sessionOf(net, 16)
  await expect(eventsOf(session, request, {})).rejects.toThrow(OptionError)
  await expect(eventsOf(session, request, {})).rejects.toThrow(message)
})

test('an encoder needs its source, one for each prompt, as long as the net reads', async () => {
  const session = await sessionOf(
    transformer({ kind: 'encoderDecoder', depth: 1, width: 8, heads: 2, vocabulary, source: 3 }),
    8,
    3,
  )
  const [prompt, source] = [Int32Array.of(1), Int32Array.of(1, 2, 3)]
  const refused = async (request: TokenRequest, message: RegExp): Promise<void> => {
    await expect(eventsOf(session, request, {})).rejects.toThrow(message)
  }
  await refused({ prompts: [prompt] }, /source of 3 tokens, got 0/)
  await refused({ prompts: [prompt], sources: [prompt] }, /source of 3 tokens, got 1/)
  await refused({ prompts: [prompt, prompt], sources: [source] }, /2 sources of one length/)
  expect(await eventsOf(session, { prompts: [prompt], sources: [source] }, { tokens: 2 })).toHaveLength(3)
})

test('a net that gives no logits per token is refused', async () => {
  const { recipe, engine } = await sessionOf(net, 8)
  const pooled = transformer({ kind: 'decoder', depth: 1, width: 8, heads: 2, vocabulary, outputs: 2 })
  const session = new Session({ ...recipe, net: pooled, targets: { dtype: 'int32', shape: [] } }, engine, 1)
  await expect(eventsOf(session, { prompts }, {})).rejects.toThrow(/expected a net from tokens to logits/)
})

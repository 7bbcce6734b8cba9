import { expect, test } from 'vitest'
import { gpt } from '../../models/gpt.ts'
import type { Tensors } from '../../runtime/engine.ts'
import type { Session } from '../session.ts'
import { Decoder } from './decoder.ts'
import { windowStart } from './window.ts'
import { sessionOf, withoutCache } from './tiny-session.test-kit.ts'

const vocabulary = 11
const net = gpt({ layers: 1, heads: 2, width: 8, vocabulary, positions: 'rotary' })
const idsOf = (length: number): Int32Array => Int32Array.from({ length }, (_, i) => (i * 7 + (i % 3)) % vocabulary)

/** The number of new tokens, filled up, of every run so far. */
function watch({ engine }: Session): number[] {
  const times: number[] = []
  const run = engine.run.bind(engine)
  engine.run = (program: number, feeds: Tensors) => {
    times.push(feeds.inputs!.shape[1]!)
    return run(program, feeds)
  }
  return times
}

test('after the prompt every token takes one run of one token, until the context is full and half of it is left free', async () => {
  const context = 128
  const session = await sessionOf(net, context)
  const decoder = new Decoder(session, { batch: 2, context, room: 300 })
  const times = watch(session)
  const long = idsOf(300)
  await decoder.next([long.subarray(0, 33), long.subarray(0, 5)])
  expect(times.splice(0)).toEqual([64])
  for (let length = 34; length <= 300; length++) {
    await decoder.next([long.subarray(0, length), long.subarray(0, length - 28)])
    const [here, shorter] = [length, length - 28].map((of) => windowStart(of, context) !== windowStart(of - 1, context))
    expect(times.splice(0)).toHaveLength(here ? 2 : shorter ? 2 : 1)
  }
  await decoder.close()
})

test('logits near the end of the caches are those of a forward pass', async () => {
  const session = await sessionOf(net, 64)
  const decoder = new Decoder(session, { batch: 1, context: 64, room: 64 })
  const times = watch(session)
  for (let length = 40; length <= 64; length++) {
    const ids = idsOf(length)
    const [logits] = await decoder.next([ids])
    const expected = await withoutCache(session, [...ids])
    logits!.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4))
  }
  expect(times).toEqual([64, ...new Array<number>(24).fill(1)])
  await decoder.close()
})

test('decoding holds the weights, one session at a time, and sees those that are written', async () => {
  const session = await sessionOf(net, 128)
  const { engine } = session
  const holding = new Set<number>()
  const [opens, releases] = [engine.open.bind(engine), engine.release.bind(engine)]
  engine.open = async (spec) => {
    const id = await opens(spec)
    if (spec.constant) holding.add(id)
    return id
  }
  engine.release = (id) => {
    holding.delete(id)
    return releases(id)
  }
  const logitsOf = async (room: number): Promise<Float32Array> => {
    const decoder = new Decoder(session, { batch: 1, context: 128, room })
    await decoder.next([idsOf(5)])
    const [logits] = await decoder.next([idsOf(6)])
    await decoder.close()
    return logits!
  }
  for (const room of [64, 128]) {
    const before = await logitsOf(room)
    expect(holding.size).toBe(1)
    const weight = (await engine.read(['embed.weight']))['embed.weight']!
    await engine.write({ 'embed.weight': { ...weight, data: weight.data.map((value) => value * 2) } })
    const after = await logitsOf(room)
    const expected = await withoutCache(session, [...idsOf(6)])
    after.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4))
    expect(after).not.toEqual(before)
  }
})

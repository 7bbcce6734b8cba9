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

test('sequences that do not go on from what is cached are computed anew', async () => {
  const session = await sessionOf(net, 64)
  const decoder = new Decoder(session, { batch: 1, context: 64, room: 64 })
  await decoder.next([Int32Array.of(1, 2, 3)])
  for (const ids of [Int32Array.of(1, 5, 3, 4), Int32Array.of(1, 5), Int32Array.of(1, 5, 6, 7, 8, 9)]) {
    const [logits] = await decoder.next([ids])
    const expected = await withoutCache(session, [...ids])
    logits!.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4))
  }
  await decoder.close()
})

test('copies of other sequences go on from their caches', async () => {
  const session = await sessionOf(net, 64)
  const decoder = new Decoder(session, { batch: 3, context: 64, room: 64, reorder: true })
  await decoder.next([Int32Array.of(1, 2), Int32Array.of(3, 4, 5), Int32Array.of(6)])
  const times = watch(session)
  const ids = [Int32Array.of(3, 4, 5, 6), Int32Array.of(6, 7), Int32Array.of(3, 4, 5, 8)]
  const found = await decoder.next(ids, [1, 2, 1])
  expect(times).toEqual([1])
  for (const [row, logits] of found.entries()) {
    const expected = await withoutCache(session, [...ids[row]!])
    logits.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4))
  }
  await decoder.close()
})

test('copies go on from their caches also where the window of the other begins elsewhere', async () => {
  const context = 64
  const session = await sessionOf(net, context)
  const decoder = new Decoder(session, { batch: 2, context, room: 80, reorder: true })
  await decoder.next([idsOf(71), idsOf(5)])
  const times = watch(session)
  const ids = [idsOf(6), idsOf(72)]
  const found = await decoder.next(ids, [1, 0])
  expect(times).toEqual([1])
  for (const [row, logits] of found.entries()) {
    const expected = await withoutCache(session, [...ids[row]!])
    logits.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4))
  }
  await decoder.close()
})

test('closing frees the caches; programs stay open for the next of the same size, a few of them', async () => {
  const session = await sessionOf(net, 64)
  const open = new Set<number>()
  const { engine } = session
  const [opens, releases] = [engine.open.bind(engine), engine.release.bind(engine)]
  engine.open = async (spec) => {
    const id = await opens(spec)
    open.add(id)
    return id
  }
  engine.release = (id) => {
    open.delete(id)
    return releases(id)
  }
  const decoder = new Decoder(session, { batch: 1, context: 64, room: 64 })
  await decoder.next([idsOf(5)])
  await decoder.next([idsOf(6)])
  expect(open.size).toBe(2)
  expect((await engine.read(['blocks.0.attention.key#cache']))['blocks.0.attention.key#cache']!.data).toHaveLength(
    64 * 8,
  )
  await decoder.close()
  expect((await engine.read(['blocks.0.attention.key#cache']))['blocks.0.attention.key#cache']!.data).toHaveLength(0)
  const kept = [...open]
  const again = new Decoder(session, { batch: 1, context: 64, room: 64 })
  await again.next([idsOf(5)])
  await again.next([idsOf(6)])
  await again.close()
  expect([...open]).toEqual(kept)
  for (const batch of [2, 3, 4, 5, 6, 7]) {
    const other = new Decoder(session, { batch, context: 64, room: 64 })
    await other.next(Array.from({ length: batch }, () => idsOf(3)))
    await other.close()
  }
  expect(open.size).toBe(6)
})

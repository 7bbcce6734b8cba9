import { InferenceSession } from 'onnxruntime-node'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { EngineError } from '../../errors.ts'
import { graph } from '../../graph/graph.ts'
import { input, type Value } from '../../graph/value.ts'
import { toOnnx } from '../../onnx/model.ts'
import { add, mul } from '../../ops/arithmetic.ts'
import { sum } from '../../ops/broadcast.ts'
import { gather } from '../../ops/gather.ts'
import { tensor } from '../../tensor.ts'
import type { ProgramSpec } from '../engine.ts'
import { LocalEngine } from './local.ts'
import { zeroCopyWorks } from './self-test.ts'

const float3 = { dtype: 'float32', shape: [3] } as const
const scalarType = { dtype: 'float32', shape: [] } as const

/** A program that sets `p` to `next` and returns `total`. */
function program(next: Value, total: Value): ProgramSpec {
  const both = graph({ 'next p': next, total })
  return {
    model: toOnnx(both, { target: 'cpu', stop: 'stop' }),
    stop: 'stop',
    reads: ['p'],
    updates: { 'next p': { state: 'p', type: float3 } },
    results: { total: scalarType },
  }
}

const p = input('p', 'float32', [3])
const doubled = program(add(mul(p, 2), input('by', 'float32', [])), sum(p))
const by = (value: number): { by: ReturnType<typeof tensor> } => ({ by: tensor(Float32Array.of(value), []) })

const engines: LocalEngine[] = []
afterAll(() => Promise.all(engines.map((engine) => engine.close())))

async function open(zeroCopy: boolean): Promise<LocalEngine> {
  const engine = await LocalEngine.create(1, zeroCopy)
  engines.push(engine)
  return engine
}

const valueOf = async (engine: LocalEngine): Promise<number[]> => [...((await engine.read(['p'])).p?.data ?? [])]

test('this ONNX Runtime writes outputs in place, so that both paths below are what they say', async () => {
  expect(await zeroCopyWorks()).toBe(true)
})

describe.each([true, false])('zero-copy %s', (zeroCopy) => {
  test('each run reads the state that the last one wrote', async () => {
    const engine = await open(zeroCopy)
    await engine.write({ p: tensor([0, 1, 2]) })
    const id = await engine.open(doubled)
    const totals: unknown[] = []
    for (let run = 0; run < 4; run++) totals.push((await engine.run(id, by(run))).total?.data[0])
    expect(totals).toEqual([3, 6, 15, 36])
    expect(await valueOf(engine)).toEqual([11, 27, 43])
  })

  test('rollback undoes the last update, once, whatever ran after it', async () => {
    const engine = await open(zeroCopy)
    await engine.write({ p: tensor([0, 1, 2]) })
    const id = await engine.open(doubled)
    const reading = await engine.open({ ...program(p, sum(p)), updates: {} })
    await engine.run(id, by(1))
    await engine.run(id, by(NaN))
    expect(await valueOf(engine)).toEqual([NaN, NaN, NaN])
    expect((await engine.run(reading, {})).total?.data[0]).toBe(NaN)
    await engine.rollback()
    expect(await valueOf(engine)).toEqual([1, 3, 5])
    await engine.rollback()
    expect(await valueOf(engine)).toEqual([1, 3, 5])
    await engine.run(id, by(0))
    expect(await valueOf(engine)).toEqual([2, 6, 10])
  })

  test('what was read and what was returned stay as they are', async () => {
    const engine = await open(zeroCopy)
    await engine.write({ p: tensor([0, 1, 2]) })
    const id = await engine.open(doubled)
    const { p: before } = await engine.read(['p'])
    const { total } = await engine.run(id, by(0))
    await engine.run(id, by(0))
    await engine.run(id, by(0))
    expect([...(before?.data ?? [])]).toEqual([0, 1, 2])
    expect([...(total?.data ?? [])]).toEqual([3])
  })

  test('a run that fails leaves the state', async () => {
    const engine = await open(zeroCopy)
    await engine.write({ p: tensor([0, 1, 2]) })
    const at = input('at', 'int32', [3])
    const id = await engine.open(program(gather(mul(p, 2), at), sum(p)))
    await engine.run(id, { at: tensor(Int32Array.of(2, 1, 0)) })
    await expect(engine.run(id, { at: tensor(Int32Array.of(0, 1, 7)) })).rejects.toThrow(/7/)
    expect(await valueOf(engine)).toEqual([4, 2, 0])
    await engine.run(id, { at: tensor(Int32Array.of(0, 1, 2)) })
    expect(await valueOf(engine)).toEqual([8, 4, 0])
  })

  test('a state may take over an input, or another state, unchanged', async () => {
    const engine = await open(zeroCopy)
    await engine.write({ p: tensor([0, 1, 2]) })
    const id = await engine.open(program(input('q', 'float32', [3]), sum(p)))
    await engine.run(id, { q: tensor([5, 6, 7]) })
    expect(await valueOf(engine)).toEqual([5, 6, 7])
  })
})

test('in place, two buffers take turns', async () => {
  const engine = await open(true)
  const given = tensor([0, 1, 2])
  await engine.write({ p: given })
  const id = await engine.open(doubled)
  await engine.run(id, by(0))
  expect([...given.data]).toEqual([0, 1, 2])
  await engine.run(id, by(0))
  expect([...given.data]).toEqual([0, 4, 8])
})

test('unknown states and programs are named', async () => {
  const engine = await open(true)
  const id = await engine.open(doubled)
  await expect(engine.run(id, by(0))).rejects.toThrow("there is no state 'p'; write it before running")
  expect(() => engine.read(['p'])).toThrow(EngineError)
  await engine.release(id)
  await expect(engine.run(id, by(0))).rejects.toThrow(`run: program ${id} is not open`)
  await expect(engine.open({ ...doubled, model: Uint8Array.of(1, 2, 3) })).rejects.toThrow()
})

describe('states as constants', () => {
  const withConstants: ProgramSpec = {
    ...{ stop: 'stop', reads: ['p'], updates: {}, results: { total: scalarType } },
    model: toOnnx(graph({ total: sum(p) }), { target: 'cpu', stop: 'stop' }),
    constant: {
      // 100 more, so that it is seen which of the two models runs
      model: toOnnx(graph({ total: add(sum(p), 100) }), { target: 'cpu', stop: 'stop', external: new Set(['p']) }),
      states: ['p'],
    },
  }
  const totalOf = async (engine: LocalEngine, id: number): Promise<unknown> => (await engine.run(id, {})).total?.data[0]

  test('are as they were written last', async () => {
    const engine = await open(true)
    await engine.write({ p: tensor([0, 1, 2]), q: tensor([0]) })
    const id = await engine.open(withConstants)
    expect([await totalOf(engine, id), await totalOf(engine, id)]).toEqual([103, 103])
    await engine.write({ p: tensor([5, 5, 5]) })
    expect(await totalOf(engine, id)).toBe(115)
  })

  test('may be lacking memory for once: the next run tries again', async () => {
    const engine = await open(true)
    await engine.write({ p: tensor([0, 1, 2]) })
    const id = await engine.open(withConstants)
    await engine.write({ p: tensor([5, 5, 5]) })
    vi.spyOn(InferenceSession, 'create').mockRejectedValueOnce(new Error('no memory'))
    await expect(totalOf(engine, id)).rejects.toThrow('no memory')
    expect(await totalOf(engine, id)).toBe(115)
  })

  test('are fed while a program is open that changes them', async () => {
    const engine = await open(true)
    await engine.write({ p: tensor([0, 1, 2]) })
    const id = await engine.open(withConstants)
    const doubling = await engine.open(doubled)
    expect(await totalOf(engine, id)).toBe(3)
    await engine.run(doubling, by(1))
    expect(await totalOf(engine, id)).toBe(9)
    await engine.release(doubling)
    const another = await engine.open(withConstants)
    expect([await totalOf(engine, id), await totalOf(engine, another)]).toEqual([9, 109])
    await engine.rollback()
    expect([await totalOf(engine, id), await totalOf(engine, another)]).toEqual([103, 103])
  })
})

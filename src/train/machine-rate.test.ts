import { afterEach, expect, test, vi } from 'vitest'
import { clock } from '../clock.ts'
import type { Engine } from '../runtime/engine.ts'
import { LocalEngine } from '../runtime/node/local.ts'
import { machineRate } from './machine-rate.ts'

afterEach(() => vi.restoreAllMocks())

/** An engine that also hands its results to `see`, and says which programs are open. */
async function watched(see: (largest: number) => void): Promise<{ engine: Engine; open: Set<number> }> {
  const engine = await LocalEngine.create(1, true)
  const open = new Set<number>()
  const { open: start, run, release } = engine
  engine.open = async (spec) => {
    const program = await start.call(engine, spec)
    open.add(program)
    return program
  }
  engine.release = async (program) => {
    open.delete(program)
    await release.call(engine, program)
  }
  engine.run = async (program, feeds) => {
    const results = await run.call(engine, program, feeds)
    see(results.largest!.data[0]!)
    return results
  }
  return { engine, open }
}

test('multiplies for half a second, on numbers that stay what they are, and leaves nothing open', async () => {
  const results: number[] = []
  const { engine, open } = await watched((largest) => results.push(largest))
  const began = clock.now()
  const rate = await machineRate(engine)
  expect(clock.now() - began).toBeGreaterThan(400)
  expect(rate).toBeGreaterThan(1e8)
  expect(rate).toBeLessThan(1e14)
  for (const largest of results) expect(largest).toBeCloseTo(1 / 768, 6)
  expect(open.size).toBe(0)
  await engine.close()
})

test('is the work of the quickest run over its time', async () => {
  let now = 0
  const times = [50, 10, 20, 400]
  vi.spyOn(clock, 'now').mockImplementation(() => now)
  const { engine } = await watched(() => {
    now += times.shift() ?? 400
  })
  expect(await machineRate(engine)).toBe((8 * 2 * 768 ** 3) / 0.01)
  await engine.close()
})

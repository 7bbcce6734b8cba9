import * as fs from 'node:fs'
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { resolveWiring } from '../../nn/wiring/wiring.ts'
import { directoryStore } from './directory-store.ts'
import { cellId, type Setting } from './setting.ts'
import type { CellResult } from './store.ts'

vi.mock('node:fs', { spy: true })
const actual = await vi.importActual<typeof fs>('node:fs')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'residua-store-'))
})
afterEach(() => {
  vi.resetAllMocks()
  rmSync(folder, { recursive: true })
})

const setting = (seed: number): Setting => ({
  ...{
    task: 'spiral',
    options: { depth: 2 },
    wiring: resolveWiring({}),
    batchSize: 4,
    steps: 5,
    learningRate: 0.1,
    seed,
  },
  training: { schedule: 'constant', warmupSteps: 0, weightDecay: 0, clipNorm: null, beta1: 0.9, beta2: 0.999 },
})
const resultOf = (seed: number, loss = 0.5): CellResult => ({
  ...{ id: cellId(setting(seed)), setting: setting(seed), versions: { residua: '1' } },
  outcome: { state: 'trained', step: 5, trainLoss: 0.25, metrics: { loss } },
})

test('a cell is known by its setting, whatever the order of its fields', () => {
  const { seed, ...rest } = setting(3)
  expect(cellId({ seed, ...rest })).toBe(cellId(setting(3)))
  expect(cellId(setting(4))).not.toBe(cellId(setting(3)))
})

test('looking into a folder that is not there makes none', () => {
  const path = join(folder, 'none')
  const store = directoryStore(path)
  expect([store.plan(), store.result('0123456789abcdef')]).toEqual([null, null])
  expect(existsSync(path)).toBe(false)
  store.writePlan({ question: '?' })
  expect(store.plan()).toEqual({ question: '?' })
})

test('a result that is published is read back, and its cell cannot be claimed again', () => {
  const store = directoryStore(folder)
  const result = resultOf(1)
  const claim = store.claim(result.id)!
  expect(store.result(result.id)).toBeNull()
  claim.publish(result)
  claim.release()
  expect(store.result(result.id)).toEqual(result)
  expect(store.claim(result.id)).toBeNull()
})

test('a claimed cell is nobody else’s until it is released', () => {
  const [a, b] = [directoryStore(folder), directoryStore(folder)]
  const claim = a.claim('0123456789abcdef')!
  expect(b.claim('0123456789abcdef')).toBeNull()
  expect(b.claim('fedcba9876543210')).not.toBeNull()
  claim.release()
  expect(b.claim('0123456789abcdef')).not.toBeNull()
})

test('a claim that another machine took over cannot publish, and the other does not use its folder', () => {
  const [a, b] = ['a', 'b'].map((machine) => directoryStore(folder, { machine }))
  const { id } = resultOf(1)
  const first = a!.claim(id)!
  utimesSync(join(folder, 'cells', id, 'lease-1'), 0, 0)
  const second = b!.claim(id)!
  expect(second.folder).not.toBe(first.folder)
  expect(() => first.publish(resultOf(1, 0.75))).toThrow(/another worker has taken it over/)
  expect(b!.result(id)).toBeNull()
  first.release()
  second.publish(resultOf(1))
  second.release()
  expect(a!.result(id)).toEqual(resultOf(1))
})

test('a cell that was released is gone on with in its folder, on any machine', () => {
  const [a, b] = ['a', 'b'].map((machine) => directoryStore(folder, { machine }))
  const first = a!.claim('0123456789abcdef')!
  first.release()
  expect(b!.claim('0123456789abcdef')!.folder).toBe(first.folder)
})

test('a cell that ends while it is being claimed is not run again', () => {
  const store = directoryStore(folder)
  const result = resultOf(1)
  const claim = store.claim(result.id)!
  vi.mocked(fs.linkSync).mockImplementationOnce((from, to) => {
    writeFileSync(join(folder, 'results', `${result.id}.json`), '')
    actual.linkSync(from, to)
  })
  claim.release()
  expect(store.claim(result.id)).toBeNull()
  rmSync(join(folder, 'results', `${result.id}.json`))
  expect(store.claim(result.id)).not.toBeNull()
})

test('the outcome of a cell that trains nothing has neither step nor training loss', () => {
  const store = directoryStore(folder)
  const result: CellResult = {
    ...{ id: 'fedcba9876543210', setting: { rule: 'growth', depths: [1, 2] }, versions: {} },
    outcome: { state: 'trained', metrics: { exponent: 0.5 } },
  }
  store.claim(result.id)!.publish(result)
  expect(store.result(result.id)).toEqual(result)
})

test('of two results of one cell the first is kept', () => {
  const store = directoryStore(folder)
  const [first, second] = [resultOf(1), resultOf(1, 0.75)]
  const claim = store.claim(first.id)!
  claim.publish(first)
  claim.publish(second)
  expect(store.result(first.id)).toEqual(first)
})

test('an edited result and one of a newer version are refused', () => {
  const store = directoryStore(folder)
  const result = resultOf(2)
  store.claim(result.id)!.publish(result)
  const path = join(folder, 'results', `${result.id}.json`)
  const text = readFileSync(path, 'utf8')
  writeFileSync(path, text.replace('0.5', '0.4'))
  expect(() => store.result(result.id)).toThrow(/its digest does not match: it was edited or damaged/)
  writeFileSync(path, text.replace('"format": 1', '"format": 2'))
  expect(() => store.result(result.id)).toThrow(/newer version \(format 2, this one reads 1\)/)
  writeFileSync(path, text.slice(0, 40))
  expect(() => store.result(result.id)).toThrow(/expected JSON/)
})

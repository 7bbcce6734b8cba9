import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { resolveWiring } from '../../nn/wiring/wiring.ts'
import { directoryStore } from './directory-store.ts'
import { cellId, type Setting } from './setting.ts'
import type { CellResult } from './store.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'residua-store-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

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

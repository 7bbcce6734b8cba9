import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decided, matching, readStoredRuns, type StoredRuns } from './stored-runs.ts'
import { arms } from './study/arms.ts'
import { study } from './study/study.ts'
import { spiral } from './tasks/index.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'residua-stored-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

test('a folder that is not there holds no studies', () => {
  expect(readStoredRuns(join(folder, 'nowhere'))).toEqual({ runs: [], studies: 0, leftOut: [] })
})

test('the runs of a study are read by arm and learning rate; what is damaged is left out with the reason', async () => {
  const wirings = { pre: { placement: 'pre' }, plain: { skip: 'none', norm: 'none' } }
  const options = { question: 'q', task: spiral({ depth: 2, width: 8 }), arms: arms(wirings) }
  const path = join(folder, 'first')
  await study({ ...options, learningRates: [1e-2], seeds: 3, steps: 6, metric: 'loss' }).run({ folder: path })
  mkdirSync(join(folder, 'other'))
  writeFileSync(join(folder, 'other', 'plan.json'), '{"format":1,"task":7}')
  mkdirSync(join(folder, 'no-study'))

  const { runs, studies, leftOut } = readStoredRuns(folder)
  expect(studies).toBe(1)
  expect(leftOut).toHaveLength(1)
  expect(leftOut[0]).toContain(join('other', 'plan.json'))
  expect(runs).toHaveLength(2)
  const sought = { kind: 'mlp', wiring: {}, warm: false, blocks: 3, width: 12, learningRate: 1.5e-2 } as const
  const found = matching(runs, sought)
  expect(found).toMatchObject([{ study: path, task: 'spiral', blocks: 2, width: 8, learningRate: 1e-2, runs: 3 }])
  for (const other of [
    { warm: true },
    { blocks: 5 },
    { width: 17 },
    { learningRate: 1e-1 },
    { kind: 'decoder' as const },
    { wiring: { norm: 'rms' } },
  ])
    expect(matching(runs, { ...sought, ...other })).toEqual([])

  const [result] = readdirSync(join(path, 'results'))
  const file = join(path, 'results', result!)
  writeFileSync(file, readFileSync(file, 'utf8').replace('"seed":', '"seed": 1'))
  expect(readStoredRuns(folder).leftOut.join()).toContain(result)
})

describe('what runs decide', () => {
  const run = (blocks: number, trained: number, runs = 3): StoredRuns => ({
    ...{ study: 's', task: 't', kind: 'mlp', wiring: {}, warmupSteps: 0, width: 8, learningRate: 1e-3 },
    ...{ blocks, runs, trained },
  })
  test.each<[string, readonly StoredRuns[], ReturnType<typeof decided>]>([
    ['nothing', [], null],
    ['trained deeper', [run(64, 3)], 'trains'],
    ['trained shallower only', [run(32, 3)], null],
    ['failed shallower', [run(32, 0)], 'fails'],
    ['failed deeper only', [run(64, 0)], null],
    ['mixed', [run(48, 2)], null],
    ['one run', [run(64, 1, 1)], null],
    ['deeper trained, shallower failed', [run(64, 3), run(32, 0)], null],
  ])('%s', (_, runs, expected) => expect(decided(runs, 48)).toBe(expected))
})

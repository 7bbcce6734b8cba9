import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runProgram } from '../../test/run-program.ts'
import type { Ledger } from '../lab/ledger.ts'
import type { Lesions } from '../lab/probes/lesion.ts'

let folder: string
const residua = (...args: string[]): ReturnType<typeof runProgram> => runProgram(folder, ...args)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'residua-dissect-'))
  const rows = Array.from({ length: 120 }, (_, i) => `${i % 7},${(i * 5) % 11},${i % 7 > 3 ? 'high' : 'low'}`)
  writeFileSync(join(folder, 'points.csv'), `x,y,side\n${rows.join('\n')}\n`)
  const train = [
    'train',
    'mlp',
    '--data',
    'points.csv:side',
    '--depth',
    '2',
    '--width',
    '8',
    '--steps',
    '40',
    '--quiet',
  ]
  await residua(...train, '--run', 'runs/a')
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true }))

test('a run is looked into on what it held out: ledger, lesion, lens, the last of which is the model itself', async () => {
  const { stdout } = await residua('dissect', 'runs/a', '--json', '--out', 'inside')
  const found = JSON.parse(stdout) as {
    ledger: Ledger
    lesion: Lesions
    lens: { path: string; loss: number; divergence: number; agreement: number }[]
  }
  const { loss } = JSON.parse((await residua('eval', 'runs/a', '--json')).stdout) as { loss: number }
  expect(found.lens.at(-1)).toMatchObject({ divergence: 0, agreement: 1 })
  expect(found.lens.at(-1)!.loss).toBeCloseTo(loss, 5)
  expect(found.lesion.intact.loss).toBeCloseTo(loss, 5)
  const [stage] = found.ledger.stages
  expect([stage!.entering, ...stage!.entries].reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 5)
  expect(['inside.html', 'inside.md'].every((file) => existsSync(join(folder, 'inside', file)))).toBe(true)
})

test('tables in Chinese, a selection by name, and one line for a name that is not there', async () => {
  const { stdout } = await residua('dissect', 'runs/a', '--only', 'lesion', '--lang', 'zh')
  expect(stdout).toMatch(/去掉的部分/)
  expect(stdout).not.toMatch(/KL/)
  await expect(residua('dissect', 'runs/a', '--only', 'lense')).rejects.toMatchObject({
    stderr: expect.stringMatching(
      /^residua: dissect: --only: there is no 'lense'; there are ledger, lesion, lens\n$/,
    ) as string,
  })
})

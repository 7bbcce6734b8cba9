import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { runCommand } from '../../test/run-command.ts'
import { fresh } from '../../test/training.ts'
import { inspectCommand } from './inspect.ts'
import { trainCommand } from './train.ts'

const inspect = async (...args: string[]): Promise<string> => (await runCommand(inspectCommand(), args)).out
const figures = async (...args: string[]): Promise<Figures> => JSON.parse(await inspect(...args, '--json')) as Figures

interface Figures {
  readonly batchSize: number
  readonly accumulate: number
  readonly parameters: { readonly total: number }
  readonly bytes: { readonly slots: number; readonly activations: number; readonly peak: number }
  readonly measured?: { readonly live: number; readonly resident: number }
}

const csv = `${fresh('flowers')}.csv`
const folder = fresh('run')
const net = ['--data', csv, '--depth', '1', '--width', '8']
/** 2 to 8, a norm, two maps of 8, a norm, 8 to 2. */
const total = 2 * 8 + 8 + 2 * 16 + 2 * (64 + 8) + 8 * 2 + 2

beforeAll(async () => {
  const rows = Array.from({ length: 40 }, (_, i) => `${i % 7},${i % 5},${i % 2 === 0 ? 'rose' : 'tulip'}`)
  writeFileSync(csv, ['size,weight,kind', ...rows].join('\n'))
  const options = [
    '--steps',
    '2',
    '--batch-size',
    '4',
    '--optimizer',
    'sgd',
    '--quiet',
    '--threads',
    '1',
    '--run',
    folder,
  ]
  await runCommand(trainCommand(), ['mlp', ...net, ...options])
})

test('a model by its flags', async () => {
  const out = await inspect('mlp', ...net, '--batch-size', '16')
  expect(out).toContain(`Parameters: ${total}, of which ${total} are trained\n  input      24\n  blocks     160\n`)
  expect(out).toMatch(/Memory of a training step, 16 examples\n  parameters +0\.00 MiB\n/)
  expect(out).toMatch(/Work\n +forward +training step\n +per example +\d+\.?\d* FLOP +\d\.\d{3} kFLOP\n/)
  expect(out).not.toMatch(/per token|measured/)
})

test('deeper takes more, and momentum takes slots', async () => {
  const small = await figures('mlp', ...net, '--optimizer', 'sgd')
  const deep = await figures('mlp', '--data', csv, '--depth', '4', '--width', '8', '--optimizer', 'sgd')
  expect(small).toMatchObject({ batchSize: 32, accumulate: 1, parameters: { total }, bytes: { slots: 0 } })
  expect(deep.parameters.total - total).toBe(3 * (16 + 2 * (64 + 8)))
  expect(deep.bytes.activations).toBeGreaterThan(small.bytes.activations)
  const slots = (await figures('mlp', ...net, '--optimizer', 'sgd', '--momentum', '0.9')).bytes.slots
  expect(slots).toBe(4 * total)
})

test('a run, with its own batch size or another', async () => {
  expect(await figures(folder)).toMatchObject({ batchSize: 4, parameters: { total }, bytes: { slots: 0 } })
  expect(await figures(folder, '--batch-size', '9', '--accumulate', '2')).toMatchObject({ batchSize: 9, accumulate: 2 })
  const same = await figures('mlp', ...net, '--optimizer', 'sgd', '--batch-size', '4')
  expect(await figures(folder)).toEqual(same)
})

test.runIf(process.platform === 'linux')('measured beside computed', async () => {
  const { bytes, measured } = await figures('mlp', '--data', csv, '--width', '512', '--batch-size', '2048', '--measure')
  expect(bytes.peak / measured!.live).toBeGreaterThan(0.85)
  expect(bytes.peak / measured!.live).toBeLessThan(1.15)
  expect(measured!.resident).toBeGreaterThan(measured!.live / 2)
})

test('refuses what a run decides, and what is no run', async () => {
  await expect(inspect(folder, '--depth', '3')).rejects.toThrow('a run keeps its settings; leave out --depth')
  await expect(inspect('nowhere')).rejects.toThrow('nowhere')
  await expect(inspect('mlp')).rejects.toThrow('give the data')
  await expect(inspect(join(folder, 'checkpoints'))).rejects.toThrow('run.json')
})

import * as fs from 'node:fs'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { bits, collect, fresh, small, stored } from '../../test/training.ts'
import { DataError } from '../errors.ts'
import { readRun } from './files/run-folder.ts'
import { readScalars } from './files/scalars.ts'

vi.mock('node:fs', { spy: true })
const actual = await vi.importActual<typeof fs>('node:fs')

afterEach(() => {
  vi.resetAllMocks()
})

/** From now on nothing more can be written to any file. */
function fillDisk(): void {
  vi.mocked(fs.writeSync).mockImplementation(() => {
    throw Object.assign(new Error('ENOSPC: simulated'), { code: 'ENOSPC' })
  })
}

function freeDisk(): void {
  vi.mocked(fs.writeSync).mockImplementation(actual.writeSync)
}

const options = { steps: 8, batchSize: 16, checkpointEvery: 2 }

test.each([
  ['scalars', 3, 'scalars.jsonl', 4],
  ['a checkpoint', 4, join('checkpoints', 'step-000004'), 4],
  ['the model at the end', 8, 'model.onnx', 8],
])(
  'a disk that is full for %s ends the training with one error; both ways on lose nothing',
  async (_, at, path, step) => {
    const straight = await small()
    const straightRun = fresh()
    await collect(straight.train({ ...options, run: straightRun }))

    const run = fresh()
    const model = await small()
    const filling = async (): Promise<void> => {
      for await (const event of model.train({ ...options, run })) {
        if (event.type === (at === 8 ? 'end' : 'step') && event.step === at) fillDisk()
      }
    }
    const failure = filling()
    await expect(failure).rejects.toThrow(DataError)
    await expect(failure).rejects.toThrow(
      `${join(run, path)}: cannot write (ENOSPC). The disk is full: free some space and try again; what was stored before is intact`,
    )
    expect(model.step).toBe(step)
    freeDisk()
    expect(existsSync(join(run, 'lock'))).toBe(false)

    await collect((await small()).train({ ...options, run, resume: true }))
    expect(stored(run)).toEqual(stored(straightRun))
    expect(readRun(run).run.state).toBe('done')
    expect(readScalars(run).rows.map((row) => row.step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])

    await collect(model.train({ steps: 8 - step, batchSize: 16 }))
    expect(bits(await model.weights())).toEqual(bits(await straight.weights()))
  },
)

test('a disk that is full from the start leaves a folder that can be resumed', async () => {
  const run = fresh()
  const straightRun = fresh()
  await collect((await small()).train({ ...options, run: straightRun }))
  const model = await small()
  let writes = 0
  vi.mocked(fs.writeSync).mockImplementation((...args: unknown[]) => {
    if (++writes > 4) throw Object.assign(new Error('ENOSPC: simulated'), { code: 'ENOSPC' })
    return (actual.writeSync as (...all: unknown[]) => number)(...args)
  })
  await expect(collect(model.train({ ...options, run }))).rejects.toThrow('The disk is full')
  freeDisk()
  expect(existsSync(join(run, 'run.json'))).toBe(true)
  expect(existsSync(join(run, 'lock'))).toBe(false)
  await collect(model.train({ ...options, run, resume: true }))
  expect(stored(run)).toEqual(stored(straightRun))
})

import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { DataError, OptionError } from '../../errors.ts'
import { tensor } from '../../tensor.ts'
import { loadCheckpoint, removeCheckpointsAfter, saveCheckpoint, type Checkpoint } from './checkpoint.ts'

vi.mock('node:fs', { spy: true })
const actual = await vi.importActual<typeof fs>('node:fs')

let run: string
let checkpoints: string

beforeEach(() => {
  run = fs.mkdtempSync(join(tmpdir(), 'residua-checkpoint-'))
  checkpoints = join(run, 'checkpoints')
})

afterEach(() => {
  vi.resetAllMocks()
  fs.rmSync(run, { recursive: true, force: true })
})

const at = (step: number, weight = step): Checkpoint => ({
  step,
  tensors: {
    'linear.weight': tensor([weight, 0.5], [1, 2]),
    'linear.weight/adam.step': tensor(new Int32Array([step])),
  },
  state: { cursor: { epoch: 1, batch: step }, seed: 7, optimizer: 'adamW', best: null },
})

const path = (...names: string[]): string => join(checkpoints, ...names)
const names = (): string[] => fs.readdirSync(checkpoints).sort()
const latest = (): string => fs.readFileSync(path('latest'), 'utf8')

test('round trip', () => {
  saveCheckpoint(run, at(500))
  expect(names()).toEqual(['latest', 'step-000500'])
  expect(fs.readdirSync(path('step-000500')).sort()).toEqual(['state.json', 'tensors.safetensors'])
  const loaded = loadCheckpoint(run)
  expect(loaded.step).toBe(500)
  expect({ ...loaded.tensors }).toEqual(at(500).tensors)
  expect(loaded.state).toEqual(at(500).state)
  expect(loaded.skipped).toEqual([])
})

test('what a name stands for is on the disk before the name', () => {
  const order: string[] = []
  vi.mocked(fs.fsyncSync).mockImplementation((descriptor) => {
    order.push(actual.fstatSync(descriptor).isDirectory() ? 'sync folder' : 'sync file')
  })
  vi.mocked(fs.renameSync).mockImplementation((from, to) => {
    order.push('rename')
    actual.renameSync(from, to)
  })
  saveCheckpoint(run, at(1))
  const checkpoint = ['sync file', 'sync file', 'sync folder', 'rename', 'sync folder']
  expect(order).toEqual([...checkpoint, 'sync file', 'rename', 'sync folder'])
})

test('equal checkpoints have equal bytes', () => {
  saveCheckpoint(run, at(1))
  saveCheckpoint(join(run, 'other'), at(1))
  for (const file of ['state.json', 'tensors.safetensors']) {
    expect(fs.readFileSync(join(run, 'other', 'checkpoints', 'step-000001', file))).toEqual(
      fs.readFileSync(path('step-000001', file)),
    )
  }
})

test('the newest ones are kept, and by step, not by name', () => {
  for (const step of [5, 999_999, 1_000_000]) saveCheckpoint(run, at(step))
  expect(names()).toEqual(['latest', 'step-1000000', 'step-999999'])
  expect(latest()).toBe('step-1000000\n')
  expect(loadCheckpoint(run).step).toBe(1_000_000)
  expect(loadCheckpoint(run, 999_999).step).toBe(999_999)
  saveCheckpoint(run, at(1_000_001), 1)
  expect(names()).toEqual(['latest', 'step-1000001'])
})

test('a step saved twice holds what was saved last', () => {
  saveCheckpoint(run, at(3))
  saveCheckpoint(run, at(3, 42))
  expect(loadCheckpoint(run).tensors['linear.weight']?.data[0]).toBe(42)
  expect(names()).toEqual(['latest', 'step-000003'])
})

test('going back forgets the later ones', () => {
  for (const step of [1, 2, 3]) saveCheckpoint(run, at(step), 3)
  removeCheckpointsAfter(run, 1)
  expect(names()).toEqual(['latest', 'step-000001'])
  expect(latest()).toBe('step-000001\n')
  removeCheckpointsAfter(run, 0)
  expect(names()).toEqual([])
  removeCheckpointsAfter(join(run, 'nothing'), 0)
})

describe('damage', () => {
  beforeEach(() => {
    saveCheckpoint(run, at(1))
    saveCheckpoint(run, at(2))
  })

  const edit = (file: string, change: (text: string) => string): void =>
    fs.writeFileSync(path('step-000002', file), change(fs.readFileSync(path('step-000002', file), 'latin1')), 'latin1')

  test.each<[string, () => void, string]>([
    ['flipped byte', () => edit('tensors.safetensors', (text) => `${text.slice(0, -1)}?`), 'It is damaged'],
    ['cut tensors', () => edit('tensors.safetensors', (text) => text.slice(0, 20)), 'It is damaged'],
    ['no tensors', () => fs.rmSync(path('step-000002', 'tensors.safetensors')), 'ENOENT'],
    ['cut state', () => edit('state.json', (text) => text.slice(0, 30)), 'expected JSON'],
    ['empty state', () => edit('state.json', () => ''), 'expected JSON'],
    ['no state', () => fs.rmSync(path('step-000002', 'state.json')), 'ENOENT'],
    ['state of another step', () => edit('state.json', (text) => text.replace('"step": 2', '"step": 9')), 'got 9'],
    ['unknown field', () => edit('state.json', (text) => text.replace('{', '{"x":1,')), '"x"'],
    ['no format', () => edit('state.json', (text) => text.replace('"format": 1', '"format": "1"')), '"format"'],
    ['state no object', () => edit('state.json', () => '[]'), 'state.json: Invalid input: expected object'],
    [
      'inner state no object',
      () => edit('state.json', (text) => text.replace(/"state": [^]*/, '"state": []}')),
      '"state"',
    ],
    [
      'a file in its place',
      () => {
        fs.rmSync(path('step-000002'), { recursive: true })
        fs.writeFileSync(path('step-000002'), '')
      },
      'ENOTDIR',
    ],
  ])('%s: the one before is used, and the reason told', (_, damage, reason) => {
    damage()
    const loaded = loadCheckpoint(run)
    expect(loaded.step).toBe(1)
    expect(loaded.skipped).toHaveLength(1)
    expect(loaded.skipped[0]).toContain(path('step-000002'))
    expect(loaded.skipped[0]).toContain(reason)
    expect(() => loadCheckpoint(run, 2)).toThrow(DataError)
    expect(() => loadCheckpoint(run, 2)).toThrow(reason)
    saveCheckpoint(run, at(2))
    expect(loadCheckpoint(run)).toMatchObject({ step: 2, skipped: [] })
  })

  test('of all of them is an error that names each', () => {
    for (const name of ['step-000001', 'step-000002']) fs.writeFileSync(path(name, 'state.json'), '{')
    expect(() => loadCheckpoint(run)).toThrow(/no checkpoint is whole.*step-000002.*step-000001/)
  })

  test('a newer format is refused, not passed over', () => {
    edit('state.json', (text) => text.replace('"format": 1', '"format": 2'))
    expect(() => loadCheckpoint(run)).toThrow('format 2 is newer than this version reads (1). Update residua')
    expect(loadCheckpoint(run, 1).step).toBe(1)
  })

  test('other names in the folder are left alone', () => {
    for (const name of ['step-x', 'step-3', 'notes.txt']) fs.writeFileSync(path(name), '')
    saveCheckpoint(run, at(3), 1)
    expect(names()).toEqual(['latest', 'notes.txt', 'step-000003', 'step-3', 'step-x'])
  })
})

test('nothing to load', () => {
  expect(() => loadCheckpoint(run)).toThrow(`${checkpoints}: expected a checkpoint, got none`)
  saveCheckpoint(run, at(1))
  expect(() => loadCheckpoint(run, 2)).toThrow('expected a checkpoint of step 2, got those of steps 1')
})

test('what cannot be stored is refused before anything is written', () => {
  expect(() => saveCheckpoint(run, at(-1))).toThrow(OptionError)
  expect(() => saveCheckpoint(run, at(1.5))).toThrow(OptionError)
  expect(() => saveCheckpoint(run, at(1), 0)).toThrow(OptionError)
  expect(() => saveCheckpoint(run, { ...at(1), state: { best: NaN } })).toThrow('saveCheckpoint.state.best')
  expect(fs.existsSync(checkpoints)).toBe(false)
})

const calls = [
  'mkdirSync',
  'openSync',
  'writeSync',
  'fsyncSync',
  'closeSync',
  'renameSync',
  'rmSync',
  'readdirSync',
] as const

/** Lets the first `count` calls of the file system through; `fail` decides about the later ones. Returns the number made. */
function interrupt(count: number, fail: (made: number, name: string) => void): () => number {
  let made = 0
  for (const name of calls) {
    const original = actual[name] as (...given: unknown[]) => unknown
    vi.mocked(fs[name] as typeof original).mockImplementation((...given) => {
      if (made++ >= count) fail(made, name)
      return original(...given)
    })
  }
  return () => made
}

const killed = (): never => {
  throw new Error('killed')
}

/** Every situation in which a save may be interrupted: the first, a later one with pruning, one that replaces. */
const situations: [string, number[], Checkpoint][] = [
  ['a later checkpoint', [1], at(2)],
  ['a checkpoint that prunes another', [1, 2], at(3)],
  ['a checkpoint that replaces one', [1], at(1, 42)],
]

describe('interrupted at every call of the file system', () => {
  const weightOf = (loaded: Checkpoint): unknown => loaded.tensors['linear.weight']?.data[0]

  test.each(situations)('kill -9 while saving %s', (_, before, next) => {
    for (let count = 0, finished = false; !finished; count++) {
      actual.rmSync(checkpoints, { recursive: true, force: true })
      for (const step of before) saveCheckpoint(run, at(step))
      interrupt(count, killed)
      try {
        saveCheckpoint(run, next)
        finished = true
      } catch (error) {
        expect(String(error)).toContain('killed')
      }
      vi.resetAllMocks()
      const loaded = loadCheckpoint(run)
      expect(loaded.skipped).toEqual([])
      expect([before.at(-1), next.tensors['linear.weight']?.data[0]]).toContain(weightOf(loaded))
      if (finished) expect(count).toBeGreaterThan(20)

      saveCheckpoint(run, next)
      expect(weightOf(loadCheckpoint(run))).toBe(next.tensors['linear.weight']?.data[0])
      expect(names().filter((name) => !/^(latest|step-\d+)$/.test(name))).toEqual([])
    }
  })

  test('the first checkpoint: there is none, or it is whole', () => {
    for (let count = 0, finished = false; !finished; count++) {
      actual.rmSync(checkpoints, { recursive: true, force: true })
      interrupt(count, killed)
      try {
        saveCheckpoint(run, at(1))
        finished = true
      } catch (error) {
        expect(String(error)).toContain('killed')
      }
      vi.resetAllMocks()
      if (fs.existsSync(path('step-000001'))) expect(loadCheckpoint(run).step).toBe(1)
      else expect(() => loadCheckpoint(run)).toThrow('got none')
    }
  })

  test('a full disk: one clear error, the previous checkpoint and no leftovers', () => {
    saveCheckpoint(run, at(1))
    for (let count = 0, finished = false; !finished; count++) {
      const full = interrupt(count, (_, name) => {
        if (name === 'writeSync') throw Object.assign(new Error('ENOSPC: simulated'), { code: 'ENOSPC' })
      })
      try {
        saveCheckpoint(run, at(2))
        finished = true
      } catch (error) {
        expect(error).toBeInstanceOf(DataError)
        expect(String(error)).toContain('The disk is full: free some space')
      }
      vi.resetAllMocks()
      expect(full()).toBeGreaterThan(5)
      expect(loadCheckpoint(run).skipped).toEqual([])
      expect(names().filter((name) => !/^(latest|step-\d+)$/.test(name))).toEqual([])
    }
    expect(loadCheckpoint(run).step).toBe(2)
  })
})

test('a file in place of the folder', () => {
  fs.writeFileSync(checkpoints, '')
  expect(() => saveCheckpoint(run, at(1))).toThrow(/cannot write \((EEXIST|ENOTDIR)\)/)
  expect(() => loadCheckpoint(run)).toThrow(`${checkpoints}: cannot read (ENOTDIR)`)
})

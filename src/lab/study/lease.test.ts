import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { DataError } from '../../errors.ts'
import { type Lease, takeLease } from './lease.ts'

vi.mock('node:fs', { spy: true })
const actual = await vi.importActual<typeof fs>('node:fs')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'residua-lease-'))
})
afterEach(() => {
  vi.useRealTimers()
  vi.resetAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

const file = (generation: number): string => join(folder, `lease-${generation}`)
const change = (generation: number, fields: object): void => {
  const holder = JSON.parse(readFileSync(file(generation), 'utf8')) as object
  writeFileSync(file(generation), JSON.stringify({ ...holder, ...fields }))
}
const silence = (generation: number, seconds: number): void => {
  const { mtimeMs } = statSync(file(generation))
  utimesSync(file(generation), mtimeMs / 1000 - seconds, mtimeMs / 1000 - seconds)
}
const deadProcess = (): number => spawnSync(process.execPath, ['-e', '']).pid

test('one holder at a time; after its release the next goes on with its attempt', () => {
  const first = takeLease(folder)!
  expect(takeLease(folder)).toBeNull()
  expect(takeLease(folder, { machine: 'another' })).toBeNull()
  first.release()
  const second = takeLease(folder, { machine: 'another' })!
  expect([first.attempt, second.attempt]).toEqual([1, 1])
  expect([first.held(), second.held()]).toEqual([false, true])
  first.release()
  expect(second.held()).toBe(true)
  expect(readdirSync(folder).sort()).toEqual(['lease-1', 'lease-2'])
})

describe('on one machine', () => {
  test('the lease of a dead process is taken over at once, with its attempt', () => {
    takeLease(folder)
    change(1, { pid: deadProcess() })
    expect(takeLease(folder)!.attempt).toBe(1)
    expect(takeLease(folder)).toBeNull()
  })

  test('the lease of a live process is its own, however long it is silent', () => {
    if (process.platform !== 'linux') return // elsewhere a later process with the same id cannot be told from it
    takeLease(folder)
    silence(1, 3600)
    expect(takeLease(folder)).toBeNull()
    change(1, { startedAt: 'another boot 1' })
    expect(takeLease(folder)!.attempt).toBe(1)
  })
})

describe('on another machine', () => {
  test('a lease is respected up to its silence, then taken over with a new attempt by one of those that try', () => {
    const first = takeLease(folder, { machine: 'a' })!
    change(1, { pid: deadProcess() }) // an id of another machine means nothing here
    silence(1, 59)
    expect(takeLease(folder, { machine: 'b' })).toBeNull()
    silence(1, 2)
    expect(takeLease(folder, { machine: 'b' })!.attempt).toBe(2)
    expect(takeLease(folder, { machine: 'c' })).toBeNull()
    expect(first.held()).toBe(false)
  })

  test('silence is measured by the clock of the file system, not by that of this machine', () => {
    takeLease(folder, { machine: 'a' })
    vi.useFakeTimers({ now: Date.now() + 3_600_000, toFake: ['Date'] })
    expect(takeLease(folder, { machine: 'b' })).toBeNull()
    silence(1, 61)
    vi.setSystemTime(0)
    expect(takeLease(folder, { machine: 'b' })).not.toBeNull()
  })

  test('a taker that is overtaken between looking and taking gets nothing', () => {
    takeLease(folder, { machine: 'a' })
    silence(1, 61)
    const faster: (Lease | null)[] = []
    vi.mocked(fs.linkSync).mockImplementationOnce((from, to) => {
      faster.push(takeLease(folder, { machine: 'c' }))
      actual.linkSync(from, to)
    })
    expect(takeLease(folder, { machine: 'b' })).toBeNull()
    expect(faster.map((lease) => lease?.held())).toEqual([true])
    expect(readdirSync(folder).sort()).toEqual(['lease-1', 'lease-2'])
  })
})

describe('signs of life', () => {
  test('a lease that is renewed is never silent', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    takeLease(folder, { machine: 'a' })
    silence(1, 61)
    const before = readFileSync(file(1), 'utf8')
    vi.advanceTimersByTime(10_000)
    expect(readFileSync(file(1), 'utf8')).toBe(before)
    expect(takeLease(folder, { machine: 'b' })).toBeNull()
  })

  test('a holder that was asleep sees that it has lost, and leaves the lease of the other alone', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const first = takeLease(folder, { machine: 'a' })!
    silence(1, 61)
    const second = takeLease(folder, { machine: 'b' })!
    const files = (): unknown[] => [1, 2].map((n) => [readFileSync(file(n), 'utf8'), statSync(file(n)).mtimeMs])
    silence(2, 30)
    const before = files()
    expect(first.lost.aborted).toBe(false)
    vi.advanceTimersByTime(9_999)
    expect(first.lost.aborted).toBe(false)
    expect(files()).toEqual(before)
    vi.advanceTimersByTime(1)
    expect(() => first.lost.throwIfAborted()).toThrow(/another worker has taken it over; this one gave no sign of life/)
    expect(second.held()).toBe(true)
    first.release()
    expect(takeLease(folder, { machine: 'c' })).toBeNull()
  })

  test('a lease whose file is gone is lost', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const lease = takeLease(folder)!
    rmSync(file(1))
    vi.advanceTimersByTime(10_000)
    expect(() => lease.lost.throwIfAborted()).toThrow(/lease-1: cannot read \(ENOENT\)/)
    expect(lease.held()).toBe(false)
    lease.release()
    expect(readdirSync(folder)).toEqual([])
  })

  test('end with the release', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    takeLease(folder)!.release()
    expect(vi.getTimerCount()).toBe(0)
  })
})

test('a damaged lease is told, with what to do', () => {
  writeFileSync(file(3), '{"pid":')
  expect(() => takeLease(folder)).toThrow(DataError)
  expect(() => takeLease(folder)).toThrow(/lease-3: expected JSON.*If no process works in this folder, delete the file/)
  expect(() => takeLease(join(folder, 'missing'))).toThrow(/cannot write \(ENOENT\)/)
})

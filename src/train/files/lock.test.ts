import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { DataError, OptionError } from '../../errors.ts'
import { lockRun } from './lock.ts'

vi.mock('node:fs', { spy: true })
const actual = await vi.importActual<typeof fs>('node:fs')

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'residua-lock-'))
})

afterEach(() => {
  vi.resetAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

const holder = (change: object): string =>
  JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), startedAt: null, ...change })
const leave = (name: string, change: object = {}): void => writeFileSync(join(folder, name), holder(change))

test('one holder at a time, and the folder is free again after release', () => {
  const first = lockRun(folder)
  expect(JSON.parse(readFileSync(join(folder, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid, host: hostname() })
  expect(() => lockRun(folder)).toThrow(OptionError)
  expect(() => lockRun(folder)).toThrow(`run folder ${folder} is in use by process ${process.pid}; wait for it`)
  first.release()
  expect(readdirSync(folder)).toEqual([])
  const second = lockRun(folder)
  first.release()
  expect(existsSync(join(folder, 'lock'))).toBe(true)
  second.release()
})

describe('a lock left behind', () => {
  test('by a dead process is taken over, also where a takeover was interrupted', () => {
    for (const name of ['lock', 'lock-takeover', 'lock-takeover-takeover']) {
      leave(name)
      const lock = lockRun(folder)
      expect(JSON.parse(readFileSync(join(folder, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid })
      expect(readdirSync(folder).filter((other) => other.startsWith('.'))).toEqual([])
      lock.release()
      leave('lock')
    }
  })

  test('by a process whose id another process has now is taken over', () => {
    if (process.platform !== 'linux') return
    leave('lock', { pid: process.ppid, startedAt: 'earlier boot 1' })
    lockRun(folder).release()
    expect(readdirSync(folder)).toEqual([])
  })

  test('by a killed process that its parent has not waited for is taken over', async () => {
    if (process.platform !== 'linux') return
    const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 20'], { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      const [line] = (await once(parent.stdout, 'data')) as [Buffer]
      const pid = Number(line.toString())
      const fields = (): string[] =>
        readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/^.*\) /, '')
          .split(' ')
      await vi.waitFor(() => expect(fields()[0]).toBe('Z'))
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
      leave('lock', { pid, startedAt: `${boot} ${fields()[19]}` })
      lockRun(folder).release()
    } finally {
      parent.kill()
    }
    expect(readdirSync(folder)).toEqual([])
  })

  test('is not replaced when another process was faster', () => {
    leave('lock')
    vi.mocked(fs.linkSync).mockImplementation((from, to) => {
      if (String(to).endsWith('-takeover')) leave('lock', { pid: process.ppid })
      actual.linkSync(from, to)
    })
    expect(() => lockRun(folder)).toThrow(`in use by process ${process.ppid};`)
    expect(readFileSync(join(folder, 'lock'), 'utf8')).toBe(holder({ pid: process.ppid }))
    expect(readdirSync(folder)).toEqual(['lock'])
  })

  test('and released while it is looked at is free', () => {
    leave('lock', { pid: process.ppid })
    vi.mocked(fs.linkSync).mockImplementationOnce((from, to) => {
      try {
        actual.linkSync(from, to)
      } finally {
        rmSync(to)
      }
    })
    lockRun(folder).release()
    expect(readdirSync(folder)).toEqual([])
  })

  test('by a process that may be alive is respected', () => {
    leave('lock', { pid: process.ppid })
    expect(() => lockRun(folder)).toThrow(`in use by process ${process.ppid};`)
    leave('lock', { host: 'elsewhere' })
    expect(() => lockRun(folder)).toThrow(
      `in use by process ${2 ** 22 + 1} on host elsewhere; wait for it, stop it, or choose another folder. ` +
        `If it is gone, delete ${join(folder, 'lock')}`,
    )
    expect(readdirSync(folder)).toEqual(['lock'])
  })

  test('is respected while a live process takes it over', () => {
    leave('lock')
    leave('lock-takeover', { pid: process.ppid })
    expect(() => lockRun(folder)).toThrow(`in use by process ${process.ppid};`)
    expect(readdirSync(folder).sort()).toEqual(['lock', 'lock-takeover'])
  })
})

test.each(['', '{', '[]', '{"pid":0,"host":"x","startedAt":null}', '{"pid":"1"}', '\0\0'])(
  'a damaged lock: %j',
  (text) => {
    writeFileSync(join(folder, 'lock'), text)
    expect(() => lockRun(folder)).toThrow(DataError)
    expect(() => lockRun(folder)).toThrow('If no process uses the run, delete this file')
    expect(readdirSync(folder)).toEqual(['lock'])
  },
)

test('a folder that cannot be written', () => {
  writeFileSync(join(folder, 'file'), '')
  expect(() => lockRun(join(folder, 'file'))).toThrow('cannot write (ENOTDIR). A part of the path is a file')
  expect(() => lockRun(join(folder, 'missing'))).toThrow('cannot write (ENOENT)')
  mkdirSync(join(folder, 'lock'))
  expect(() => lockRun(folder)).toThrow(DataError)
})

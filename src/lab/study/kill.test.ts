/** Eight real processes on one study, killed with `kill -9` at random moments and replaced; uses the built package. */
import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { random } from '../../random.ts'
import { directoryStore } from './directory-store.ts'

interface Line {
  /** Workers write begin, resume, end and lost; the test writes kill. */
  readonly type: string
  readonly worker: number
  readonly cell?: string
}

const script = resolve(import.meta.dirname, '../../../test/study-worker.mjs')
let root: string
let study: string
let log: string
let workers = 0
let alive: Map<number, ChildProcess>
let failures: string[]

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'residua-kill-study-'))
  study = join(root, 'study')
  log = join(root, 'log')
  alive = new Map()
  failures = []
})
afterEach(() => {
  for (const child of alive.values()) child.kill('SIGKILL')
  rmSync(root, { recursive: true })
})

function start(kind: string, folder = study): number {
  const worker = ++workers
  const arguments_ = [script, kind, folder, log, String(worker)]
  const child = spawn(process.execPath, arguments_, { stdio: ['ignore', 'ignore', 'pipe'] })
  alive.set(worker, child)
  let told = ''
  child.stderr.on('data', (data: Buffer) => {
    told += data.toString()
  })
  child.on('close', (code, signal) => {
    alive.delete(worker)
    if (code !== 0 && signal !== 'SIGKILL') failures.push(`worker ${worker}: code ${code}, signal ${signal}: ${told}`)
  })
  return worker
}

/** The line comes first: what the log says of this worker after it, the others need not respect. */
function kill(worker: number): void {
  appendFileSync(log, `${JSON.stringify({ type: 'kill', worker })}\n`)
  alive.get(worker)!.kill('SIGKILL')
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 100_000
  while (!condition()) {
    expect(failures).toEqual([])
    if (performance.now() > deadline) throw new Error('the processes do not come to an end')
    await sleep(5)
  }
}

function lines(): Line[] {
  const text = existsSync(log) ? readFileSync(log, 'utf8') : ''
  return Array.from(text.matchAll(/.+\n/g), ([line]) => JSON.parse(line) as Line)
}

const begins = ({ type }: Line): boolean => type === 'begin' || type === 'resume'

/** The cells that have a result; writers that were killed may have left passing files beside them. */
function results(): string[] {
  const folder = join(study, 'results')
  const names = existsSync(folder) ? readdirSync(folder) : []
  return names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length))
}

/** Eight workers, of which random ones that have begun a cell are killed and replaced; the last come to an end. */
async function disturb(kind: string, kills: number, spreadMs: number, spared?: number): Promise<void> {
  const source = random(5, `kill.${kind}`)
  for (let i = 0; i < 8; i++) start(kind)
  for (let i = 0; i < kills; i++) {
    await sleep(source.uniform() * spreadMs)
    let busy: number[] = []
    await until(() => {
      const begun = new Set(Array.from(lines().filter(begins), ({ worker }) => worker))
      const left = [...alive.keys()].filter((worker) => worker !== spared)
      busy = left.filter((worker) => begun.has(worker))
      return busy.length > 0 || left.length === 0
    })
    if (busy.length === 0) break // they were faster than the kills
    kill(busy[source.below(busy.length)]!)
    start(kind)
  }
  await until(() => alive.size === 0)
  expect(failures).toEqual([])
}

/** Who ran a cell while another live worker did, and how many cells were interrupted. */
function audit(log: readonly Line[]): { readonly together: string[]; readonly interrupted: number } {
  const running = new Map<string, Set<number>>()
  const killed = new Set<number>()
  const together: string[] = []
  let interrupted = 0
  for (const line of log) {
    const { type, worker, cell = '' } = line
    const others = running.get(cell) ?? new Set()
    if (begins(line)) {
      if (others.size > 0) together.push(`${cell}: ${worker} while ${[...others].join(', ')}`)
      if (!killed.has(worker)) running.set(cell, others.add(worker))
    } else if (type === 'kill') {
      killed.add(worker)
      for (const holders of running.values()) if (holders.delete(worker)) interrupted++
    } else others.delete(worker)
  }
  return { together, interrupted }
}

/** What must be true of a log, however the kills fell. Gives its lines back. */
function check(cells: number): readonly Line[] {
  const log = lines()
  const begun = new Set(log.filter(begins).map(({ cell }) => cell!))
  const ended = log.filter(({ type }) => type === 'end').map(({ cell }) => cell)
  expect(begun.size).toBe(cells)
  expect(results().sort()).toEqual([...begun].sort())
  expect(ended).toHaveLength(new Set(ended).size)
  expect(audit(log).interrupted).toBeGreaterThan(0)
  return log
}

test('the audit sees two live workers on one cell, and forgives one that was killed', () => {
  const line = (type: string, worker: number, cell = 'a'): Line => ({ type, worker, cell })
  const [first, second] = [line('begin', 1), line('resume', 2)]
  expect(audit([first, line('begin', 2, 'b'), second]).together).toEqual(['a: 2 while 1'])
  expect(audit([first, line('end', 1), second]).together).toEqual([])
  expect(audit([first, line('kill', 1), second])).toEqual({ together: [], interrupted: 1 })
  expect(audit([line('kill', 1), first, second]).together).toEqual([])
  expect(audit([second, line('kill', 1), first]).together).toEqual(['a: 1 while 2'])
})

describe('killed and replaced at random', { timeout: 120_000 }, () => {
  test('eight processes run every cell once, and no two of them one at the same time', async () => {
    await disturb('cells', 24, 40)
    const log = check(120)
    expect(audit(log).together).toEqual([])
    expect(log.filter(({ type }) => type === 'resume').length).toBeGreaterThan(0)
    const store = directoryStore(study)
    for (const { cell, worker } of log.filter(({ type }) => type === 'end'))
      expect(store.result(cell!)!.versions).toEqual({ worker: String(worker) })
  })

  test('eight machines lose no cell, and one that slept through its lease does not publish', async () => {
    const sleeper = start('machines')
    const child = alive.get(sleeper)!
    let cell = ''
    const asleep = async (): Promise<boolean> => {
      await until(() => lines().length > 0)
      child.kill('SIGSTOP')
      await sleep(50)
      const last = lines().at(-1)!
      cell = last.cell!
      if (last.type === 'begin' && !results().includes(cell)) return true
      child.kill('SIGCONT') // it was between two cells
      return false
    }
    while (!(await asleep())) await sleep(5)
    const taken = until(() => lines().some((line) => begins(line) && line.cell === cell && line.worker !== sleeper))
    await Promise.all([disturb('machines', 6, 40, sleeper), taken.then(() => child.kill('SIGCONT'))])
    const log = check(40)
    const its = log.filter((line) => line.worker === sleeper && line.cell === cell).map(({ type }) => type)
    expect(its.slice(0, 2)).toEqual(['begin', 'lost'])
    expect(log.filter(({ type }) => type === 'resume')).toEqual([]) // the machine before may still write there
  })

  test('a study of eight processes says the same, byte for byte, as one left alone', async () => {
    const whole = join(root, 'whole')
    start('study', whole)
    await until(() => alive.size === 0)
    rmSync(log)
    await disturb('study', 6, 300)
    expect(audit(check(16)).together).toEqual([])
    for (const name of ['summary.json', 'plan.json'])
      expect(readFileSync(join(study, name), 'utf8')).toBe(readFileSync(join(whole, name), 'utf8'))
  })
})

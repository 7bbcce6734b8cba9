import { randomUUID } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { boolean, type infer as Infer, int, nullable, strictObject, string } from 'zod'
import { DataError, messageOf, OptionError } from '../../errors.ts'
import { discard, temporaryName, writeAtomic } from '../../files/atomic.ts'
import { diskError, readText } from '../../files/disk.ts'
import { checkJson, parseJson } from '../../files/json.ts'
import { isRunning, ownStart } from '../../train/files/lock.ts'
import { writeOnce } from './write-once.ts'

export interface LeaseOptions {
  /** Where process ids mean something. Default: host name, boot and process namespace. */
  readonly machine?: string
  /** Time between two signs of life, ms. Default 10,000. */
  readonly renewMs?: number
  /** Silence after which another machine may take the lease over, ms. Default 60,000. */
  readonly staleMs?: number
}

/** Work in a folder that is this worker's own until it releases or loses it. */
export interface Lease {
  /** The same number as the holder before where that one has surely stopped: its files may be gone on with. Else a new one. */
  readonly attempt: number
  /** Aborted, with an error that says why, once another worker has the work or no sign of life can be given. */
  readonly lost: AbortSignal
  /** Looks whether it is still held. */
  held(): boolean
  release(): void
}

const holderSchema = strictObject({
  machine: string(),
  pid: int().positive(),
  startedAt: nullable(string()),
  nonce: string(),
  attempt: int().positive(),
  released: boolean(),
})

/** Two hosts may have one name, and two containers of one host the same process ids. */
function thisMachine(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${hostname()} ${boot} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname() // no /proc
  }
}

type Holder = Infer<typeof holderSchema>

const pathOf = (folder: string, generation: number): string => join(folder, `lease-${generation}`)

function latestGeneration(folder: string): number {
  return Math.max(0, ...readdirSync(folder).map((name) => Number(/^lease-(\d+)$/.exec(name)?.[1] ?? 0)))
}

function readHolder(path: string): Holder {
  try {
    return checkJson(parseJson(readText(path), path), holderSchema, path)
  } catch (error) {
    throw new DataError(`${messageOf(error)}. If no process works in this folder, delete the file`)
  }
}

/** Time since the last sign of life by the clock of the file system, ms: those of two machines need not agree. */
function silenceOf(path: string, folder: string): number {
  const probe = join(folder, temporaryName())
  try {
    writeFileSync(probe, '\n')
    const now = statSync(probe).mtimeMs
    const descriptor = openSync(path, 'r') // NFS asks the server on open; a bare stat may be a minute old
    try {
      return now - fstatSync(descriptor).mtimeMs
    } finally {
      closeSync(descriptor)
    }
  } finally {
    discard(probe)
  }
}

/** Keeps a lease that was just taken alive. */
function hold(folder: string, generation: number, holder: Holder, renewMs: number): Lease {
  const path = pathOf(folder, generation)
  const content = JSON.stringify(holder)
  const loss = new AbortController()
  const lose = (error: unknown): void => {
    clearInterval(timer)
    loss.abort(error)
  }
  const held = (): boolean => {
    if (loss.signal.aborted) return false
    try {
      if (readText(path) === content && !existsSync(pathOf(folder, generation + 1))) return true
      lose(new OptionError(`${folder}: another worker has taken it over; this one gave no sign of life for too long`))
    } catch (error) {
      lose(error)
    }
    return false
  }
  const renew = (): void => {
    if (!held()) return
    try {
      writeFileSync(path, content, { flag: 'r+' }) // the same bytes: only the time changes, and the server sets it
    } catch (error) {
      lose(diskError('write', path, error))
    }
  }
  const timer = setInterval(renew, renewMs).unref()
  return {
    attempt: holder.attempt,
    lost: loss.signal,
    held,
    release() {
      clearInterval(timer)
      if (!held()) return
      try {
        writeAtomic(path, JSON.stringify({ ...holder, released: true }))
      } catch {
        // it is taken over once this process has ended
      }
    },
  }
}

/**
 * Reserves the work in a folder through a file `lease-{n}`, which is renewed as a sign of life; null while another worker
 * has it. Whether one on this machine lives, the system says; one on another machine is given up after its silence.
 *
 * A lease is taken over by making the next file, never by touching the last: of several takers one succeeds, however slow
 * the others are, and the holder before sees that it has lost. Throws DataError for a damaged file or a folder that cannot
 * be written.
 */
export function takeLease(folder: string, options: LeaseOptions = {}): Lease | null {
  const { machine = thisMachine(), renewMs = 10_000, staleMs = 60_000 } = options
  try {
    const latest = latestGeneration(folder)
    let attempt = latest + 1
    if (latest > 0) {
      const before = readHolder(pathOf(folder, latest))
      const running = before.machine === machine ? isRunning(before.pid, before.startedAt) : null
      if (before.released || running === false) attempt = before.attempt
      else if (running === true && before.startedAt !== null) return null
      else if (silenceOf(pathOf(folder, latest), folder) < staleMs) return null
    }
    const holder = { machine, pid: process.pid, startedAt: ownStart(), nonce: randomUUID(), attempt, released: false }
    if (!writeOnce(pathOf(folder, latest + 1), JSON.stringify(holder))) return null
    return hold(folder, latest + 1, holder, renewMs)
  } catch (error) {
    throw diskError('write', folder, error)
  }
}

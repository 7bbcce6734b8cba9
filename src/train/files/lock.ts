import { existsSync, linkSync, readFileSync, renameSync, unlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'
import { int, nullable, strictObject, string } from 'zod'
import { DataError, OptionError, messageOf } from '../../errors.ts'
import { discard, writeSynced } from '../../files/atomic.ts'
import { diskError, readText, systemCode } from '../../files/disk.ts'
import { checkJson, parseJson } from '../../files/json.ts'

/** Which process holds a lock; `startedAt` tells it from a later process with the same id (null where unknown). */
interface Holder {
  readonly pid: number
  readonly host: string
  readonly startedAt: string | null
}

const holderSchema = strictObject({ pid: int().positive(), host: string(), startedAt: nullable(string()) })

/** State and start of a process out of /proc: boot id and clock ticks since boot. Undefined where there is no /proc. */
function processStat(pid: number): { state: string; startedAt: string } | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ') // field 3 (state) onwards; field 22 is the start
    return { state: fields[0] ?? '', startedAt: `${boot} ${fields[19]}` }
  } catch {
    return undefined
  }
}

/** When this process started, in the form `isRunning` wants. Null where there is no /proc. */
export const ownStart = (): string | null => processStat(process.pid)?.startedAt ?? null

/** Whether a process of this machine may still be running; `startedAt` tells it from a later one with the same id. */
export function isRunning(pid: number, startedAt: string | null): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (systemCode(error) === 'ESRCH') return false
  }
  const stat = processStat(pid)
  if (stat === undefined || startedAt === null) return true
  return stat.startedAt === startedAt && stat.state !== 'Z' && stat.state !== 'X'
}

/** Whether the holder may still be running. A process of another host cannot be seen from here and counts as alive. */
const isAlive = ({ pid, host, startedAt }: Holder): boolean => host !== hostname() || isRunning(pid, startedAt)

/** Who holds the lock at `path`; undefined when nobody does. */
function readHolder(path: string): Holder | undefined {
  try {
    return checkJson(parseJson(readText(path), path), holderSchema, path)
  } catch (error) {
    if (!existsSync(path)) return undefined
    throw new DataError(`${messageOf(error)}. If no process uses the run, delete this file`)
  }
}

/** Gives `from` the second name `to`; false when `to` exists. Unlike rename, it never replaces. */
function linkNew(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    throw error
  }
}

function sameHolder(a: Holder | undefined, b: Holder): boolean {
  return a?.pid === b.pid && a.host === b.host && a.startedAt === b.startedAt
}

/**
 * Makes a copy of `mine` the file at `path`, or throws OptionError when a live process holds it.
 *
 * A dead holder's file is replaced only under a second lock of the same kind, and only if it is still there then.
 * So of all the processes that found the same dead holder one replaces it, and the others find the new holder.
 */
function acquire(path: string, mine: string, folder: string): void {
  while (!linkNew(mine, path)) {
    const holder = readHolder(path)
    if (holder === undefined) continue
    if (isAlive(holder)) {
      const where = holder.host === hostname() ? '' : ` on host ${holder.host}`
      throw new OptionError(
        `run folder ${folder} is in use by process ${holder.pid}${where}; wait for it, stop it, or choose another folder` +
          (where === '' ? '' : `. If it is gone, delete ${path}`),
      )
    }
    const guard = `${path}-takeover`
    acquire(guard, mine, folder)
    try {
      if (!sameHolder(readHolder(path), holder)) continue
      const copy = `${mine}-copy`
      linkSync(mine, copy)
      renameSync(copy, path)
      return
    } finally {
      unlinkSync(guard)
    }
  }
}

let locks = 0

/**
 * Reserves a run folder for this process through its file `lock`, which names the process; `release` gives it back.
 *
 * The lock of a process that died on this machine is taken over; of several that try, one succeeds. Throws OptionError
 * when a live process, this one included, holds it; DataError when the folder cannot be written.
 */
export function lockRun(folder: string): { release(): void } {
  const path = join(folder, 'lock')
  const me: Holder = { pid: process.pid, host: hostname(), startedAt: ownStart() }
  const mine = join(folder, `.lock-${process.pid}-${threadId}-${locks++}`)
  try {
    discard(mine)
    writeSynced(mine, `${JSON.stringify(me)}\n`)
    acquire(path, mine, folder)
  } catch (error) {
    throw diskError('write', path, error)
  } finally {
    discard(mine)
  }
  let held = true
  return {
    release() {
      if (!held) return
      held = false
      if (sameHolder(readHolder(path), me)) unlinkSync(path)
    },
  }
}

import { randomUUID } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { diskError, writeAll } from './disk.ts'

const temporaryPrefix = '.tmp-'

/** A name that no other writer uses, on any machine; `removeLeftovers` removes it after a crash. */
export const temporaryName = (): string => `${temporaryPrefix}${randomUUID()}`

/** Removes a file or folder of our own after a failure; a second failure must not hide the first. */
export function discard(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch {
    return
  }
}

/** Removes what writers that were killed left in `folder`. Only the process that holds the run's lock may call it. */
export function removeLeftovers(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith(temporaryPrefix)) rmSync(join(folder, name), { recursive: true, force: true })
  }
}

/** Makes the names in `folder` durable. Windows has no such call and needs none. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** What a file will hold: its bytes, its text, or what writes it piece by piece. */
export type Content = Uint8Array | string | ((descriptor: number) => void)

/** Writes a file that does not exist yet and waits until the disk has it. */
export function writeSynced(path: string, content: Content): void {
  const descriptor = openSync(path, 'wx')
  try {
    if (typeof content === 'function') content(descriptor)
    else writeAll(descriptor, typeof content === 'string' ? new TextEncoder().encode(content) : content)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/**
 * Replaces the file at `path` in one step: readers and crashes see the old content or the new, never a mixture.
 *
 * Throws DataError when the disk is full or the folder cannot be written; the old file is then intact.
 */
export function writeAtomic(path: string, content: Content): void {
  const folder = dirname(path)
  const temporary = join(folder, temporaryName())
  try {
    rmSync(temporary, { force: true })
    writeSynced(temporary, content)
    renameSync(temporary, path)
    syncFolder(folder)
  } catch (error) {
    discard(temporary)
    throw diskError('write', path, error)
  }
}

import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { DataError, ResiduaError, messageOf } from '../errors.ts'

const remedies: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: free some space and try again; what was stored before is intact',
  EDQUOT: 'The disk quota is used up: free some space and try again; what was stored before is intact',
  EACCES: 'No permission: choose another folder or change its permissions',
  EPERM: 'No permission: choose another folder or change its permissions',
  EROFS: 'The file system is read-only: choose another folder',
  ENOENT: 'It is missing: check the path',
  ENOTDIR: 'A part of the path is a file: check the path',
  EEXIST: 'A file is in the way: check the path',
  EISDIR: 'A folder is in the way: check the path',
}

/** The code of an error of the operating system (`ENOENT`), else undefined. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
}

/** `path: cannot write (ENOSPC). What to do` for whatever the file system threw; errors of Residua pass unchanged. */
export function diskError(action: 'read' | 'write' | 'remove', path: string, error: unknown): ResiduaError {
  if (error instanceof ResiduaError) return error
  const code = systemCode(error)
  const remedy = code === undefined ? undefined : remedies[code]
  const reason = remedy ? code : messageOf(error)
  return new DataError(`${path}: cannot ${action} (${reason}). ${remedy ?? 'Check the disk'}`, { cause: error })
}

const chunkBytes = 2 ** 30

/** Views of at most 1 GiB each, since one call of write, read or hash takes less than 2 GiB. */
export function* chunks(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += chunkBytes) yield bytes.subarray(start, start + chunkBytes)
}

/** Writes all of `bytes`, in as many calls as the system needs. */
export function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (const chunk of chunks(bytes)) {
    for (let done = 0; done < chunk.length;) done += writeSync(descriptor, chunk, done)
  }
}

/** The content of a file in memory of its own. Throws DataError when it cannot be read or exceeds `limit` bytes. */
export function readBytes(path: string, limit: number = Infinity): Uint8Array {
  try {
    const descriptor = openSync(path, 'r')
    try {
      const { size } = fstatSync(descriptor)
      if (size > limit) throw new DataError(`${path}: expected at most ${limit} bytes, got ${size}`)
      const bytes = new Uint8Array(size)
      for (const chunk of chunks(bytes)) {
        for (let done = 0; done < chunk.length;) {
          const count = readSync(descriptor, chunk, done, chunk.length - done, null)
          if (count === 0) throw new DataError(`${path}: expected ${size} bytes, but the file shrank while it was read`)
          done += count
        }
      }
      return bytes
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    throw diskError('read', path, error)
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** `bytes` as UTF-8. Throws DataError that starts with `where` when they are not. */
export function decodeText(bytes: Uint8Array, where: string): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new DataError(`${where}: expected UTF-8 text, got other bytes`)
  }
}

const textLimit = 2 ** 28

/** A text file of at most 256 MiB. Throws DataError as `readBytes` does. */
export function readText(path: string): string {
  return decodeText(readBytes(path, textLimit), path)
}

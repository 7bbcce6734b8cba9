import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { DataError } from '../../errors.ts'
import { decodeText, diskError, readBytes, systemCode } from '../../files/disk.ts'

/** A file that grows by whole records. */
export interface Appender {
  /** Adds one record by one write call; on failure the file keeps its old length and DataError is thrown. */
  append(record: Uint8Array | string): void
  /** Waits until the disk has all records. */
  sync(): void
  close(): void
}

/** Opens a file for appending, which nobody else does meanwhile; it is created when missing. Throws DataError when it cannot be. */
export function openAppender(path: string): Appender {
  let descriptor: number
  try {
    descriptor = openSync(path, 'a')
  } catch (error) {
    throw diskError('write', path, error)
  }
  let { size } = fstatSync(descriptor)
  return {
    append(record) {
      const bytes = typeof record === 'string' ? Buffer.from(record) : record
      try {
        const written = writeSync(descriptor, bytes)
        if (written < bytes.length)
          throw new DataError(`${path}: wrote ${written} of ${bytes.length} bytes; the disk is full. Free some space`)
        size += written
      } catch (error) {
        ftruncateSync(descriptor, size)
        throw diskError('write', path, error)
      }
    },
    sync() {
      fsyncSync(descriptor)
    },
    close() {
      closeSync(descriptor)
    },
  }
}

/** One line of a file; `end` is the offset of the byte after its line break. */
export interface Line {
  readonly number: number
  readonly text: string
  readonly end: number
}

/** A growing file of at most `logLimit` bytes; empty when it is missing. */
export function readLog(path: string): Uint8Array {
  try {
    return readBytes(path, logLimit)
  } catch (error) {
    if (error instanceof DataError && systemCode(error.cause) === 'ENOENT') return new Uint8Array(0)
    throw error
  }
}

const logLimit = 2 ** 31

/** The complete lines of a file, none when it is missing; what follows the last line break was torn by a crash. */
export function* readLines(path: string): Generator<Line> {
  const bytes = readLog(path)
  let start = 0
  for (let number = 1; ; number++) {
    const newline = bytes.indexOf(10, start)
    if (newline < 0) return
    yield { number, text: decodeText(bytes.subarray(start, newline), `${path}: line ${number}`), end: newline + 1 }
    start = newline + 1
  }
}

/** Shortens a file to `length` bytes, if it is longer, and waits until the disk has done so. */
export function cutFile(path: string, length: number): void {
  try {
    const descriptor = openSync(path, 'r+')
    try {
      if (fstatSync(descriptor).size <= length) return
      ftruncateSync(descriptor, length)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw diskError('write', path, error)
  }
}

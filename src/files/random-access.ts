import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { DataError } from '../errors.ts'
import { chunks, diskError } from './disk.ts'

/** Bytes of a known number, read a part at a time. */
export interface ByteSource {
  readonly size: number
  /** The bytes at `position`; all of them must lie inside. */
  read(position: number, length: number): Uint8Array
}

export interface OpenFile extends ByteSource {
  readonly path: string
  /** Fills `target` with the bytes at `position`. */
  readInto(target: Uint8Array, position: number): void
  close(): void
}

export function sourceOf(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: (position, length) => bytes.subarray(position, position + length) }
}

/** Opens a regular file for reading at any position. Its methods throw DataError, so does opening. */
export function openFile(path: string): OpenFile {
  let descriptor: number | undefined
  let size: number
  try {
    // Opening a pipe would wait for its writer.
    if (!statSync(path).isFile()) throw new DataError(`${path}: expected a file, got a folder or a device`)
    descriptor = openSync(path, 'r')
    size = fstatSync(descriptor).size
  } catch (error) {
    throw diskError('read', path, error)
  }

  const readInto = (target: Uint8Array, position: number): void => {
    if (descriptor === undefined) throw new DataError(`${path}: cannot read after close. Open it again`)
    let at = position
    try {
      for (const chunk of chunks(target)) {
        for (let done = 0; done < chunk.length;) {
          const count = readSync(descriptor, chunk, done, chunk.length - done, at)
          if (count === 0)
            throw new DataError(`${path}: expected ${size} bytes, but the file shrank after it was opened`)
          done += count
          at += count
        }
      }
    } catch (error) {
      throw diskError('read', path, error)
    }
  }
  return {
    path,
    size,
    readInto,
    read(position, length) {
      const bytes = new Uint8Array(length)
      readInto(bytes, position)
      return bytes
    },
    close() {
      if (descriptor !== undefined) closeSync(descriptor)
      descriptor = undefined
    },
  }
}

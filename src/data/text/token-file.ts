/**
 * Flat files of token ids, everything little-endian:
 *
 *     byte 0   8 bytes  magic, "RSDTOKEN"
 *     byte 8   uint32   version, 1
 *     byte 12  uint32   bytes of one token, 2 or 4
 *     byte 16  uint64   number of tokens
 *     byte 24           the tokens, uint16 or uint32 each, up to the end of the file
 */
import { createHash } from 'node:crypto'
import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs'
import { DataError } from '../../errors.ts'
import { diskError, writeAll } from '../../files/disk.ts'
import type { TokenType } from './token-array.ts'
import type { Tokens } from './windows.ts'

const magic = 'RSDTOKEN'
const version = 1
const headerBytes = 24
const widthOf: Readonly<Record<TokenType, 2 | 4>> = { uint16: 2, uint32: 4 }
const bufferBytes = 2 ** 20

export interface TokenFileWriter {
  append(ids: Int32Array): void
  /** Completes the header, waits until the disk has the file, and gives the sha256 (hex) of its tokens, header left out. */
  finish(): string
  /** Gives up the file as it is: without a header. */
  close(): void
}

function header(type: TokenType, count: number): Uint8Array {
  const bytes = Buffer.alloc(headerBytes)
  bytes.write(magic, 'latin1')
  bytes.writeUInt32LE(version, 8)
  bytes.writeUInt32LE(widthOf[type], 12)
  bytes.writeBigUInt64LE(BigInt(count), 16)
  return bytes
}

/** Begins a file that does not exist yet; ids are written as they come. */
export function createTokenFile(path: string, type: TokenType): TokenFileWriter {
  const width = widthOf[type]
  const buffer = new Uint8Array(bufferBytes)
  const hash = createHash('sha256')
  const descriptor = openSync(path, 'wx')
  writeAll(descriptor, new Uint8Array(headerBytes))
  let filled = 0
  let count = 0
  const flush = (): void => {
    const bytes = buffer.subarray(0, filled)
    hash.update(bytes)
    writeAll(descriptor, bytes)
    filled = 0
  }
  return {
    append(ids) {
      for (const id of ids) {
        if (filled === bufferBytes) flush()
        buffer[filled] = id
        buffer[filled + 1] = id >>> 8
        if (width === 4) {
          buffer[filled + 2] = id >>> 16
          buffer[filled + 3] = id >>> 24
        }
        filled += width
      }
      count += ids.length
    },
    finish() {
      flush()
      for (let done = 0, bytes = header(type, count); done < headerBytes;) {
        done += writeSync(descriptor, bytes, done, headerBytes - done, done)
      }
      fsyncSync(descriptor)
      return hash.digest('hex')
    },
    close: () => closeSync(descriptor),
  }
}

export interface TokenFileOptions {
  readonly path: string
  readonly type: TokenType
  /** Number of tokens that the file must hold. */
  readonly count: number
  readonly vocabulary: number
}

/**
 * The tokens of a file, read where they lie: nothing is loaded.
 *
 * Node maps no files into memory; positional reads go through the same page cache, so what is in use stays in memory and
 * the file may be larger than it. The file is open only during a `read`, and must stay as it was found.
 * Throws DataError where the file has another header or size, and on reading for an id outside the vocabulary.
 */
export function tokenFile({ path, type, count, vocabulary }: TokenFileOptions): Tokens {
  const width = widthOf[type]
  const found = withFile(path, (descriptor) => {
    checkHeader(descriptor, path, type, count)
    return stampOf(descriptor)
  })
  let buffer = new Uint8Array(0)
  return {
    length: count,
    read(use) {
      withFile(path, (descriptor) => {
        if (stampOf(descriptor) !== found)
          throw new DataError(`${path}: it was changed since it was opened; open it anew`)
        use((from, length, into, at) => {
          if (buffer.length < length * width) buffer = new Uint8Array(length * width)
          readFully(descriptor, buffer, length * width, headerBytes + from * width, path)
          for (let i = 0, byte = 0; i < length; i++, byte += width) {
            const low = buffer[byte]! | (buffer[byte + 1]! << 8)
            const id = width === 2 ? low : (low | (buffer[byte + 2]! << 16) | (buffer[byte + 3]! << 24)) >>> 0
            if (id >= vocabulary) {
              throw new DataError(`${path}: token ${from + i}: expected an id from 0 to ${vocabulary - 1}, got ${id}`)
            }
            into[at + i] = id
          }
        })
      })
    },
  }
}

/** The sha256 (hex) of the tokens of a file, its header left out. */
export function hashTokens(path: string): string {
  const hash = createHash('sha256')
  const buffer = new Uint8Array(bufferBytes)
  withFile(path, (descriptor) => {
    let position = headerBytes
    for (let count; (count = readSync(descriptor, buffer, 0, bufferBytes, position)) > 0; position += count) {
      hash.update(buffer.subarray(0, count))
    }
  })
  return hash.digest('hex')
}

function withFile<T>(path: string, use: (descriptor: number) => T): T {
  try {
    const descriptor = openSync(path, 'r')
    try {
      return use(descriptor)
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    throw diskError('read', path, error)
  }
}

/** What changes when somebody writes a file or puts another in its place. */
function stampOf(descriptor: number): string {
  const { ino, size, mtimeMs } = fstatSync(descriptor)
  return `${ino} ${size} ${mtimeMs}`
}

function checkHeader(descriptor: number, path: string, type: TokenType, count: number): void {
  const { size } = fstatSync(descriptor)
  if (size < headerBytes)
    throw new DataError(`${path}: expected a header of ${headerBytes} bytes, got ${size} bytes in all`)
  const bytes = Buffer.alloc(headerBytes)
  readFully(descriptor, bytes, headerBytes, 0, path)
  const expect = (what: string, got: unknown, expected: unknown): void => {
    if (got !== expected) throw new DataError(`${path}: expected ${what} ${String(expected)}, got ${String(got)}`)
  }
  if (bytes.toString('latin1', 0, 8) !== magic)
    throw new DataError(`${path}: it is no file of tokens: it does not begin with ${magic}`)
  expect('version', bytes.readUInt32LE(8), version)
  expect('bytes per token', bytes.readUInt32LE(12), widthOf[type])
  expect('the number of tokens in its header', bytes.readBigUInt64LE(16), BigInt(count))
  expect('size in bytes', size, headerBytes + count * widthOf[type])
}

function readFully(descriptor: number, into: Uint8Array, length: number, position: number, path: string): void {
  for (let done = 0; done < length;) {
    const count = readSync(descriptor, into, done, length - done, position + done)
    if (count === 0)
      throw new DataError(`${path}: expected ${length} bytes at byte ${position}, but the file ends there`)
    done += count
  }
}

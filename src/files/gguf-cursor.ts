import { DataError } from '../errors.ts'
import type { OpenFile } from './random-access.ts'

/** Reads the head of a GGUF file from front to back; every length is checked against the file before it is allocated. */
export interface Cursor {
  /** Where the next byte lies in the file. */
  offset(): number
  /** The next `length` bytes; valid until the next call. */
  take(length: number, what: string): DataView
  uint32(what: string): number
  uint64(what: string): bigint
  /** A number of items of at least `itemBytes` bytes each, which the file can hold. */
  count(itemBytes: number, what: string): number
  /** A byte count and UTF-8 text. */
  string(what: string): string
}

/** Metadata with a vocabulary of 260,000 tokens and as many merges takes about 20 MB. */
const maxHeadBytes = 2 ** 27

const windowBytes = 2 ** 16

export function cursorOf(file: OpenFile): Cursor {
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let offset = 0
  let window: Uint8Array = new Uint8Array(0)
  let windowStart = 0

  const take = (length: number, what: string): DataView => {
    const end = offset + length
    if (end > file.size) {
      const where = `${file.path}: ${what}`
      throw new DataError(
        `${where}: takes ${length} bytes from ${offset} on, the file holds ${file.size}. It is truncated`,
      )
    }
    if (end > maxHeadBytes) {
      throw new DataError(`${file.path}: ${what}: expected metadata of at most ${maxHeadBytes} bytes, got ${end}`)
    }
    if (end > windowStart + window.length) {
      window = file.read(offset, Math.min(Math.max(length, windowBytes), file.size - offset))
      windowStart = offset
    }
    const view = new DataView(window.buffer, offset - windowStart, length)
    offset = end
    return view
  }
  const uint64 = (what: string): bigint => take(8, what).getBigUint64(0, true)
  const count = (itemBytes: number, what: string): number => {
    const value = uint64(what)
    const most = Math.floor((file.size - offset) / itemBytes)
    if (value <= most) return Number(value)
    throw new DataError(
      `${file.path}: ${what}: expected at most ${most}, which fill the file, got ${value}. It is damaged`,
    )
  }
  return {
    offset: () => offset,
    take,
    uint32: (what) => take(4, what).getUint32(0, true),
    uint64,
    count,
    string(what) {
      const bytes = take(count(1, `${what}: length`), what)
      try {
        return utf8.decode(bytes)
      } catch {
        throw new DataError(`${file.path}: ${what}: expected UTF-8 text, got other bytes`)
      }
    },
  }
}

import type { Tokens } from './windows.ts'

/** How wide a token is stored: two bytes hold a vocabulary of up to 65,536. */
export type TokenType = 'uint16' | 'uint32'

/** The narrowest type that holds every id of a vocabulary. */
export const tokenTypeOf = (vocabulary: number): TokenType => (vocabulary <= 2 ** 16 ? 'uint16' : 'uint32')

/** Tokens in memory that grow at their end. */
export interface TokenArray extends Tokens {
  append(ids: Int32Array): void
}

/** An empty row of tokens of a vocabulary. */
export function tokenArray(vocabulary: number): TokenArray {
  const narrow = tokenTypeOf(vocabulary) === 'uint16'
  const room = (size: number): Uint16Array | Uint32Array => (narrow ? new Uint16Array(size) : new Uint32Array(size))
  let data = room(1024)
  let length = 0
  return {
    get length() {
      return length
    },
    append(ids) {
      if (length + ids.length > data.length) {
        const grown = room(Math.max(length + ids.length, 2 * data.length))
        grown.set(data.subarray(0, length))
        data = grown
      }
      data.set(ids, length)
      length += ids.length
    },
    read(use) {
      use((from, count, into, at) => into.set(data.subarray(from, from + count), at))
    },
  }
}

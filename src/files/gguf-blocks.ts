/**
 * Blocks of 32 quantized weights: a float16 scale d, in the `_1` types a float16 minimum m, and integers q of 4, 5 or 8
 * bits; a weight is d * (q - offset) or d * q + m. Byte j of the nibbles holds q of elements j (low) and j + 16 (high).
 *
 * Source: block_q4_0 to block_q8_0 in ggml-common.h, https://github.com/ggml-org/ggml.
 */
import type { Encoding } from './encoding.ts'
import { float16Values } from './half.ts'

/** The float16 at a byte. */
export function halfAt(bytes: Uint8Array, at: number): number {
  return float16Values()[bytes[at]! | (bytes[at + 1]! << 8)]!
}

/** Widens the block that begins at byte `at`; its first weight is element `to` of `target`. */
export type WidenBlock = (source: Uint8Array, at: number, target: Float32Array, to: number) => void

export function blockEncoding(name: string, elements: number, bytes: number, widenBlock: WidenBlock): Encoding {
  return {
    name,
    elements,
    bytes,
    widen(source, target) {
      for (let at = 0, to = 0; to < target.length; at += bytes, to += elements) widenBlock(source, at, target, to)
    },
  }
}

/** d, m if there is a minimum, four bytes of fifth bits if there are any, 16 bytes of nibbles. */
function nibbles(bits: 4 | 5, kind: 'offset' | 'minimum'): WidenBlock {
  const fifthAt = kind === 'minimum' ? 4 : 2
  const nibblesAt = bits === 5 ? fifthAt + 4 : fifthAt
  const offset = kind === 'minimum' ? 0 : 2 ** (bits - 1)
  return (source, at, target, to) => {
    const d = halfAt(source, at)
    const minimum = kind === 'minimum' ? halfAt(source, at + 2) : -0 // added to -0 it leaves -0
    for (let j = 0; j < 16; j++) {
      const pair = source[at + nibblesAt + j]!
      let low = pair & 15
      let high = pair >> 4
      if (bits === 5) {
        low |= ((source[at + fifthAt + (j >> 3)]! >> (j & 7)) & 1) << 4
        high |= ((source[at + fifthAt + 2 + (j >> 3)]! >> (j & 7)) & 1) << 4
      }
      target[to + j] = d * (low - offset) + minimum
      target[to + j + 16] = d * (high - offset) + minimum
    }
  }
}

export const q4_0: Encoding = blockEncoding('Q4_0', 32, 18, nibbles(4, 'offset'))
export const q4_1: Encoding = blockEncoding('Q4_1', 32, 20, nibbles(4, 'minimum'))
export const q5_0: Encoding = blockEncoding('Q5_0', 32, 22, nibbles(5, 'offset'))
export const q5_1: Encoding = blockEncoding('Q5_1', 32, 24, nibbles(5, 'minimum'))

export const q8_0: Encoding = blockEncoding('Q8_0', 32, 34, (source, at, target, to) => {
  const d = halfAt(source, at)
  for (let j = 0; j < 32; j++) target[to + j] = d * ((source[at + 2 + j]! << 24) >> 24)
})

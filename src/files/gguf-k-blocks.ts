/**
 * Super-blocks of 256 weights in groups of 16 or 32 (the k-quants): float16 d and dmin, a small integer scale and minimum
 * per group, and integers q of 2 to 6 bits. A weight is d * scale * (q - offset), or d * scale * q - dmin * minimum.
 *
 * Bit fields of the weights lie in planes: 32 (of Q6_K's low bits 64) bytes hold the same field of as many consecutive
 * weights, the next weights stand in the next higher bits of the same bytes.
 *
 * Source: block_q2_K to block_q6_K in ggml-common.h, https://github.com/ggml-org/ggml.
 */
import type { Encoding } from './encoding.ts'
import { blockEncoding, halfAt } from './gguf-blocks.ts'

/** Bytes: 16 of scale (low nibble) and minimum (high), 64 of q, d, dmin. Groups of 16. */
export const q2_K: Encoding = blockEncoding('Q2_K', 256, 84, (source, at, target, to) => {
  const d = halfAt(source, at + 80)
  const dmin = halfAt(source, at + 82)
  for (let group = 0; group < 16; group++) {
    const scale = d * (source[at + group]! & 15)
    const minimum = dmin * (source[at + group]! >> 4)
    const quants = at + 16 + 32 * (group >> 3) + 16 * (group & 1)
    const shift = group & 6
    for (let j = 0; j < 16; j++) target[to + 16 * group + j] = scale * ((source[quants + j]! >> shift) & 3) - minimum
  }
})

/** Bytes: 32 of q's high bit, 64 of its low two, 12 of scales, d. Groups of 16; q - 4, scale - 32. */
export const q3_K: Encoding = blockEncoding('Q3_K', 256, 110, (source, at, target, to) => {
  const d = halfAt(source, at + 108)
  for (let group = 0; group < 16; group++) {
    const low = (source[at + 96 + (group & 7)]! >> (4 * (group >> 3))) & 15
    const high = (source[at + 104 + (group & 3)]! >> (2 * (group >> 2))) & 3
    const scale = d * ((low | (high << 4)) - 32)
    const highBits = at + 16 * (group & 1)
    const highShift = group >> 1
    const quants = at + 32 + 32 * (group >> 3) + 16 * (group & 1)
    const shift = group & 6
    for (let j = 0; j < 16; j++) {
      const q = ((source[quants + j]! >> shift) & 3) | (((source[highBits + j]! >> highShift) & 1) << 2)
      target[to + 16 * group + j] = scale * (q - 4)
    }
  }
})

/**
 * 12 bytes hold eight scales and eight minima of 6 bits: bytes 0-3 the scales and bytes 4-7 the minima of groups 0-3;
 * bytes 8-11 the low four bits of scale and minimum of groups 4-7, whose upper two stand on top of bytes 0-3 and 4-7.
 */
const scaleOf = (source: Uint8Array, at: number, group: number): number =>
  group < 4 ? source[at + group]! & 63 : (source[at + group + 4]! & 15) | ((source[at + group - 4]! >> 6) << 4)

const minimumOf = (source: Uint8Array, at: number, group: number): number =>
  group < 4 ? source[at + group + 4]! & 63 : (source[at + group + 4]! >> 4) | ((source[at + group]! >> 6) << 4)

/** Bytes: d, dmin, 12 of scales and minima, 128 of q. Groups of 32. */
export const q4_K: Encoding = blockEncoding('Q4_K', 256, 144, (source, at, target, to) => {
  const d = halfAt(source, at)
  const dmin = halfAt(source, at + 2)
  for (let group = 0; group < 8; group++) {
    const scale = d * scaleOf(source, at + 4, group)
    const minimum = dmin * minimumOf(source, at + 4, group)
    const quants = at + 16 + 32 * (group >> 1)
    const shift = 4 * (group & 1)
    for (let j = 0; j < 32; j++) target[to + 32 * group + j] = scale * ((source[quants + j]! >> shift) & 15) - minimum
  }
})

/** Bytes: d, dmin, 12 of scales and minima, 32 of q's high bit, 128 of its low four. Groups of 32. */
export const q5_K: Encoding = blockEncoding('Q5_K', 256, 176, (source, at, target, to) => {
  const d = halfAt(source, at)
  const dmin = halfAt(source, at + 2)
  for (let group = 0; group < 8; group++) {
    const scale = d * scaleOf(source, at + 4, group)
    const minimum = dmin * minimumOf(source, at + 4, group)
    const quants = at + 48 + 32 * (group >> 1)
    const shift = 4 * (group & 1)
    for (let j = 0; j < 32; j++) {
      const q = ((source[quants + j]! >> shift) & 15) | (((source[at + 16 + j]! >> group) & 1) << 4)
      target[to + 32 * group + j] = scale * q - minimum
    }
  }
})

/** Bytes: 128 of q's low four bits, 64 of its high two, 16 of scales (signed), d. Groups of 16; q - 32. */
export const q6_K: Encoding = blockEncoding('Q6_K', 256, 210, (source, at, target, to) => {
  const d = halfAt(source, at + 208)
  for (let group = 0; group < 16; group++) {
    const scale = d * ((source[at + 192 + group]! << 24) >> 24)
    const lowBits = at + 64 * (group >> 3) + 16 * (group & 3)
    const lowShift = group & 4
    const highBits = at + 128 + 32 * (group >> 3) + 16 * (group & 1)
    const highShift = group & 6
    for (let j = 0; j < 16; j++) {
      const q = ((source[lowBits + j]! >> lowShift) & 15) | (((source[highBits + j]! >> highShift) & 3) << 4)
      target[to + 16 * group + j] = scale * (q - 32)
    }
  }
})

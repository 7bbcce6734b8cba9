/**
 * Counter-based random numbers: Philox4x32-10, keyed by (seed, path, step), so that every device and every resumed run
 * sees the same numbers whatever was drawn before.
 *
 * Source: Salmon, Moraes, Dror & Shaw 2011, Parallel random numbers: as easy as 1, 2, 3.
 */
import { OptionError } from './errors.ts'

type Block = [number, number, number, number]

/** The upper 32 bits of a product of two unsigned 32-bit integers, by halves of 16. */
function mulHigh(a: number, b: number): number {
  const a0 = a & 0xffff
  const a1 = a >>> 16
  const b0 = b & 0xffff
  const b1 = b >>> 16
  const middle = (Math.imul(a1, b0) >>> 0) + (Math.imul(a0, b0) >>> 16)
  const carry = (Math.imul(a0, b1) >>> 0) + (middle & 0xffff)
  return (Math.imul(a1, b1) + (middle >>> 16) + (carry >>> 16)) >>> 0
}

/** Ten Philox rounds on one counter block; the four results are written into `out`. */
export function philox(counter: Readonly<Block>, key0: number, key1: number, out: Block | Uint32Array): void {
  let c0 = counter[0]
  let c1 = counter[1]
  let c2 = counter[2]
  let c3 = counter[3]
  let k0 = key0
  let k1 = key1
  for (let round = 0; round < 10; round++) {
    const high0 = mulHigh(0xd2511f53, c0)
    const high1 = mulHigh(0xcd9e8d57, c2)
    const low0 = Math.imul(0xd2511f53, c0)
    const low1 = Math.imul(0xcd9e8d57, c2)
    c0 = high1 ^ c1 ^ k0
    c1 = low1
    c2 = high0 ^ c3 ^ k1
    c3 = low0
    k0 = (k0 + 0x9e3779b9) | 0
    k1 = (k1 + 0xbb67ae85) | 0
  }
  out[0] = c0 >>> 0
  out[1] = c1 >>> 0
  out[2] = c2 >>> 0
  out[3] = c3 >>> 0
}

/** 53 bits of a string (two 32-bit halves, multiply-xor), so that a path can be part of a key. */
function hashText(text: string): [number, number] {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    a = Math.imul(a ^ code, 2654435761)
    b = Math.imul(b ^ code, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return [a >>> 0, b >>> 0]
}

/** A stream of random numbers that depends on (seed, path, step) alone. */
export interface Random {
  /** The next 32 random bits as an unsigned integer. */
  readonly bits: () => number
  /** Uniform in [0, 1), 24 bits. */
  readonly uniform: () => number
  /** Standard normal (Box & Muller 1958). */
  readonly normal: () => number
  /** Uniform integer in [0, bound), without bias. */
  readonly below: (bound: number) => number
}

/** Opens the stream of (seed, path, step). Seeds and steps are integers >= 0 below 2^53 and 2^32. */
export function random(seed: number, path: string, step = 0): Random {
  if (!Number.isSafeInteger(seed) || seed < 0) throw new OptionError(`seed: expected an integer >= 0, got ${seed}`)
  if (step >>> 0 !== step) throw new OptionError(`random: step must be an integer in [0, 2^32), got ${step}`)
  const [path0, path1] = hashText(path)
  const key0 = seed >>> 0
  const key1 = Math.floor(seed / 2 ** 32) >>> 0
  const block = new Uint32Array(4)
  const counter: Block = [0, step, path0, path1]
  let used = 4
  let spare: number | undefined

  const bits = (): number => {
    if (used === 4) {
      philox(counter, key0, key1, block)
      counter[0]++
      used = 0
    }
    return block[used++]!
  }
  const uniform = (): number => (bits() >>> 8) / 16777216
  const normal = (): number => {
    if (spare !== undefined) {
      const value = spare
      spare = undefined
      return value
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()))
    const angle = 2 * Math.PI * uniform()
    spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
  const below = (bound: number): number => {
    if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32) {
      throw new OptionError(`below: the bound must be an integer in [1, 2^32], got ${bound}`)
    }
    const limit = 2 ** 32 - (2 ** 32 % bound)
    let value = bits()
    while (value >= limit) value = bits()
    return value % bound
  }
  return { bits, uniform, normal, below }
}

/** A seeded permutation of 0..count-1 (Fisher & Yates 1938). */
export function permutation(count: number, source: Random): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i)
  for (let i = count - 1; i > 0; i--) {
    const j = source.below(i + 1)
    const swapped = order[i]!
    order[i] = order[j]!
    order[j] = swapped
  }
  return order
}

/**
 * Conversion between float32 and the two 16-bit floats, float16 (IEEE 754-2008 binary16: 1 sign, 5 exponent and 10
 * fraction bits) and bfloat16 (the upper half of a float32). Widening is exact, narrowing rounds to nearest, ties to even.
 */

let float16: Float32Array | undefined

/** The value of each of the 65536 float16 bit patterns; made at the first call. */
export function float16Values(): Float32Array {
  if (float16) return float16
  float16 = new Float32Array(65536)
  for (let bits = 0; bits < 32768; bits++) {
    const exponent = bits >> 10
    const fraction = bits & 0x3ff
    let value = (1024 + fraction) * 2 ** (exponent - 25)
    if (exponent === 0) value = fraction * 2 ** -24
    if (exponent === 31) value = fraction === 0 ? Infinity : NaN
    float16[bits] = value
    float16[bits + 32768] = -value
  }
  return float16
}

export function widenFloat16(bits: Uint16Array, target: Float32Array): void {
  const values = float16Values()
  for (let i = 0; i < target.length; i++) target[i] = values[bits[i]!]!
}

export function widenBfloat16(bits: Uint16Array, target: Float32Array): void {
  const words = new Uint32Array(target.buffer, target.byteOffset, target.length)
  for (let i = 0; i < words.length; i++) words[i] = bits[i]! << 16
}

const infinity = 0x7f800000

/** Values from 65520 on become infinite. */
export function narrowFloat16(values: Float32Array, target: Uint16Array): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const smallestNormal = 0x38800000 // 2^-14
  const beyond = 0x47800000 // 2^16
  const exponentShift = 112 << 10 // the difference of the exponents' biases, 127 and 15
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    const magnitude = word & 0x7fffffff
    let half: number
    if (magnitude > infinity) half = 0x7e00
    else if (magnitude >= beyond) half = 0x7c00
    else if (magnitude >= smallestNormal) half = ((magnitude + 0xfff + ((magnitude >>> 13) & 1)) >>> 13) - exponentShift
    else half = roundToEven(Math.abs(values[i]!) * 2 ** 24)
    target[i] = ((word >>> 16) & 0x8000) | half
  }
}

function roundToEven(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below
}

/** Values from 2^128 - 2^119 on, half a step beyond the largest bfloat16, become infinite. */
export function narrowBfloat16(values: Float32Array, target: Uint16Array): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length)
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    const notANumber = (word & 0x7fffffff) > infinity
    target[i] = notANumber ? (word >>> 16) | 0x40 : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16
  }
}

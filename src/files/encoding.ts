import { widenBfloat16, widenFloat16 } from './half.ts'

/** How stored elements become float32; blocks of `bytes` bytes hold `elements` elements each. */
export interface Encoding {
  readonly name: string
  readonly elements: number
  readonly bytes: number
  /** Fills `target` from as many whole blocks; `source` begins at a multiple of 8 bytes of its buffer. */
  readonly widen: (source: Uint8Array, target: Float32Array) => void
}

export const float32: Encoding = {
  name: 'F32',
  elements: 1,
  bytes: 4,
  widen: ({ buffer, byteOffset }, target) => target.set(new Float32Array(buffer, byteOffset, target.length)),
}

/** Rounded to the nearest float32; beyond its range infinite. */
export const float64: Encoding = {
  name: 'F64',
  elements: 1,
  bytes: 8,
  widen: ({ buffer, byteOffset }, target) => target.set(new Float64Array(buffer, byteOffset, target.length)),
}

export const float16: Encoding = {
  name: 'F16',
  elements: 1,
  bytes: 2,
  widen: ({ buffer, byteOffset }, target) => widenFloat16(new Uint16Array(buffer, byteOffset, target.length), target),
}

export const bfloat16: Encoding = {
  name: 'BF16',
  elements: 1,
  bytes: 2,
  widen: ({ buffer, byteOffset }, target) => widenBfloat16(new Uint16Array(buffer, byteOffset, target.length), target),
}

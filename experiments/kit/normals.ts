import { type HostTensor, type Shape, tensor } from 'residua'

/** Standard normal numbers in float64 that depend on seed and name alone (Mulberry32; Box & Muller 1958). */
export function normals(shape: Shape, seed: number, name: string): HostTensor {
  let state = Array.from(name).reduce(
    (hash, letter) => Math.imul(hash ^ letter.codePointAt(0)!, 16777619),
    2166136261 + seed,
  )
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
  const length = shape.reduce((product, size) => product * size, 1)
  return tensor(Float64Array.from({ length }, normal), shape)
}

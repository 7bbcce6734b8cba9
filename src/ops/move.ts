import { type Emit, onnxType } from '../graph/emit.ts'
import type { DType } from '../tensor.ts'

interface Packing {
  readonly pack: (x: string) => string
  readonly unpack: (x: string) => string
}

/** For lowerings that only move elements: WebGPU has no such kernels for bools, so there they travel as float32. */
export function packing(emit: Emit, dtype: DType): Packing {
  if (dtype !== 'bool' || emit.target !== 'webgpu') return { pack: (x) => x, unpack: (x) => x }
  const cast = (to: DType) => (x: string) => emit.node('Cast', [x], { to: onnxType[to] })
  return { pack: cast('float32'), unpack: cast('bool') }
}

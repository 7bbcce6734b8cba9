import { DataError } from '../errors.ts'
import { sizeOf, type Shape } from '../tensor.ts'
import { writeAtomic } from './atomic.ts'
import { writeAll } from './disk.ts'
import { narrowBfloat16, narrowFloat16 } from './half.ts'
import { quote } from './json.ts'
import { layOut } from './safetensors-layout.ts'

/** A tensor to be written when its turn comes. */
export interface WeightSource {
  readonly name: string
  readonly shape: Shape
  /** How it is stored; `F32` unless given. */
  readonly dtype?: 'F32' | 'F16' | 'BF16'
  /** Called once, when the tensor is written. */
  readonly read: () => Float32Array
}

const chunkElements = 2 ** 18

const narrowings = {
  F16: { narrow: narrowFloat16, infinite: 0x7c00 },
  BF16: { narrow: narrowBfloat16, infinite: 0x7f80 },
} as const

function writeNarrow(descriptor: number, values: Float32Array, dtype: 'F16' | 'BF16', where: string): void {
  const { narrow, infinite } = narrowings[dtype]
  const buffer = new Uint16Array(Math.min(values.length, chunkElements))
  for (let start = 0; start < values.length; start += chunkElements) {
    const wide = values.subarray(start, start + chunkElements)
    const bits = buffer.subarray(0, wide.length)
    narrow(wide, bits)
    const beyond = bits.findIndex((half, i) => (half & 0x7fff) === infinite && Number.isFinite(wide[i]))
    if (beyond >= 0) {
      const element = `element ${start + beyond} is ${wide[beyond]}`
      throw new DataError(`${where}: ${element}, beyond the range of ${dtype}. Store it as F32`)
    }
    writeAll(descriptor, new Uint8Array(bits.buffer, 0, bits.byteLength))
  }
}

/**
 * Writes a safetensors file one tensor at a time, atomically; of F32 tensors the bytes are those of `writeSafetensors`.
 *
 * F16 and BF16 are rounded to nearest, ties to even. Throws DataError when a tensor has other than its shape's number of
 * elements, a finite value is beyond the range of F16 or BF16, or the disk refuses; the old file is then intact.
 */
export function writeSafetensorsFile(
  path: string,
  weights: readonly WeightSource[],
  metadata: Readonly<Record<string, string>> = {},
): void {
  const sources = weights.map(({ dtype = 'F32', ...weight }) => ({ dtype, ...weight }))
  const { head, order } = layOut(sources, metadata, path)
  writeAtomic(path, (descriptor) => {
    writeAll(descriptor, head)
    for (const { name, shape, dtype, read } of order) {
      const where = `${path}: tensor ${quote(name)}`
      const values = read()
      if (values.length !== sizeOf(shape)) {
        throw new DataError(`${where}: expected [${shape.join(', ')}], got ${values.length} elements`)
      }
      if (dtype === 'F32') writeAll(descriptor, new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
      else writeNarrow(descriptor, values, dtype, where)
    }
  })
}

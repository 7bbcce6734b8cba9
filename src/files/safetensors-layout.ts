import { DataError } from '../errors.ts'
import { sizeOf, type Shape } from '../tensor.ts'
import { quote } from './json.ts'
import { elementBytes, maxHeaderBytes, type StoredDType } from './safetensors-header.ts'

export interface TensorToStore {
  readonly name: string
  readonly dtype: StoredDType
  readonly shape: Shape
}

export interface SafetensorsLayout<T> {
  /** The length field and the header; the data follows at once. */
  readonly head: Uint8Array
  /** The tensors in the order of their data. */
  readonly order: readonly T[]
  readonly dataBytes: number
}

/**
 * Where everything goes in a safetensors file: keys sorted, data from a multiple of 8 on, wide elements first and then by
 * name, so that every tensor lies at a multiple of its element size. Equal tensors give equal bytes, in whatever order
 * they are passed. Errors (DataError) start with `where`.
 */
export function layOut<T extends TensorToStore>(
  tensors: readonly T[],
  metadata: Readonly<Record<string, string>>,
  where: string,
): SafetensorsLayout<T> {
  const byName = [...tensors].sort((a, b) => (a.name < b.name ? -1 : 1))
  const order = byName.sort((a, b) => elementBytes[b.dtype] - elementBytes[a.dtype])
  const fields = new Map<string, string>()
  let end = 0
  for (const { name, dtype, shape } of order) {
    if (name === '__metadata__') throw new DataError(`${where}: a tensor cannot be called "__metadata__"`)
    if (fields.has(name)) throw new DataError(`${where}: tensor ${quote(name)}: two have this name. Rename one`)
    const begin = end
    end += sizeOf(shape) * elementBytes[dtype]
    fields.set(name, JSON.stringify({ dtype, shape, data_offsets: [begin, end] }))
  }
  const notes = Object.keys(metadata).sort()
  if (notes.length > 0) {
    const pairs = notes.map((key) => `${JSON.stringify(key)}:${JSON.stringify(metadata[key])}`)
    fields.set('__metadata__', `{${pairs.join(',')}}`)
  }
  const lines = [...fields.keys()].sort().map((key) => `${JSON.stringify(key)}:${fields.get(key) ?? ''}`)
  const header = new TextEncoder().encode(`{${lines.join(',')}}`)
  const headerBytes = Math.ceil(header.length / 8) * 8
  if (headerBytes > maxHeaderBytes) {
    throw new DataError(`${where}: expected a header of at most ${maxHeaderBytes} bytes, got ${headerBytes}`)
  }
  const head = new Uint8Array(8 + headerBytes).fill(0x20)
  new DataView(head.buffer).setBigUint64(0, BigInt(headerBytes), true)
  head.set(header, 8)
  return { head, order, dataBytes: end }
}

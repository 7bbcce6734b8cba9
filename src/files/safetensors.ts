/**
 * The safetensors format: 8 bytes of header length (little-endian), a JSON header, the tensors' bytes.
 *
 * Source: https://github.com/huggingface/safetensors, README, section "Format".
 */
import { DataError } from '../errors.ts'
import { bytesPerElement, sizeOf, typeText, type DType, type HostTensor } from '../tensor.ts'
import { quote } from './json.ts'
import { sourceOf } from './random-access.ts'
import { elementBytes, readHeader, type StoredDType, type StoredTensor } from './safetensors-header.ts'
import { layOut } from './safetensors-layout.ts'

export interface Safetensors {
  readonly tensors: Record<string, HostTensor>
  readonly metadata: Record<string, string>
}

const storedAs = { float32: 'F32', float64: 'F64', int32: 'I32', bool: 'BOOL' } as const satisfies Record<
  DType,
  StoredDType
>

function checkTensor(name: string, tensor: HostTensor): void {
  const { data, dtype, shape } = tensor
  if (data.length !== sizeOf(shape) || data.BYTES_PER_ELEMENT !== bytesPerElement[dtype]) {
    const got = `${data.length} elements of ${data.BYTES_PER_ELEMENT} bytes`
    throw new DataError(`writeSafetensors: tensor ${quote(name)}: expected the data of ${typeText(tensor)}, got ${got}`)
  }
}

/**
 * The bytes of a safetensors file; equal tensors give equal bytes, in whatever order they are passed.
 *
 * float32, float64, int32 and bool are stored as F32, F64, I32 and BOOL. Keys are sorted and the data begins at a
 * multiple of 8. Throws DataError when a tensor's data does not fit its type or the header exceeds 100 MB.
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, HostTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const toStore = Object.entries(tensors).map(([name, tensor]) => {
    checkTensor(name, tensor)
    return { name, dtype: storedAs[tensor.dtype], shape: tensor.shape, data: tensor.data }
  })
  const { head, order, dataBytes } = layOut(toStore, metadata, 'writeSafetensors')
  const bytes = new Uint8Array(head.length + dataBytes)
  bytes.set(head)
  let at = head.length
  for (const { data } of order) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return bytes
}

function readTensor(bytes: Uint8Array, dataStart: number, entry: StoredTensor, file: string): HostTensor {
  const { dtype, shape, begin, end } = entry
  const view = bytes.subarray(dataStart + begin, dataStart + end)
  const { buffer, byteOffset } = view.byteOffset % elementBytes[dtype] === 0 ? view : new Uint8Array(view)
  const length = (end - begin) / elementBytes[dtype]
  if (dtype === 'F64') return { dtype: 'float64', shape, data: new Float64Array(buffer, byteOffset, length) }
  if (dtype === 'F32') return { dtype: 'float32', shape, data: new Float32Array(buffer, byteOffset, length) }
  if (dtype === 'I32') return { dtype: 'int32', shape, data: new Int32Array(buffer, byteOffset, length) }
  const where = `${file}: tensor ${quote(entry.name)}`
  if (dtype !== 'U8' && dtype !== 'BOOL') {
    const wide = dtype.includes('F') ? 'F32' : 'I32'
    throw new DataError(`${where}: dtype ${dtype} is not supported here yet. Store the tensor as ${wide}`)
  }
  const data = new Uint8Array(buffer, byteOffset, length)
  if (dtype === 'U8') return { dtype: 'int32', shape, data: Int32Array.from(data) }
  const wrong = data.findIndex((byte) => byte > 1)
  if (wrong >= 0) {
    throw new DataError(`${where}: expected a BOOL of 0 or 1, element ${wrong} is ${data[wrong]}`)
  }
  return { dtype: 'bool', shape, data }
}

/**
 * The tensors and the metadata of a safetensors file; `name` stands for the file in errors.
 *
 * F64, F32, I32 and BOOL keep their type, U8 is widened to int32. Data that is aligned shares memory with `bytes`, the
 * rest is copied. Both records have no prototype, so any name is safe. Throws DataError for every fault of the file.
 */
export function readSafetensors(bytes: Uint8Array, name: string): Safetensors {
  const { entries, metadata, dataStart } = readHeader(sourceOf(bytes), name)
  const tensors = Object.create(null) as Record<string, HostTensor>
  for (const entry of entries) tensors[entry.name] = readTensor(bytes, dataStart, entry, name)
  return { tensors, metadata }
}

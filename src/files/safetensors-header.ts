import { array, int, string, strictObject, tuple } from 'zod'
import { DataError } from '../errors.ts'
import { decodeText } from './disk.ts'
import { checkJson, duplicateKey, isJsonObject, parseJson, quote } from './json.ts'
import type { ByteSource } from './random-access.ts'

/** Bytes per element of the format's dtypes. */
export const elementBytes = {
  F64: 8,
  I64: 8,
  U64: 8,
  F32: 4,
  I32: 4,
  U32: 4,
  F16: 2,
  BF16: 2,
  I16: 2,
  U16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const

export type StoredDType = keyof typeof elementBytes

/** One tensor of a file; `begin` and `end` count bytes from the start of the data. */
export interface StoredTensor {
  readonly name: string
  readonly dtype: StoredDType
  readonly shape: number[]
  readonly begin: number
  readonly end: number
}

export interface SafetensorsHeader {
  readonly entries: readonly StoredTensor[]
  readonly metadata: Record<string, string>
  readonly dataStart: number
}

/** The format's own cap: a header of 100 MB. */
export const maxHeaderBytes = 100_000_000

const entrySchema = strictObject({
  dtype: string(),
  shape: array(int().nonnegative()),
  data_offsets: tuple([int().nonnegative(), int().nonnegative()]),
})

function headerObject(source: ByteSource, file: string): { header: Record<string, unknown>; dataStart: number } {
  if (source.size < 8) {
    throw new DataError(`${file}: expected a safetensors file of at least 8 bytes, got ${source.size}`)
  }
  const prefix = source.read(0, 8)
  const length = new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true)
  if (length > maxHeaderBytes) {
    throw new DataError(
      `${file}: expected a header of at most ${maxHeaderBytes} bytes, its length field says ${length}`,
    )
  }
  const dataStart = 8 + Number(length)
  if (dataStart > source.size) {
    throw new DataError(`${file}: the header is ${length} bytes long, the file only ${source.size}. It is truncated`)
  }
  const bytes = source.read(8, Number(length))
  if (bytes[0] !== 0x7b) {
    throw new DataError(`${file}: header: expected a JSON object, it does not start with "{"`)
  }
  const text = decodeText(bytes, `${file}: header`)
  const header = parseJson(text, `${file}: header`)
  const twice = duplicateKey(text)
  if (twice !== undefined) throw new DataError(`${file}: header: the key ${quote(twice)} stands there twice`)
  return { header: header as Record<string, unknown>, dataStart }
}

function readMetadata(value: unknown, file: string): Record<string, string> {
  const where = `${file}: __metadata__`
  if (!isJsonObject(value)) throw new DataError(`${where}: expected an object of strings`)
  const metadata = Object.create(null) as Record<string, string>
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') throw new DataError(`${where}: ${quote(key)}: expected a string, got ${typeof text}`)
    metadata[key] = text
  }
  return metadata
}

function knownDType(dtype: string, where: string): StoredDType {
  if (Object.hasOwn(elementBytes, dtype)) return dtype as StoredDType
  throw new DataError(`${where}: expected a dtype of ${Object.keys(elementBytes).join(', ')}, got ${quote(dtype)}`)
}

function readEntry(name: string, value: unknown, dataBytes: number, file: string): StoredTensor {
  const where = `${file}: tensor ${quote(name)}`
  const { dtype: stored, shape, data_offsets } = checkJson(value, entrySchema, where)
  const dtype = knownDType(stored, where)
  const [begin, end] = data_offsets
  if (end < begin) throw new DataError(`${where}: data_offsets end at ${end}, before they begin at ${begin}`)
  if (end > dataBytes) {
    throw new DataError(
      `${where}: data_offsets end at ${end}, the file holds ${dataBytes} bytes of data. It is truncated`,
    )
  }
  let size: number = elementBytes[dtype]
  for (const length of shape) {
    size *= length
    if (!Number.isSafeInteger(size)) throw new DataError(`${where}: shape [${shape.slice(0, 16).join(', ')}] overflows`)
  }
  if (end - begin !== size) {
    const type = `${dtype}[${shape.slice(0, 16).join(', ')}]`
    throw new DataError(`${where}: ${type} takes ${size} bytes, data_offsets give it ${end - begin}`)
  }
  return { name, dtype, shape, begin, end }
}

/**
 * The checked header of a safetensors file: every tensor's bytes lie inside the file, follow each other without hole or
 * overlap and match its shape. `file` names the file in errors. Throws DataError.
 */
export function readHeader(source: ByteSource, file: string): SafetensorsHeader {
  const { header, dataStart } = headerObject(source, file)
  const dataBytes = source.size - dataStart
  const { __metadata__: stored = {}, ...tensors } = header
  const metadata = readMetadata(stored, file)
  const entries = Object.entries(tensors).map(([name, value]) => readEntry(name, value, dataBytes, file))
  let expected = 0
  for (const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    const where = `${file}: tensor ${quote(name)}`
    if (begin < expected)
      throw new DataError(`${where}: begins at ${begin} and overlaps the one that ends at ${expected}`)
    if (begin > expected) throw new DataError(`${where}: begins at ${begin} and leaves a hole after ${expected}`)
    expected = end
  }
  if (expected !== dataBytes) throw new DataError(`${file}: ${dataBytes - expected} bytes follow the last tensor`)
  return { entries, metadata, dataStart }
}

import { DataError } from '../errors.ts'
import type { Cursor } from './gguf-cursor.ts'
import { quote } from './json.ts'
import type { Metadata } from './weights.ts'

interface Scalar {
  readonly bytes: number
  readonly read: (view: DataView, at: number) => number | bigint | boolean
}

const integer = (value: bigint): number | bigint => {
  const near = Number(value)
  return Number.isSafeInteger(near) ? near : value
}

/** Bytes other than 0 and 1 come back as numbers. */
const bool = (byte: number): boolean | number => (byte > 1 ? byte : byte === 1)

const boolType = 7
const stringType = 8
const arrayType = 9

const scalars: Readonly<Record<number, Scalar>> = {
  0: { bytes: 1, read: (view, at) => view.getUint8(at) },
  1: { bytes: 1, read: (view, at) => view.getInt8(at) },
  2: { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  3: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  4: { bytes: 4, read: (view, at) => view.getUint32(at, true) },
  5: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  6: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  [boolType]: { bytes: 1, read: (view, at) => bool(view.getUint8(at)) },
  10: { bytes: 8, read: (view, at) => integer(view.getBigUint64(at, true)) },
  11: { bytes: 8, read: (view, at) => integer(view.getBigInt64(at, true)) },
  12: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
}

const maxKeyBytes = 65535
const maxDepth = 4

/** Four times what the largest vocabularies need; keeps a damaged file from filling the memory. */
const maxValues = 2 ** 22

/** Reads `count` pairs of key and typed value; `file` names the file in errors. */
export function readMetadata(cursor: Cursor, count: number, file: string): Record<string, Metadata> {
  let values = 0
  const reserve = (wanted: number, what: string): void => {
    values += wanted
    if (values > maxValues)
      throw new DataError(`${file}: ${what}: expected at most ${maxValues} values in the metadata`)
  }

  const readScalars = (type: number, { bytes, read }: Scalar, length: number, what: string): Metadata[] => {
    reserve(length, what)
    const view = cursor.take(length * bytes, what)
    return Array.from({ length }, (_, i) => {
      const value = read(view, i * bytes)
      if (type !== boolType || typeof value === 'boolean') return value
      throw new DataError(`${file}: ${what}: expected a bool of 0 or 1, got ${value}`)
    })
  }

  const readArray = (what: string, depth: number): Metadata => {
    if (depth > maxDepth) throw new DataError(`${file}: ${what}: expected arrays of at most ${maxDepth} levels`)
    const type = cursor.uint32(`${what}: element type`)
    const scalar = scalars[type]
    const length = cursor.count(scalar?.bytes ?? 8, `${what}: length`)
    if (scalar) return readScalars(type, scalar, length, what)
    reserve(length, what)
    const items: Metadata[] = []
    for (let i = 0; i < length; i++) items.push(readValue(type, `${what}[${i}]`, depth))
    return items
  }

  const readValue = (type: number, what: string, depth: number): Metadata => {
    const scalar = scalars[type]
    if (scalar) return readScalars(type, scalar, 1, what)[0]!
    if (type === stringType) return cursor.string(what)
    if (type === arrayType) return readArray(what, depth + 1)
    throw new DataError(`${file}: ${what}: expected a value type of 0 to 12, got ${type}`)
  }

  const metadata = Object.create(null) as Record<string, Metadata>
  for (let i = 0; i < count; i++) {
    const key = cursor.string(`metadata key ${i}`)
    const what = `metadata ${quote(key)}`
    if (key === '' || key.length > maxKeyBytes) {
      throw new DataError(`${file}: ${what}: expected a key of 1 to ${maxKeyBytes} characters, got ${key.length}`)
    }
    if (key in metadata) throw new DataError(`${file}: ${what}: stands there twice`)
    metadata[key] = readValue(cursor.uint32(`${what}: type`), what, 0)
  }
  return metadata
}

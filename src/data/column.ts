import { DataError } from '../errors.ts'
import { sizeOf, type Shape } from '../tensor.ts'

/** Numbers of examples, counted from 0. */
export type Rows = Uint32Array | readonly number[]

/** One side of a data set, its inputs or its targets: one tensor of `shape` per example. */
export interface Column {
  readonly dtype: 'float32' | 'int32'
  /** Shape of one example; `[]` is a scalar. */
  readonly shape: Shape
  /**
   * Writes the examples `rows` one after another into `into`.
   *
   * Throws DataError for a row that does not exist, or where `into` has another dtype or not room for exactly these.
   */
  gather(rows: Rows, into: Float32Array | Int32Array): void
}

type Copy = (from: number, to: number, into: Float32Array | Int32Array, at: number) => void

/** A column over one row-major array `[size, ...shape]`, which it keeps without a copy. */
export function column(data: Float32Array | Int32Array, shape: Shape): Column {
  const dtype = data instanceof Float32Array ? 'float32' : 'int32'
  return gathering(dtype, shape, data.length, (from, to, into, at) => into.set(data.subarray(from, to), at))
}

/** A float32 column over bytes `[size, ...shape]`, kept without a copy and scaled when gathered: byte * scale. */
export function byteColumn(data: Uint8Array, shape: Shape, scale: number): Column {
  const scaled = Float32Array.from({ length: 256 }, (_, byte) => byte * scale)
  return gathering('float32', shape, data.length, (from, to, into, at) => {
    const offset = at - from
    for (let i = from; i < to; i++) into[i + offset] = scaled[data[i]!]!
  })
}

function gathering(dtype: Column['dtype'], shape: Shape, length: number, copy: Copy): Column {
  const size = sizeOf(shape)
  const count = length / size
  return {
    dtype,
    shape,
    gather(rows, into) {
      checkInto(into, dtype, rows.length * size)
      let at = 0
      for (const row of rows) {
        checkRow(row, count)
        copy(row * size, (row + 1) * size, into, at)
        at += size
      }
    },
  }
}

/** The examples `kept` of another column, in that order. */
export function selected(source: Column, kept: Uint32Array): Column {
  const sourceRow = (row: number): number => {
    checkRow(row, kept.length)
    return kept[row]!
  }
  const gather: Column['gather'] = (rows, into) => source.gather(Uint32Array.from(rows, sourceRow), into)
  return { dtype: source.dtype, shape: source.shape, gather }
}

/** Throws DataError for an example that is not there. */
export function checkRow(row: number, count: number): void {
  if (Number.isInteger(row) && row >= 0 && row < count) return
  throw new DataError(`gather: expected an example from 0 to ${count - 1}, got ${row}`)
}

/** Throws DataError unless `into` has room for exactly so many of that dtype. */
export function checkInto(into: Float32Array | Int32Array, dtype: Column['dtype'], length: number): void {
  const got = into instanceof Float32Array ? 'float32' : 'int32'
  if (got === dtype && into.length === length) return
  throw new DataError(`gather: expected room for ${dtype}[${length}], got ${got}[${into.length}]`)
}

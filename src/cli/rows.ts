/** Reads CSV files whose rows hold features and nothing to predict. */
import { parse, type InfoRecord } from 'csv-parse/sync'
import { DataError, messageOf, ResiduaError } from '../errors.ts'
import { type HostTensor, tensor } from '../tensor.ts'

/** Largest table that is read, bytes. */
export const maxTableBytes: number = 256 * 2 ** 20

const format = { bom: true, trim: true, skip_empty_lines: true, relax_column_count: true } as const

/** Whether a cell is a decimal number that float32 can hold. */
export const isNumber = (cell: string): boolean =>
  /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(cell) && Number.isFinite(Math.fround(Number(cell)))

type Take = (cells: readonly string[], line: number) => void

/** Hands over line after line, at most `to` of them (-1: all). */
function readCsv(bytes: Uint8Array, name: string, take: Take, to = -1): void {
  const seen = (cells: string[], { lines }: InfoRecord): null => {
    take(cells, lines)
    return null
  }
  try {
    parse(bytes, { ...format, to, on_record: seen })
  } catch (error) {
    if (error instanceof ResiduaError) throw error
    throw new DataError(`${name}: is no CSV file (${messageOf(error)})`, { cause: error })
  }
}

/** The cells of the first line. Throws DataError where there is none. */
export function firstLine(bytes: Uint8Array, name: string): readonly string[] {
  const lines: (readonly string[])[] = []
  readCsv(bytes, name, (cells) => lines.push(cells), 1)
  const [first] = lines
  if (!first) throw new DataError(`${name}: expected at least one line, got none`)
  return first
}

/** Which cell of a line is each feature; a header may name further columns, and in any order. */
function positions(header: readonly string[] | null, features: readonly string[], name: string): number[] {
  if (header === null) return features.map((_, at) => at)
  const found = features.map((feature) => header.indexOf(feature))
  const missing = features[found.indexOf(-1)]
  if (missing === undefined) return found
  throw new DataError(`${name}: line 1: expected a column '${missing}' as in training, got ${header.join(', ')}`)
}

/**
 * Rows of numbers in a CSV text, float32 `[rows, features]`. A first line that is not all numbers is a header, whose
 * names decide the order; without one each line must hold exactly the features.
 *
 * `features` are the names as in training, or their number alone. Throws DataError that names line and column.
 */
export function parseRows(bytes: Uint8Array, name: string, features: readonly string[] | number): HostTensor {
  const first = firstLine(bytes, name)
  const header = first.every(isNumber) ? null : first
  const width = typeof features === 'number' ? features : features.length
  const names =
    typeof features === 'number' ? (header ?? Array.from({ length: width }, (_, at) => String(at))) : features
  const at = positions(header, names, name)
  const columns = header?.length ?? width
  if (at.length !== width) throw new DataError(`${name}: line 1: expected ${width} columns, got ${columns}`)

  const values = new Float32Array(Math.ceil((bytes.length + 1) / 2)) // a cell takes a character and a delimiter
  let filled = 0
  let lines = 0
  const take: Take = (cells, line) => {
    if (lines++ === 0 && header) return
    if (cells.length !== columns)
      throw new DataError(`${name}: line ${line}: expected ${columns} cells, got ${cells.length}`)
    for (const [i, position] of at.entries()) {
      const cell = cells[position] ?? ''
      if (!isNumber(cell)) {
        const got = cell === '' ? 'an empty cell' : JSON.stringify(cell)
        throw new DataError(`${name}: line ${line}, column ${names[i]}: expected a finite number, got ${got}`)
      }
      values[filled++] = Number(cell)
    }
  }
  readCsv(bytes, name, take)
  if (filled === 0) throw new DataError(`${name}: expected at least one row of features, got none`)
  return tensor(values.slice(0, filled), [filled / width, width])
}

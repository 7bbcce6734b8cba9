import { parse, type InfoRecord } from 'csv-parse/sync'
import { DataError, messageOf, OptionError, ResiduaError } from '../errors.ts'
import { arrays } from './arrays.ts'
import type { Dataset } from './dataset.ts'
import { readBytes } from './file.ts'

export interface CsvOptions {
  /** Name of the column to predict; in a file without a header its number, from '0'. */
  readonly target: string
  /** The first line names the columns; default true. */
  readonly header?: boolean
  /** What stands between two cells; default ','. */
  readonly delimiter?: string
  /** The target column names classes: its distinct cells in sorted order become 0, 1, ...; default false, numbers. */
  readonly classes?: boolean
  /** Largest file that is read, in bytes; default 256 MiB. */
  readonly maxBytes?: number
}

/** A data set that remembers what its columns and classes are called. */
export interface Table extends Dataset {
  /** Names of the input columns, in the order of the input's one axis. */
  readonly features: readonly string[]
  /** Where targets are classes: the name of each, by class index. */
  readonly labels?: readonly string[]
}

/**
 * A CSV file (RFC 4180) of numbers, one example per line; every column but `target` is an input.
 *
 * Shapes: inputs `[size, features]` float32; targets `[size]`, int32 with `classes`, else float32.
 * Classes are sorted by value where all are numbers, else by their characters.
 * Throws DataError, naming line and column, for ragged rows, empty cells and inputs that are not finite numbers, and
 * for a file that is missing or larger than `maxBytes`; OptionError for an unknown `target`.
 */
export async function csv(path: string, options: CsvOptions): Promise<Table> {
  return parseCsv(await readBytes(path, options.maxBytes ?? 256 * 2 ** 20), path, options)
}

/** `csv` for bytes in memory; `name` is how errors call them. */
export function parseCsv(bytes: Uint8Array, name: string, options: CsvOptions): Table {
  const { target, header = true, delimiter = ',', classes = false } = options
  if (delimiter === '' || /["\r\n]/.test(delimiter)) {
    throw new OptionError(`csv: expected a delimiter other than quotes and line ends, got ${JSON.stringify(delimiter)}`)
  }
  let columns: readonly string[] = []
  let targetAt = -1
  const inputs = new Float32Array(Math.ceil((bytes.length + 1) / 2)) // a cell takes a character and a delimiter
  let filled = 0
  const targets: number[] = []
  const classOf = new Map<string, number>()

  const open = (first: readonly string[]): void => {
    columns = header ? first : first.map((_, at) => String(at))
    checkColumns(columns, name)
    targetAt = columns.indexOf(target)
    if (targetAt < 0) {
      throw new OptionError(`csv: expected target to be one of ${columns.join(', ')} (${name}), got ${target}`)
    }
  }
  const read = (cells: readonly string[], line: number): void => {
    if (cells.length !== columns.length) {
      throw new DataError(`${name}: line ${line}: expected ${columns.length} cells, got ${cells.length}`)
    }
    for (const [at, cell] of cells.entries()) {
      const isClass = classes && at === targetAt
      const value = isClass ? idOf(classOf, cell) : finite(cell)
      if (cell.trim() === '' || Number.isNaN(value)) {
        const got = cell.trim() === '' ? 'an empty cell' : JSON.stringify(cell)
        const expected = isClass ? 'a class' : 'a finite number'
        throw new DataError(`${name}: line ${line}, column ${columns[at]}: expected ${expected}, got ${got}`)
      }
      if (at === targetAt) targets.push(value)
      else inputs[filled++] = value
    }
  }
  const take = (cells: string[], { lines }: InfoRecord): null => {
    const isFirst = columns.length === 0
    if (isFirst) open(cells)
    if (!isFirst || !header) read(cells, lines)
    return null
  }
  try {
    parse(bytes, {
      delimiter,
      bom: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      on_record: take,
    })
  } catch (error) {
    if (error instanceof ResiduaError) throw error
    throw new DataError(`${name}: is no CSV file (${messageOf(error)})`, { cause: error })
  }
  if (targets.length === 0) throw new DataError(`${name}: expected at least one line of data, got none`)

  const features = columns.filter((_, at) => at !== targetAt)
  const examples = { name, inputs: inputs.slice(0, filled), shape: [features.length] }
  if (!classes) return { ...arrays({ ...examples, targets: Float32Array.from(targets) }), features }
  const labels = [...classOf.keys()].sort(compareCells(classOf.keys()))
  const rank = new Map(labels.map((label, index) => [classOf.get(label), index]))
  const indices = Int32Array.from(targets, (id) => rank.get(id)!)
  return { ...arrays({ ...examples, targets: indices, classes: labels.length }), features, labels }
}

function checkColumns(columns: readonly string[], name: string): void {
  const seen = new Set<string>()
  for (const column of columns) {
    if (column === '') throw new DataError(`${name}: header: expected a name for every column, got an empty one`)
    if (seen.has(column)) throw new DataError(`${name}: header: expected distinct column names, got ${column} twice`)
    seen.add(column)
  }
  if (columns.length < 2) throw new DataError(`${name}: expected at least two columns, got ${columns.length}`)
}

/** The number of a class in order of appearance. */
function idOf(classOf: Map<string, number>, cell: string): number {
  const id = classOf.get(cell) ?? classOf.size
  classOf.set(cell, id)
  return id
}

/** A decimal number that float32 can hold, else NaN. */
function finite(cell: string): number {
  const value = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(cell) ? Number(cell) : NaN
  return Number.isFinite(Math.fround(value)) ? value : NaN
}

function compareCells(cells: Iterable<string>): (a: string, b: string) => number {
  const numeric = [...cells].every((cell) => !Number.isNaN(finite(cell)))
  return numeric ? (a, b) => Number(a) - Number(b) : (a, b) => (a < b ? -1 : 1)
}

/**
 * `scalars.jsonl`: what a run measured per step. Line 1 names the columns, `["step","time","loss",...]`; each further
 * line is one row, `[500,12.25,2.31,...]`. Numbers that are not finite stand as "NaN", "Infinity", "-Infinity".
 */
import { DataError, OptionError } from '../../errors.ts'
import { cutFile, openAppender, readLines, type Line } from './append.ts'
import { displayJson, displayedNumber, parseJson, quote } from '../../files/json.ts'
import { runPaths } from './paths.ts'

export interface ScalarRow {
  readonly step: number
  /** Seconds since the run started. */
  readonly time: number
  /** One number per name. */
  readonly values: readonly number[]
}

export interface Scalars {
  readonly names: readonly string[]
  readonly rows: readonly ScalarRow[]
}

export interface ScalarWriter {
  /** Appends one row; `values` follow the names. Throws OptionError for another count, DataError when the disk is full. */
  write(step: number, time: number, values: readonly number[]): void
  sync(): void
  close(): void
}

function parseNames(line: Line, path: string): string[] {
  const where = `${path}: line 1`
  const value = parseJson(line.text, where)
  const fits = Array.isArray(value) && value.every((name) => typeof name === 'string')
  if (!fits || value[0] !== 'step' || value[1] !== 'time') {
    throw new DataError(`${where}: expected the column names ["step","time",...], got ${quote(line.text)}`)
  }
  return value.slice(2)
}

function parseRow(line: Line, names: readonly string[], path: string): ScalarRow {
  const where = `${path}: line ${line.number}`
  const value = parseJson(line.text, where)
  if (!Array.isArray(value) || value.length !== names.length + 2) {
    throw new DataError(`${where}: expected an array of ${names.length + 2} numbers, got ${quote(line.text)}`)
  }
  const plain = value.every((item) => typeof item === 'number')
  const numbers = plain ? value : value.map(displayedNumber)
  if (!Number.isSafeInteger(numbers[0]) || numbers[0]! < 0 || numbers.includes(undefined)) {
    throw new DataError(`${where}: expected an integer step >= 0 and numbers, got ${quote(line.text)}`)
  }
  const [step, time] = numbers as number[]
  return { step: step!, time: time!, values: numbers.slice(2) as number[] }
}

/** The scalars of a run so far; a line that is being written or was torn by a crash is left out. Throws DataError. */
export function readScalars(folder: string): Scalars {
  const path = runPaths(folder).scalars
  let names: string[] = []
  const rows: ScalarRow[] = []
  for (const line of readLines(path)) {
    if (line.number === 1) names = parseNames(line, path)
    else rows.push(parseRow(line, names, path))
  }
  return { names, rows }
}

/** Removes the rows after `step`, and a torn last line. Throws DataError for a damaged file. */
export function cutScalars(folder: string, step: number): void {
  const path = runPaths(folder).scalars
  let names: string[] = []
  let end = 0
  for (const line of readLines(path)) {
    if (line.number === 1) names = parseNames(line, path)
    else if (parseRow(line, names, path).step > step) break
    end = line.end
  }
  cutFile(path, end)
}

/**
 * Opens the scalars of a run for appending, with the columns `names` after step and time.
 *
 * Throws OptionError for a name given twice or columns that differ from those the file has, DataError for a damaged file.
 */
export function openScalars(folder: string, names: readonly string[]): ScalarWriter {
  if (new Set(['step', 'time', ...names]).size !== names.length + 2) {
    throw new OptionError(`openScalars: expected different names, none "step" or "time", got ${names.join(', ')}`)
  }
  const path = runPaths(folder).scalars
  cutScalars(folder, Infinity)
  const [header] = readLines(path)
  if (header) {
    const stored = parseNames(header, path)
    if (stored.length !== names.length || stored.some((name, i) => name !== names[i])) {
      throw new OptionError(`${path}: expected the columns ${stored.join(', ')} it has, got ${names.join(', ')}`)
    }
  }
  const file = openAppender(path)
  if (!header) file.append(`${JSON.stringify(['step', 'time', ...names])}\n`)
  return {
    write(step, time, values) {
      if (values.length !== names.length || !Number.isSafeInteger(step) || step < 0) {
        throw new OptionError(`scalars: expected a step >= 0 and ${names.length} values, got ${step}, ${values.length}`)
      }
      file.append(`${displayJson([step, time, ...values])}\n`)
    },
    sync: () => file.sync(),
    close: () => file.close(),
  }
}

/** What commands print on standard output. */
import { displayJson } from '../files/json.ts'
import { columnsOf } from '../lab/text-width.ts'

/** Text out of files, made safe for a terminal: control characters become `?`. */
export const printable = (text: string): string => text.replace(/\p{Cc}/gu, '?')

/** A value for people: numbers with six significant digits, `-` for none. */
export function figure(value: unknown): string {
  if (value === null || value === undefined) return '-'
  if (typeof value !== 'number') return printable(typeof value === 'string' ? value : displayJson(value))
  return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : String(value)
}

/** Prints one line on standard output. */
export const print = (line: string): void => void process.stdout.write(`${line}\n`)

/** Prints one object as a line of JSON; numbers that are not finite become "NaN", "Infinity", "-Infinity". */
export const printJson = (value: unknown): void => print(displayJson(value))

/** Rows of cells as left-aligned columns, two spaces apart. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => columnsOf(row[column] ?? ''))))
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - columnsOf(cell))).join('  ')
  return rows.map((row) => line(row).trimEnd()).join('\n')
}

/** Names and values, one pair a line. */
export const pairs = (values: Readonly<Record<string, unknown>>): string =>
  table(Object.entries(values).map(([name, value]) => [name, figure(value)]))

/** One line of a CSV file (RFC 4180). */
export const csvLine = (cells: readonly string[]): string =>
  cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')

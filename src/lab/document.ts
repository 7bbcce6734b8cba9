import { smooth } from './curve.ts'
import { type Figure, hasLines, type Panel } from './figure.ts'
import type { HeatPanel } from './heatmap.ts'

export interface Table {
  readonly caption: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** A part of a report. */
export type Block =
  | { readonly type: 'heading'; readonly text: string }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'code'; readonly text: string }
  | { readonly type: 'list'; readonly items: readonly string[] }
  | { readonly type: 'table'; readonly table: Table }
  | { readonly type: 'figure'; readonly figure: Figure }

/** A report, as data: HTML and Markdown are two ways to write the same one. */
export interface Report {
  readonly title: string
  /** What was found, before anything else. */
  readonly lead: string
  readonly blocks: readonly Block[]
}

/** A number with `digits` significant ones, in scientific notation where it is very small or large. */
export function numberText(value: number, digits = 4): string {
  const size = Math.abs(value)
  if (!Number.isFinite(value) || size === 0) return String(value)
  if (size < 1e-3 || size >= 1e5) return value.toExponential(Math.min(digits, 3) - 1)
  const text = value.toPrecision(digits)
  return text.includes('e') ? String(Number(text)) : text
}

/** A share as a percentage with two decimals. */
export const percent = (share: number): string => `${(100 * share).toFixed(2)}%`

/** Longer tables than this show a selection of rows. */
const fullRows = 40
const selectedRows = 12

/** The indices that are shown of so many. */
function selection(count: number): number[] {
  const shown = count <= fullRows ? count : selectedRows
  return Array.from({ length: shown }, (_, i) => (shown < count ? Math.round((i * (count - 1)) / (shown - 1)) : i))
}

function lineTable({ title, x, y, series, halfLife, moments = [] }: Panel): Table {
  const shown = series.map(({ points }) => new Map(halfLife ? smooth(points, halfLife, y.scale) : points))
  const all = [...new Set(shown.flatMap((points) => [...points.keys()]))].toSorted((a, b) => a - b)
  const cell = (value: number | undefined): string => (value === undefined ? '-' : numberText(value))
  const smoothed = halfLife ? `, smoothed with a half-life of ${halfLife}` : ''
  return {
    caption: [`${title}: ${y.label}${smoothed}`, ...moments.map((moment) => `${moment.text} at ${moment.x}`)].join(
      '; ',
    ),
    head: [x.label, ...series.map(({ name }) => name)],
    rows: selection(all.length).map((i) => [String(all[i]!), ...shown.map((points) => cell(points.get(all[i]!)))]),
  }
}

/** A heatmap lying on its side: one row per column, so that a long run makes a long table. */
function heatTable({ title, x, colour, columns, rows, cells }: HeatPanel): Table {
  const depths = selection(rows.length)
  return {
    caption: `${title}: ${colour.label}`,
    head: [x.label, ...depths.map((row) => rows[row]!)],
    rows: selection(columns.length).map((i) => [
      String(columns[i]!),
      ...depths.map((row) => numberText(cells[row]![i]!)),
    ]),
  }
}

/** The same numbers as a figure, one table per panel; smoothed where the lines are, of long lines and deep nets a selection. */
export const figureTables = ({ panels }: Figure): Table[] =>
  panels.map((panel) => (hasLines(panel) ? lineTable(panel) : heatTable(panel)))

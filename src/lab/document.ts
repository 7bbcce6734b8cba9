import { smooth } from './curve.ts'
import type { Figure } from './figure.ts'

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

function selection(xs: readonly number[]): number[] {
  if (xs.length <= fullRows) return [...xs]
  const at = (i: number): number => Math.round((i * (xs.length - 1)) / (selectedRows - 1))
  return Array.from({ length: selectedRows }, (_, i) => xs[at(i)]!)
}

/** The same numbers as a figure, one table per panel; smoothed where the lines are, of long lines a selection. */
export function figureTables({ panels }: Figure): Table[] {
  return panels.map(({ title, x, y, series, halfLife }) => {
    const shown = series.map(({ points }) => new Map(halfLife ? smooth(points, halfLife, y.scale) : points))
    const all = [...new Set(shown.flatMap((points) => [...points.keys()]))].toSorted((a, b) => a - b)
    const cell = (value: number | undefined): string => (value === undefined ? '-' : numberText(value))
    return {
      caption: `${title}: ${y.label}${halfLife ? `, smoothed with a half-life of ${halfLife}` : ''}`,
      head: [x.label, ...series.map(({ name }) => name)],
      rows: selection(all).map((at) => [String(at), ...shown.map((points) => cell(points.get(at)))]),
    }
  })
}

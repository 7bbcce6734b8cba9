import type { Language } from './claims/claim.ts'
import { smooth } from './curve.ts'
import { type Figure, hasLines, type Moment, type Panel } from './figure.ts'
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

const words = {
  en: {
    title: (title: string, quantity: string): string => (title === quantity ? title : `${title}: ${quantity}`),
    smoothed: (halfLife: number): string => `, smoothed with a half-life of ${halfLife}`,
    moment: ({ x, text }: Moment): string => `; ${text} at ${x}`,
  },
  zh: {
    title: (title: string, quantity: string): string => (title === quantity ? title : `${title}：${quantity}`),
    smoothed: (halfLife: number): string => `，平滑半衰期为 ${halfLife}`,
    moment: ({ x, text }: Moment): string => `；${x} 处${text}`,
  },
} as const

type Words = (typeof words)[Language]

function lineTable({ title, x, y, series, halfLife, moments = [] }: Panel, say: Words): Table {
  const shown = series.map(({ points }) => new Map(halfLife ? smooth(points, halfLife, y.scale) : points))
  const all = [...new Set(shown.flatMap((points) => [...points.keys()]))].toSorted((a, b) => a - b)
  const bands = series.map(({ spread }) => new Map(spread?.band.map(([at, low, high]) => [at, [low, high] as const])))
  const cell = (at: number, i: number): string => {
    const [value, band] = [shown[i]!.get(at), bands[i]!.get(at)]
    if (value === undefined) return '-'
    return numberText(value) + (band ? ` [${numberText(band[0])}, ${numberText(band[1])}]` : '')
  }
  const smoothed = halfLife ? [say.smoothed(halfLife)] : []
  return {
    caption: [say.title(title, y.label), ...smoothed, ...moments.map(say.moment)].join(''),
    head: [x.label, ...series.map(({ name, spread }) => (spread ? say.title(name, spread.what) : name))],
    rows: selection(all.length).map((i) => [String(all[i]!), ...series.map((_, one) => cell(all[i]!, one))]),
  }
}

/** A heatmap lying on its side: one row per column, so that a long run makes a long table. */
function heatTable({ title, x, colour, columns, rows, cells }: HeatPanel, say: Words): Table {
  const depths = selection(rows.length)
  return {
    caption: say.title(title, colour.label),
    head: [x.label, ...depths.map((row) => rows[row]!)],
    rows: selection(columns.length).map((i) => [
      String(columns[i]!),
      ...depths.map((row) => numberText(cells[row]![i]!)),
    ]),
  }
}

/** The same numbers as a figure, one table per panel; smoothed where the lines are, of long lines and deep nets a selection. */
export const figureTables = ({ panels }: Figure, language: Language = 'en'): Table[] => {
  const say = words[language]
  return panels.map((panel) => (hasLines(panel) ? lineTable(panel, say) : heatTable(panel, say)))
}

import { OptionError } from '../errors.ts'
import type { Language } from './claims/claim.ts'
import { type Axis, domainOf, type Placed, placeAxis, type Tick } from './axis.ts'
import { sequential } from './colour-map.ts'
import { isDrawable, type Mark, marks, type Point, type ScaleKind } from './curve.ts'
import { element, type Markup } from './markup.ts'
import { type Box, columnWidth, drawGrid, markShapes, text } from './plot.ts'
import { columnsOf, shortened } from './text-width.ts'

/** A panel in which a colour says the value at each row (a depth) and column (a step). */
export interface HeatPanel {
  readonly title: string
  readonly x: Axis
  /** What the numbers of the rows count; the first is at the bottom. */
  readonly y: string
  /** The number of the first row. Default 0. */
  readonly firstRow?: number
  /** The quantity that the colour shows, its unit and scale. */
  readonly colour: Axis
  /** The x of each column, ascending. */
  readonly columns: readonly number[]
  /** The name of each row. */
  readonly rows: readonly string[]
  /** Values by row and column. */
  readonly cells: readonly (readonly number[])[]
}

/** At most so many rows (2 pixels each), and cells: a picture stays below about 300 kB. */
const mostRows = 145
const mostCells = 10_000

/** So many rows at most are named on the axis, more are numbered; so many columns at most have their own ticks. */
const mostNamedRows = 12
const mostOwnTicks = 8

/** Columns of a row's name on the axis, and pixels for it left of every panel. */
const nameColumns = 16
const nameRoom = 34

/** Room right of the cells for the colour bar and its ticks, and the width of the bar, pixels. */
const room = 86
const bar = 14

/** Throws OptionError for a panel that cannot be drawn. */
export function checkHeat(where: string, { title, x, columns, rows, cells }: HeatPanel): void {
  const refuse = (expected: string): never => {
    throw new OptionError(`${where}: '${title}': expected ${expected}`)
  }
  if (rows.length === 0 || columns.length === 0) refuse(`a row and a column, got ${rows.length} x ${columns.length}`)
  const wrong = columns.findIndex((at, i) => !isDrawable(at, x.scale) || (i > 0 && at <= columns[i - 1]!))
  if (wrong >= 0) refuse(`ascending x values that a ${x.scale} axis can show, got ${columns[wrong]} at ${wrong}`)
  const fits = cells.length === rows.length && cells.every((row) => row.length === columns.length)
  if (!fits) refuse(`${rows.length} rows of ${columns.length} values`)
}

/** The value that stands for several: one without a place on the scale if there is one, else the furthest from `middle`. */
function outstanding(values: readonly number[], middle: number, { scale }: Axis): number {
  const bad = values.find((value) => !isDrawable(value, scale))
  if (bad !== undefined) return bad
  const away = (value: number): number => Math.abs(scale === 'log' ? Math.log(value / middle) : value - middle)
  return values.reduce((chosen, value) => (away(value) > away(chosen) ? value : chosen))
}

const bucketed = <T>(values: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(values.length / size) }, (_, i) => values.slice(i * size, (i + 1) * size))

/** Every line of values with `size` neighbours taken together; nothing that stands out of its line is lost. */
const thinned = (lines: readonly (readonly number[])[], size: number, colour: Axis): number[][] =>
  lines.map((line) => {
    const sorted = line.filter((value) => isDrawable(value, colour.scale)).toSorted((a, b) => a - b)
    const middle = sorted[sorted.length >> 1] ?? NaN
    return bucketed(line, size).map((bucket) => outstanding(bucket, middle, colour))
  })

const transposed = (lines: readonly (readonly number[])[]): number[][] =>
  lines[0]!.map((_, i) => lines.map((line) => line[i]!))

/** How many columns and rows are drawn as one. */
function strides({ rows, columns }: HeatPanel): { across: number; up: number } {
  const up = Math.ceil(rows.length / mostRows)
  const most = Math.floor(mostCells / Math.ceil(rows.length / up))
  return { across: Math.ceil(columns.length / most), up }
}

/** Where each row first has no place on the scale, if anywhere. */
const firstMarks = ({ columns, cells, colour }: HeatPanel): (Mark | undefined)[] =>
  cells.map((row) => {
    const points = row.map((value, i): Point => [columns[i]!, value])
    return marks(points, colour.scale)[0]
  })

const words = {
  en: {
    thinned: (up: number, across: number): string =>
      `each cell: of ${up > 1 ? `${up} rows x ` : ''}${across} columns the value that stands out most`,
    blank: 'blank: × not a number, △ infinite, ▽ zero or less',
  },
  zh: {
    thinned: (up: number, across: number): string => `每格为 ${up > 1 ? `${up} 行 x ` : ''}${across} 列中最突出的值`,
    blank: '空白：× 非数，△ 无穷大，▽ 零或更小',
  },
} as const

/** What has to be said about how a panel was drawn. */
export function heatRemarks(panel: HeatPanel, language: Language): string[] {
  const { across, up } = strides(panel)
  const say = words[language]
  return [
    ...(across > 1 || up > 1 ? [say.thinned(up, across)] : []),
    ...(firstMarks(panel).some((mark) => mark) ? [say.blank] : []),
  ]
}

/** Edges halfway between neighbours (their geometric means on a log axis); the outer cells are as wide as the next ones. */
export function edgesOf(columns: readonly number[], scale: ScaleKind): number[] {
  const [to, from] = scale === 'log' ? [Math.log, Math.exp] : [Number, Number]
  const at = columns.map(to)
  const inner = at.slice(1).map((value, i) => (value + at[i]!) / 2)
  const [first, last] = [at[0]!, at.at(-1)!]
  const half = scale === 'log' ? Math.LN2 / 2 : 0.5
  const [before, after] = inner.length === 0 ? [half, half] : [inner[0]! - first, last - inner.at(-1)!]
  return [first - before, ...inner, last + after].map(from)
}

const tenth = (pixels: number): number => Math.round(10 * pixels) / 10

/** One path per colour: equal neighbours in a row are one rectangle. */
function drawCells(cells: readonly (readonly number[])[], colour: Placed, xs: readonly number[], box: Box): Markup[] {
  const paths = new Map<number, string[]>()
  const height = (box.bottom - box.top) / cells.length
  cells.forEach((row, r) => {
    const [top, bottom] = [tenth(box.bottom - (r + 1) * height), tenth(box.bottom - r * height)]
    const level = row.map((value) => Math.round(colour.at(value))) // NaN where there is no place
    for (let from = 0, to; from < row.length; from = to) {
      to = from + 1
      while (to < row.length && level[to] === level[from]) to++
      const [left, right] = [tenth(xs[from]!), tenth(xs[to]!)]
      const path = paths.get(level[from]!) ?? []
      paths.set(level[from]!, path)
      if (!Number.isNaN(level[from])) path.push(`M${left},${top}H${right}V${bottom}H${left}z`)
    }
  })
  return [...paths]
    .filter(([, rectangles]) => rectangles.length > 0)
    .map(([level, rectangles]) => element('path', { d: rectangles.join(''), style: `fill:${sequential[level]!}` }))
}

/** The colours beside their values. */
function drawBar({ label }: Axis, colour: Placed, { right, top, bottom }: Box): Markup[] {
  const left = right + 12
  const height = (bottom - top) / sequential.length
  const y = (level: number): number => bottom - ((level + 0.5) / sequential.length) * (bottom - top)
  const labelAt = `translate(${right + room - 4},${(top + bottom) / 2}) rotate(-90)`
  return [
    ...sequential.map((fill, i) =>
      element('rect', {
        x: left,
        y: bottom - (i + 1) * height,
        width: bar,
        height: height + 0.5,
        style: `fill:${fill}`,
      }),
    ),
    ...colour.ticks.map((tick) => text(left + bar + 5, y(colour.at(tick.at)) + 4, tick.text, { class: 'quiet' })),
    element('text', { transform: labelAt, 'text-anchor': 'middle' }, label),
  ]
}

/** What stands on the axis at each row; null where the rows are numbered. */
const namesOf = (rows: readonly string[]): string[] | null =>
  rows.length > mostNamedRows ? null : rows.map((row) => shortened(row, nameColumns))

/** Every column's own value, but for those whose text would run into the one before. */
function ownTicks(columns: readonly number[], at: Placed['at']): Tick[] {
  let end = -Infinity
  return columns.flatMap((column) => {
    const text = String(Number(column.toPrecision(3)))
    const half = (columnsOf(text) * columnWidth) / 2
    if (at(column) - half < end) return []
    end = at(column) + half
    return [{ at: column, text }]
  })
}

/** Draws the cells with their axes and the colour bar; cells without a place on the scale are blank with a mark. */
export function drawHeat(panel: HeatPanel, whole: Box, language: Language): Markup {
  const { title, x, y, firstRow = 0, colour, rows, columns, cells } = panel
  const names = namesOf(rows)
  const wider = Math.max(0, ...(names ?? []).map((name) => columnsOf(name) * columnWidth - nameRoom))
  const box = { ...whole, left: whole.left + wider, right: whole.right - room }
  const { across, up } = strides(panel)
  const shown = transposed(thinned(transposed(thinned(cells, across, colour)), up, colour))
  const edges = edgesOf(columns, x.scale)
  const starts = [...edges.slice(0, -1).filter((_, i) => i % across === 0), edges.at(-1)!]
  const placed = placeAxis(x, [edges[0]!, edges.at(-1)!], [box.left, box.right], 6)
  const atX = columns.length > mostOwnTicks ? placed : { ...placed, ticks: ownTicks(columns, placed.at) }
  const atY = placeAxis(
    { label: y, scale: 'linear' },
    [firstRow - 0.5, firstRow + rows.length - 0.5],
    [box.bottom, box.top],
    7,
  )
  const place = placeAxis(colour, domainOf(cells.flat(), colour.scale, 0), [0, sequential.length - 1], 6)
  const rowTicks =
    names?.map((text, r) => ({ at: firstRow + r, text })) ?? atY.ticks.filter(({ at }) => Number.isInteger(at))
  const drawn = firstMarks(panel).flatMap((mark, r) => {
    if (mark === undefined) return []
    const d = `M${(atX.at(mark.x) + 4).toFixed(1)},${atY.at(firstRow + r).toFixed(1)}${markShapes[mark.kind]}`
    return [element('path', { class: 'mark ink', d }, element('title', {}, `${rows[r]!}: ${mark.text[language]}`))]
  })
  return element(
    'g',
    {},
    ...drawGrid({ title, x: x.label, y }, atX, { ...atY, ticks: rowTicks }, box, whole),
    element('g', { 'shape-rendering': 'crispEdges' }, ...drawCells(shown, place, starts.map(atX.at), box)),
    ...drawn,
    ...drawBar(colour, place, box),
  )
}

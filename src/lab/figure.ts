import { line } from 'd3-shape'
import { OptionError } from '../errors.ts'
import { type Axis, domainOf, type Placed, placeAxis } from './axis.ts'
import type { Language } from './claims/claim.ts'
import { isDrawable, type Mark, marks, type Point, smooth, thin } from './curve.ts'
import { checkHeat, drawHeat, type HeatPanel, heatRemarks } from './heatmap.ts'
import { element, Markup } from './markup.ts'
import { type Colour, type Dash, dashes, figureStyle, light } from './palette.ts'
import { type Box, columnWidth, drawGrid, markShapes, text } from './plot.ts'
import { drawSpread, type Spread, spreadValues } from './spread.ts'
import { columnsOf } from './text-width.ts'

export interface Series {
  readonly name: string
  readonly colour: Colour
  readonly dash: Dash
  /** By ascending x. */
  readonly points: readonly Point[]
  /** Something to compare with: a thin line. Draw it first, so that it lies behind. */
  readonly ghost?: true
  readonly spread?: Spread
}

/** Something that happened at one x: a vertical line with its name. */
export interface Moment {
  readonly x: number
  readonly text: string
}

export interface Panel {
  readonly title: string
  readonly x: Axis
  readonly y: Axis
  readonly series: readonly Series[]
  /** Smooths the lines, with the raw ones thin behind them: the distance on x over which a value's weight halves. */
  readonly halfLife?: number
  readonly moments?: readonly Moment[]
}

/** A figure, as data: what it shows, and the sentence that says what is to be seen. */
export interface Figure {
  /** File name without ending; letters, digits, `_` and `-`. */
  readonly name: string
  readonly title: string
  /** One sentence that states the finding. */
  readonly summary: string
  readonly panels: readonly (Panel | HeatPanel)[]
  /** One y domain for all panels of lines. Default: each its own. */
  readonly sharedY?: boolean
}

/** Pixels. */
const width = 920
const plotHeight = 290
const legendRow = 22
const gap = { left: 64, right: 14, title: 26, bottom: 46 } as const

/** Whether a panel shows lines. */
export const hasLines = (panel: Panel | HeatPanel): panel is Panel => 'series' in panel

function check({ name, panels }: Figure): void {
  if (!/^[\w-]+$/.test(name))
    throw new OptionError(`figure: expected a name of letters, digits, _ and -, got '${name}'`)
  if (panels.length === 0) throw new OptionError(`figure ${name}: expected at least one panel, got none`)
  for (const panel of panels) {
    if (!hasLines(panel)) {
      checkHeat(`figure ${name}`, panel)
      continue
    }
    const { title, x, series, halfLife } = panel
    if (halfLife !== undefined && !(halfLife > 0)) {
      throw new OptionError(`figure ${name}: '${title}': halfLife: expected a number > 0, got ${halfLife}`)
    }
    const wrong = series.flatMap(({ points }) => points).find(([at]) => !isDrawable(at, x.scale))
    if (wrong) {
      throw new OptionError(
        `figure ${name}: '${title}': expected x values that a ${x.scale} axis can show, got ${wrong[0]}`,
      )
    }
  }
}

const linePath = (points: readonly Point[], x: Placed, y: Placed): string =>
  line<Point>(
    ([at]) => x.at(at),
    ([, value]) => y.at(value),
  )
    .defined(([, value]) => !Number.isNaN(y.at(value)))
    .digits(1)(points) ?? ''

function drawMark(mark: Mark, { name, colour }: Series, x: Placed, box: Box, language: Language): Markup {
  const y = mark.kind === 'below' ? box.bottom - 6 : box.top + 6
  const d = `M${x.at(mark.x).toFixed(1)},${y}${markShapes[mark.kind]}`
  return element('path', { class: `mark ${colour}`, d }, element('title', {}, `${name}: ${mark.text[language]}`))
}

function drawSeries(series: Series, panel: Panel, x: Placed, y: Placed, box: Box, language: Language): Markup {
  const { name, colour, dash, points, ghost, spread } = series
  const { halfLife } = panel
  const { scale } = panel.y
  const pixels = box.right - box.left
  const draw = (shown: readonly Point[], kind: string, pattern: string | undefined): Markup =>
    element('path', {
      class: `${kind} ${colour}`,
      d: linePath(thin(shown, pixels, scale), x, y),
      'stroke-dasharray': pattern,
    })
  return element(
    'g',
    {},
    element('title', {}, name),
    ...(spread ? drawSpread(spread, colour, x, y, box) : []),
    ...(halfLife === undefined ? [] : [draw(points, 'raw', undefined)]),
    draw(halfLife === undefined ? points : smooth(points, halfLife, scale), ghost ? 'ghost' : 'line', dashes[dash]),
    ...marks(points, scale).map((mark) => drawMark(mark, series, x, box, language)),
  )
}

/** A dotted line over the height of the panel; its name stands on the side that has room, each a row lower than the last. */
function drawMoment({ x: at, text: name }: Moment, row: number, x: Placed, { left, right, top, bottom }: Box): Markup {
  const pixel = x.at(at)
  const before = pixel > (left + right) / 2
  const line = element('path', {
    class: 'ghost ink',
    d: `M${pixel.toFixed(1)},${top}V${bottom}`,
    'stroke-dasharray': dashes.dotted,
  })
  const anchor = { 'text-anchor': before ? 'end' : 'start' }
  return element('g', {}, line, text(pixel + (before ? -5 : 5), top + 14 + 16 * row, name, anchor))
}

const valuesOf = (panels: readonly Panel[]): number[] =>
  panels.flatMap(({ series }) =>
    series.flatMap(({ points, spread }) => [...points.map(([, y]) => y), ...(spread ? spreadValues(spread) : [])]),
  )

/** Room for the text of a tick, pixels. */
const tickRoom = 50

const ticksOn = ({ left, right }: Box): number => Math.min(6, Math.floor((right - left) / tickRoom))

function drawPanel(panel: Panel, sharing: readonly Panel[], box: Box, language: Language): Markup {
  const { moments = [] } = panel
  const xs = [...panel.series.flatMap(({ points }) => points.map(([x]) => x)), ...moments.map((moment) => moment.x)]
  const x = placeAxis(panel.x, domainOf(xs, panel.x.scale, 0), [box.left, box.right], ticksOn(box))
  const y = placeAxis(panel.y, domainOf(valuesOf(sharing), panel.y.scale), [box.bottom, box.top], 7)
  const lines = panel.series.map((series) => drawSeries(series, panel, x, y, box, language))
  const labels = { title: panel.title, x: panel.x.label, y: panel.y.label }
  const drawn = moments.map((moment, row) => drawMoment(moment, row, x, box))
  return element('g', {}, ...drawGrid(labels, x, y, box), ...lines, ...drawn)
}

const words = {
  en: {
    smoothed: (halfLives: string): string => `thin: raw; thick: smoothed, half-life ${halfLives}`,
    marks: {
      'not a number': '×: not a number',
      above: '△ at the top: infinite',
      below: '▽ at the bottom: no place on the axis (zero or less)',
    },
  },
  zh: {
    smoothed: (halfLives: string): string => `细线：原始值；粗线：平滑值，半衰期 ${halfLives}`,
    marks: {
      'not a number': '×：非数',
      above: '△（顶部）：无穷大',
      below: '▽（底部）：坐标轴上没有位置（零或更小）',
    },
  },
} as const

/** What the marks mean, where there are any, and what the thin lines are. */
function remarks({ panels }: Figure, language: Language): string[] {
  const say = words[language]
  const lines = panels.filter(hasLines)
  const kinds = new Set(
    lines.flatMap(({ series, y }) => series.flatMap(({ points }) => marks(points, y.scale).map(({ kind }) => kind))),
  )
  const halfLives = [...new Set(lines.flatMap(({ halfLife, x }) => (halfLife ? [`${halfLife} (${x.label})`] : [])))]
  return [
    ...(halfLives.length > 0 ? [say.smoothed(halfLives.join(', '))] : []),
    ...new Set(panels.flatMap((panel) => (hasLines(panel) ? [] : heatRemarks(panel, language)))),
    ...(['not a number', 'above', 'below'] as const).filter((kind) => kinds.has(kind)).map((kind) => say.marks[kind]),
  ]
}

/** Lines and their names, then the remarks, in as many rows as they need. */
function drawLegend(figure: Figure, language: Language): { legend: Markup[]; rows: number } {
  const series = figure.panels.filter(hasLines).flatMap((panel) => panel.series)
  const keys = new Map(series.map((one) => [one.name, one]))
  let x: number = gap.left
  let row = 0
  const place = (wanted: number): [number, number] => {
    if (x + wanted > width && x > gap.left) [x, row] = [gap.left, row + 1]
    const at: [number, number] = [x, 14 + row * legendRow]
    x += wanted
    return at
  }
  const textWidth = (content: string): number => columnsOf(content) * columnWidth + 22
  const lines = [...keys.values()].map(({ name, colour, dash, ghost, spread }) => {
    const entry = spread ? `${name}: ${spread.what}` : name
    const [at, y] = place(textWidth(entry) + 40)
    const d = `M${at},${y - 4}h32`
    const sample = element('path', {
      class: `${ghost ? 'ghost' : 'line'} ${colour}`,
      d,
      'stroke-dasharray': dashes[dash],
    })
    return element('g', {}, sample, text(at + 40, y, entry))
  })
  const notes = remarks(figure, language).map((remark) => text(...place(textWidth(remark)), remark, { class: 'quiet' }))
  return { legend: [...lines, ...notes], rows: row + 1 }
}

function draw(figure: Figure, language: Language, ...before: readonly Markup[]): Markup {
  check(figure)
  const { name, title, summary, panels, sharedY = false } = figure
  const { legend, rows } = drawLegend(figure, language)
  const top = rows * legendRow + gap.title
  const each = width / panels.length
  const boxes = panels.map((_, i) => ({
    left: i * each + gap.left,
    right: (i + 1) * each - gap.right,
    top,
    bottom: top + plotHeight,
  }))
  const height = top + plotHeight + gap.bottom
  const ids = { title: `${name}-title`, summary: `${name}-summary` }
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'figure',
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-labelledby': `${ids.title} ${ids.summary}`,
    },
    element('title', { id: ids.title }, title),
    element('desc', { id: ids.summary }, summary),
    ...before,
    ...legend,
    ...panels.map((panel, i) => {
      if (!hasLines(panel)) return drawHeat(panel, boxes[i]!, language)
      return drawPanel(panel, sharedY ? panels.filter(hasLines) : [panel], boxes[i]!, language)
    }),
  )
}

/**
 * Draws a figure as SVG to be set into a page, which brings the style rules of `figureStyle`; text stays text. Remarks on
 * how it was drawn are in `language`, default 'en'.
 *
 * Values without a place on the axis (NaN, infinities, zero or less on a log axis) are marked at its edge. Throws
 * OptionError for an x value that its axis cannot show.
 */
export const inlineFigure = (figure: Figure, language: Language = 'en'): Markup => draw(figure, language)

/** Draws a figure as an SVG file of its own, on white. Throws as `inlineFigure`. */
export function figureFile(figure: Figure, language: Language = 'en'): string {
  const style = element('style', {}, new Markup(figureStyle(light)))
  const paper = element('rect', { width: '100%', height: '100%', fill: light.background })
  return `<?xml version="1.0" encoding="UTF-8"?>\n${draw(figure, language, style, paper).text}\n`
}

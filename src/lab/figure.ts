import { line } from 'd3-shape'
import { OptionError } from '../errors.ts'
import { type Axis, domainOf, type Placed, placeAxis } from './axis.ts'
import { isDrawable, type Mark, marks, type Point, smooth, thin } from './curve.ts'
import { element, Markup } from './markup.ts'
import { type Colour, type Dash, dashes, figureStyle, light } from './palette.ts'

export interface Series {
  readonly name: string
  readonly colour: Colour
  readonly dash: Dash
  /** By ascending x. */
  readonly points: readonly Point[]
}

export interface Panel {
  readonly title: string
  readonly x: Axis
  readonly y: Axis
  readonly series: readonly Series[]
  /** Smooths the lines, with the raw ones thin behind them: the distance on x over which a value's weight halves. */
  readonly halfLife?: number
}

/** A figure, as data: what it shows, and the sentence that says what is to be seen. */
export interface Figure {
  /** File name without ending; letters, digits, `_` and `-`. */
  readonly name: string
  readonly title: string
  /** One sentence that states the finding. */
  readonly summary: string
  readonly panels: readonly Panel[]
  /** One y domain for all panels. Default: each its own. */
  readonly sharedY?: boolean
}

/** Pixels. */
const width = 920
const plotHeight = 290
const legendRow = 22
const gap = { left: 64, right: 14, title: 26, bottom: 46 } as const

interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

function check({ name, panels }: Figure): void {
  if (!/^[\w-]+$/.test(name))
    throw new OptionError(`figure: expected a name of letters, digits, _ and -, got '${name}'`)
  if (panels.length === 0) throw new OptionError(`figure ${name}: expected at least one panel, got none`)
  for (const { title, x, series, halfLife } of panels) {
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

const text = (x: number, y: number, content: string, attributes: Readonly<Record<string, string>> = {}): Markup =>
  element('text', { x, y, ...attributes }, content)

const linePath = (points: readonly Point[], x: Placed, y: Placed): string =>
  line<Point>(
    ([at]) => x.at(at),
    ([, value]) => y.at(value),
  )
    .defined(([, value]) => !Number.isNaN(y.at(value)))
    .digits(1)(points) ?? ''

/** The shape of a mark of 8 pixels round its centre: a cross, a triangle up, a triangle down. */
const markShapes: Readonly<Record<Mark['kind'], string>> = {
  'not a number': 'm-4,-4l8,8m0,-8l-8,8',
  above: 'm0,-4l4,8h-8z',
  below: 'm0,4l4,-8h-8z',
}

function drawMark(mark: Mark, { name, colour }: Series, x: Placed, box: Box): Markup {
  const y = mark.kind === 'below' ? box.bottom - 6 : box.top + 6
  const d = `M${x.at(mark.x).toFixed(1)},${y}${markShapes[mark.kind]}`
  return element('path', { class: `mark ${colour}`, d }, element('title', {}, `${name}: ${mark.text}`))
}

function drawSeries(series: Series, panel: Panel, x: Placed, y: Placed, box: Box): Markup {
  const { name, colour, dash, points } = series
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
    ...(halfLife === undefined ? [] : [draw(points, 'raw', undefined)]),
    draw(halfLife === undefined ? points : smooth(points, halfLife, scale), 'line', dashes[dash]),
    ...marks(points, scale).map((mark) => drawMark(mark, series, x, box)),
  )
}

function drawGrid(panel: Panel, x: Placed, y: Placed, { left, right, top, bottom }: Box): Markup[] {
  const middle = { x: (left + right) / 2, y: (top + bottom) / 2 }
  const labelAt = `translate(${left - 50},${middle.y}) rotate(-90)`
  return [
    text(left, top - 10, panel.title, { class: 'name' }),
    ...y.ticks.flatMap((tick) => [
      element('line', { class: 'grid', x1: left, x2: right, y1: y.at(tick.at), y2: y.at(tick.at) }),
      text(left - 8, y.at(tick.at) + 4, tick.text, { class: 'quiet', 'text-anchor': 'end' }),
    ]),
    ...x.ticks.flatMap((tick) => [
      element('line', { class: 'grid', x1: x.at(tick.at), x2: x.at(tick.at), y1: bottom, y2: bottom + 5 }),
      text(x.at(tick.at), bottom + 20, tick.text, { class: 'quiet', 'text-anchor': 'middle' }),
    ]),
    text(middle.x, bottom + 40, panel.x.label, { 'text-anchor': 'middle' }),
    element('text', { transform: labelAt, 'text-anchor': 'middle' }, panel.y.label),
  ]
}

const valuesOf = (panels: readonly Panel[]): number[] =>
  panels.flatMap(({ series }) => series.flatMap(({ points }) => points.map(([, y]) => y)))

function drawPanel(panel: Panel, sharing: readonly Panel[], box: Box): Markup {
  const xs = panel.series.flatMap(({ points }) => points.map(([x]) => x))
  const x = placeAxis(panel.x, domainOf(xs, panel.x.scale, 0), [box.left, box.right], 6)
  const y = placeAxis(panel.y, domainOf(valuesOf(sharing), panel.y.scale), [box.bottom, box.top], 7)
  const lines = panel.series.map((series) => drawSeries(series, panel, x, y, box))
  return element('g', {}, ...drawGrid(panel, x, y, box), ...lines)
}

/** What the marks mean, where there are any, and what the thin lines are. */
function remarks({ panels }: Figure): string[] {
  const kinds = new Set(
    panels.flatMap(({ series, y }) => series.flatMap(({ points }) => marks(points, y.scale).map(({ kind }) => kind))),
  )
  const halfLives = [...new Set(panels.flatMap(({ halfLife, x }) => (halfLife ? [`${halfLife} (${x.label})`] : [])))]
  return [
    ...(halfLives.length > 0 ? [`thin: raw; thick: smoothed, half-life ${halfLives.join(', ')}`] : []),
    ...(kinds.has('not a number') ? ['×: not a number'] : []),
    ...(kinds.has('above') ? ['△ at the top: infinite'] : []),
    ...(kinds.has('below') ? ['▽ at the bottom: no place on the axis (zero or less)'] : []),
  ]
}

/** Lines and their names, then the remarks, in as many rows as they need. */
function drawLegend(figure: Figure): { legend: Markup[]; rows: number } {
  const keys = new Map(figure.panels.flatMap(({ series }) => series.map((one) => [one.name, one] as const)))
  let x: number = gap.left
  let row = 0
  const place = (wanted: number): [number, number] => {
    if (x + wanted > width && x > gap.left) [x, row] = [gap.left, row + 1]
    const at: [number, number] = [x, 14 + row * legendRow]
    x += wanted
    return at
  }
  const textWidth = (content: string): number => content.length * 7.2 + 22
  const lines = [...keys.values()].map(({ name, colour, dash }) => {
    const [at, y] = place(textWidth(name) + 40)
    const d = `M${at},${y - 4}h32`
    const sample = element('path', { class: `line ${colour}`, d, 'stroke-dasharray': dashes[dash] })
    return element('g', {}, sample, text(at + 40, y, name))
  })
  const notes = remarks(figure).map((remark) => text(...place(textWidth(remark)), remark, { class: 'quiet' }))
  return { legend: [...lines, ...notes], rows: row + 1 }
}

function draw(figure: Figure, ...before: readonly Markup[]): Markup {
  check(figure)
  const { name, title, summary, panels, sharedY = false } = figure
  const { legend, rows } = drawLegend(figure)
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
    ...panels.map((panel, i) => drawPanel(panel, sharedY ? panels : [panel], boxes[i] as Box)),
  )
}

/**
 * Draws a figure as SVG to be set into a page, which brings the style rules of `figureStyle`; text stays text.
 *
 * Values without a place on the axis (NaN, infinities, zero or less on a log axis) are marked at its edge. Throws
 * OptionError for an x value that its axis cannot show.
 */
export const inlineFigure = (figure: Figure): Markup => draw(figure)

/** Draws a figure as an SVG file of its own, on white. Throws as `inlineFigure`. */
export function figureFile(figure: Figure): string {
  const style = element('style', {}, new Markup(figureStyle(light)))
  const paper = element('rect', { width: '100%', height: '100%', fill: light.background })
  return `<?xml version="1.0" encoding="UTF-8"?>\n${draw(figure, style, paper).text}\n`
}

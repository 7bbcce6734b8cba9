import { describe, expect, test } from 'vitest'
import { sequential } from './colour-map.ts'
import { figureTables } from './document.ts'
import { type Figure, figureFile, inlineFigure } from './figure.ts'
import { edgesOf, type HeatPanel } from './heatmap.ts'
import { htmlReport } from './html.ts'
import { markdownReport } from './markdown.ts'

const panelOf = (cells: readonly (readonly number[])[], more: Partial<HeatPanel> = {}): HeatPanel => ({
  title: 'stream: rms',
  x: { label: 'step', scale: 'linear' },
  y: 'depth',
  colour: { label: 'rms', scale: 'log' },
  columns: cells[0]!.map((_, i) => 10 * (i + 1)),
  rows: cells.map((_, i) => `blocks.${i}`),
  cells,
  ...more,
})

const figureOf = (...panels: Figure['panels']): Figure => ({
  name: 'heat',
  title: 'Heat.',
  summary: 'It rises.',
  panels,
})
const svgOf = (cells: readonly (readonly number[])[], more: Partial<HeatPanel> = {}): string =>
  inlineFigure(figureOf(panelOf(cells, more))).text

interface Rectangle {
  readonly level: number
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** What was drawn in the panel, by its path data. */
const rectangles = (svg: string): Rectangle[] =>
  [...svg.matchAll(/<path d="([^"]*)" style="fill:([^"]*)"/g)].flatMap(([, d, fill]) =>
    [...d!.matchAll(/M([\d.]+),([\d.]+)H([\d.]+)V([\d.]+)H[\d.]+z/g)].map(([, ...at]) => {
      const [left, top, right, bottom] = at.map(Number) as [number, number, number, number]
      return { level: sequential.indexOf(fill!), left, top, right, bottom }
    }),
  )

const levelsByX = (svg: string): number[] =>
  rectangles(svg)
    .toSorted((a, b) => a.left - b.left)
    .map(({ level }) => level)

test('the colour scale is true to the log: equal factors lie equally far apart, least and most at its ends', () => {
  const [a, b, c, d] = levelsByX(svgOf([[1e-6, 1e-4, 1e-2, 1]]))
  expect([a, d]).toEqual([0, sequential.length - 1])
  expect([b, c]).toEqual([21, 42])
  const linear = levelsByX(svgOf([[0, 1, 3]], { colour: { label: 'rms', scale: 'linear' } }))
  expect(linear).toEqual([0, 21, 63])
})

test('depth goes upwards, steps to the right, and cells meet without gaps', () => {
  const cells = [
    [1, 1],
    [10, 100],
  ]
  const [below, left, right] = rectangles(svgOf(cells)).toSorted((a, b) => b.top - a.top || a.left - b.left)
  expect(below).toMatchObject({ level: 0, bottom: 338 }) // equal neighbours are one rectangle
  expect([below!.left, below!.right, below!.top]).toEqual([left!.left, right!.right, left!.bottom])
  expect([left!.right, left!.level, right!.level]).toEqual([right!.left, 32, 63])
})

test('edges lie halfway between columns, by distance or by factor', () => {
  expect(edgesOf([1, 10, 20], 'linear')).toEqual([-3.5, 5.5, 15, 25])
  expect(edgesOf([1, 100], 'log').map((x) => x.toPrecision(3))).toEqual(['0.100', '10.0', '1.00e+3'])
  expect(edgesOf([5], 'linear')).toEqual([4.5, 5.5])
})

describe('values without a place on the scale', () => {
  const cells = [
    [1, 2, NaN, NaN],
    [1, Infinity, 3, 4],
    [0, 1, 1, 1],
    [1, 1, 1, 1],
  ]
  const svg = svgOf(cells)

  test('are blank cells', () => {
    const width = ({ left, right }: Rectangle): number => right - left
    const rowAt = (row: number): Rectangle[] => {
      const y = 338 - (row + 0.5) * ((338 - 48) / 4)
      return rectangles(svg).filter(({ top, bottom }) => top < y && bottom > y)
    }
    const share = (row: number): number => rowAt(row).reduce((sum, one) => sum + width(one), 0) / width(rowAt(3)[0]!)
    expect([0, 1, 2, 3].map((row) => share(row).toFixed(2))).toEqual(['0.50', '0.75', '0.75', '1.00'])
  })

  test('have a mark of their kind with row and step, and are explained', () => {
    expect([...svg.matchAll(/class="mark ink".*?<title>(.*?)<\/title>/g)].map(([, title]) => title)).toEqual([
      'blocks.0: NaN at 30, and so on to 40',
      'blocks.1: Infinity at 20',
      'blocks.2: 0 at 10',
    ])
    expect(svg).toContain('blank: × not a number, △ infinite, ▽ zero or less')
    expect(svgOf([[1, 2]])).not.toMatch(/mark ink|blank:/)
  })

  test('may be all there are', () => {
    const nothing = svgOf([[NaN, NaN]])
    expect(rectangles(nothing)).toEqual([])
    expect(nothing.match(/class="mark ink"/g)).toHaveLength(1)
  })
})

describe('a deep net and a long run', () => {
  const long = Array.from({ length: 300 }, (_, row) =>
    Array.from({ length: 2000 }, (__, i) => 1 + Math.abs(Math.sin(i * 12.9898 + row * 78.233))),
  )
  long[200]![1234] = 1e6
  long[17]![321] = NaN

  test('make a picture of at most 300 kB that says what its cells are', () => {
    const file = figureFile(figureOf(panelOf(long)))
    expect(file.length).toBeLessThan(300_000)
    expect(file).toContain('each cell: of 3 rows x 20 columns the value that stands out most')
  })

  test('keep the one spike and the one value that is not a number', () => {
    const svg = svgOf(long)
    expect(rectangles(svg).filter(({ level }) => level === 63)).toHaveLength(1)
    expect(svg).toContain('blocks.17: NaN at 3220')
    const drawn = rectangles(svg).reduce(
      (sum, { left, right, top, bottom }) => sum + (right - left) * (bottom - top),
      0,
    )
    const whole = (906 - 86 - 64) * 290
    expect(1 - drawn / whole).toBeCloseTo(1 / (100 * 100), 4)
  })
})

/** The texts of ticks: of rows, or of columns. */
const ticks = (svg: string, anchor: 'end' | 'middle'): string[] =>
  [...svg.matchAll(new RegExp(`class="quiet" text-anchor="${anchor}">(.*?)<`, 'g'))].map(([, tick]) => tick!)

test('few rows are named on the axis, many are numbered', () => {
  expect(ticks(svgOf([[1], [2]], { rows: ['a', 'a name that is too long'] }), 'end')).toEqual(['a', 'a name that is…'])
  const many = ticks(svgOf(Array.from({ length: 13 }, (_, i) => [i + 1])), 'end')
  expect(many).toEqual(['0', '2', '4', '6', '8', '10', '12'])
})

test('few columns have ticks at their own values, as far as the texts have room', () => {
  const log = { x: { label: 'rate', scale: 'log' } } as const
  expect(ticks(svgOf([[1, 2, 3]], { ...log, columns: [2.5e-4, 1e-3, 7e-3] }), 'middle')).toEqual(['0.00025', '0.001', '0.007']) // prettier-ignore
  expect(ticks(svgOf([[1, 2, 3]], { columns: [1, 1.5, 1000] }), 'middle')).toEqual(['1', '1000'])
  expect(ticks(svgOf([[1, 2, 3, 4, 5, 6, 7, 8, 9]]), 'middle')).toEqual(['20', '40', '60', '80'])
})

test('the colour bar has ticks at their colours', () => {
  const svg = svgOf([[1e-4, 1]])
  const bar = [...svg.matchAll(/<rect x="832" y="([\d.]+)"[^>]*style="fill:([^"]*)"/g)]
  expect(bar.map(([, , fill]) => fill)).toEqual(sequential)
  const heights = [...svg.matchAll(/<text x="851" y="([\d.]+)" class="quiet">(.*?)</g)]
  expect(heights.map(([, , text]) => text)).toEqual(['10⁻⁴', '10⁻³', '10⁻²', '10⁻¹', '10⁰'])
  const ys = heights.map(([, y]) => Number(y))
  expect(ys[0]! - ys[1]!).toBeCloseTo(ys[3]! - ys[4]!, 1)
})

test('the table twin holds the numbers by step and depth, a selection of many', () => {
  const [table] = figureTables(
    figureOf(
      panelOf([
        [1, NaN],
        [2, 1e-9],
      ]),
    ),
  )
  expect(table).toEqual({
    caption: 'stream: rms: rms',
    head: ['step', 'blocks.0', 'blocks.1'],
    rows: [
      ['10', '1.000', '2.000'],
      ['20', 'NaN', '1.00e-9'],
    ],
  })
  const [deep] = figureTables(figureOf(panelOf(Array.from({ length: 97 }, (_, i) => [i + 1]))))
  expect(deep!.head).toHaveLength(13)
  expect(deep!.head.at(-1)).toBe('blocks.96')
  expect(deep!.rows[0]!.at(-1)).toBe('97.00')
})

test('stands in reports beside lines', () => {
  const series = [{ name: 'a', colour: 'blue', dash: 'solid', points: [[1, 2]] } as const]
  const line = { title: 'line', x: { label: 'x', scale: 'linear' }, y: { label: 'y', scale: 'log' }, series } as const
  const figure = { ...figureOf(panelOf([[1, 2]]), line), sharedY: true }
  const report = { title: 'R', lead: 'l', blocks: [{ type: 'figure', figure } as const] }
  const html = htmlReport(report, 'en')
  expect(html).toMatch(/<svg.*fill:rgb\(.*<\/svg>.*<details>.*blocks\.0.*<\/details>/s)
  expect(html).not.toMatch(/url\(|<script/)
  expect(markdownReport(report, 'en')).toContain('stream: rms: rms:\n\n| step | blocks.0 |')
})

test('what cannot be drawn is refused', () => {
  const refused =
    (cells: readonly (readonly number[])[], more: Partial<HeatPanel> = {}) =>
    () =>
      svgOf(cells, more)
  expect(refused([[1, 2]], { columns: [10] })).toThrow("figure heat: 'stream: rms': expected 1 rows of 1 values")
  expect(refused([[1, 2]], { columns: [10, 10] })).toThrow(
    'expected ascending x values that a linear axis can show, got 10 at 1',
  )
  expect(refused([[1]], { columns: [0], x: { label: 'step', scale: 'log' } })).toThrow(
    'a log axis can show, got 0 at 0',
  )
  expect(refused([[]])).toThrow('expected a row and a column, got 1 x 0')
})

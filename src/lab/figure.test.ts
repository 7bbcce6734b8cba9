import { describe, expect, test } from 'vitest'
import type { Point } from './curve.ts'
import { type Figure, figureFile, inlineFigure, type Panel } from './figure.ts'

const panelOf = (points: readonly Point[], more: Partial<Panel> = {}): Panel => ({
  title: 'a panel',
  x: { label: 'step', scale: 'linear' },
  y: { label: 'loss', scale: 'log' },
  series: [{ name: 'an arm', colour: 'blue', dash: 'dashed', points }],
  ...more,
})

const figureOf = (...panels: Panel[]): Figure => ({ name: 'small', title: 'Title', summary: 'It falls.', panels })

const svgOf = (points: readonly Point[], more: Partial<Panel> = {}): string =>
  inlineFigure(figureOf(panelOf(points, more))).text

const falling: Point[] = [
  [0, 100],
  [1, 10],
  [2, 1],
]

test('a small figure', () => {
  expect(svgOf(falling).replaceAll('><', '>\n<')).toMatchInlineSnapshot(`
    "<svg xmlns="http://www.w3.org/2000/svg" class="figure" viewBox="0 0 920 384" role="img" aria-labelledby="small-title small-summary">
    <title id="small-title">Title</title>
    <desc id="small-summary">It falls.</desc>
    <g>
    <path class="line blue" d="M64,10h32" stroke-dasharray="7 5"/>
    <text x="104" y="14">an arm</text>
    </g>
    <g>
    <text x="64" y="38" class="name">a panel</text>
    <line class="grid" x1="64" x2="906" y1="327.26" y2="327.26"/>
    <text x="56" y="331.26" class="quiet" text-anchor="end">1</text>
    <line class="grid" x1="64" x2="906" y1="286.84" y2="286.84"/>
    <text x="56" y="290.84" class="quiet" text-anchor="end">2</text>
    <line class="grid" x1="64" x2="906" y1="233.42" y2="233.42"/>
    <text x="56" y="237.42" class="quiet" text-anchor="end">5</text>
    <line class="grid" x1="64" x2="906" y1="193" y2="193"/>
    <text x="56" y="197" class="quiet" text-anchor="end">10</text>
    <line class="grid" x1="64" x2="906" y1="152.58" y2="152.58"/>
    <text x="56" y="156.58" class="quiet" text-anchor="end">20</text>
    <line class="grid" x1="64" x2="906" y1="99.16" y2="99.16"/>
    <text x="56" y="103.16" class="quiet" text-anchor="end">50</text>
    <line class="grid" x1="64" x2="906" y1="58.74" y2="58.74"/>
    <text x="56" y="62.74" class="quiet" text-anchor="end">100</text>
    <line class="grid" x1="64" x2="64" y1="338" y2="343"/>
    <text x="64" y="358" class="quiet" text-anchor="middle">0.0</text>
    <line class="grid" x1="274.5" x2="274.5" y1="338" y2="343"/>
    <text x="274.5" y="358" class="quiet" text-anchor="middle">0.5</text>
    <line class="grid" x1="485" x2="485" y1="338" y2="343"/>
    <text x="485" y="358" class="quiet" text-anchor="middle">1.0</text>
    <line class="grid" x1="695.5" x2="695.5" y1="338" y2="343"/>
    <text x="695.5" y="358" class="quiet" text-anchor="middle">1.5</text>
    <line class="grid" x1="906" x2="906" y1="338" y2="343"/>
    <text x="906" y="358" class="quiet" text-anchor="middle">2.0</text>
    <text x="485" y="378" text-anchor="middle">step</text>
    <text transform="translate(14,193) rotate(-90)" text-anchor="middle">loss</text>
    <g>
    <title>an arm</title>
    <path class="line blue" d="M64,58.7L485,193L906,327.3" stroke-dasharray="7 5"/>
    </g>
    </g>
    </svg>"
  `)
})

test('a file of its own brings its colours and stands on white', () => {
  const file = figureFile(figureOf(panelOf(falling)))
  expect(file).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/)
  expect(file).toContain('.figure .blue{stroke:#0072B2}')
  expect(file).toContain('<rect width="100%" height="100%" fill="#ffffff"/>')
})

test('every text is escaped', () => {
  const evil = '</text><script>"&'
  const safe = '&lt;/text&gt;&lt;script&gt;&quot;&amp;'
  const axis = { label: evil, scale: 'linear' } as const
  const series = [{ name: evil, colour: 'blue', dash: 'solid', points: falling } as const]
  const figure = { ...figureOf(panelOf([], { title: evil, x: axis, y: axis, series })), title: evil, summary: evil }
  const svg = inlineFigure(figure).text
  expect(svg).not.toContain('<script>')
  expect(svg.split(safe)).toHaveLength(8) // title, summary, panel, two axes, legend, line
})

test('a log axis is true: equal factors lie equally far apart', () => {
  const heights = [...svgOf(falling).matchAll(/class="line blue" d="M([\d.,]+)L([\d.,]+)L([\d.,]+)"/g)][0]
  const [first, second, third] = (heights ?? []).slice(1).map((at) => Number(at.split(',')[1]))
  expect(second! - first!).toBeCloseTo(third! - second!, 0)
})

describe('values without a place', () => {
  test('are marked at the edge, named, explained, and break the line', () => {
    const svg = svgOf([
      [0, 3],
      [1, NaN],
      [2, NaN],
      [3, 2],
      [4, Infinity],
      [5, 1],
      [6, 0],
      [7, 1],
    ])
    expect([...svg.matchAll(/class="mark blue".*?<title>(.*?)<\/title>/g)].map(([, title]) => title)).toEqual([
      'an arm: NaN at 1, and so on to 2',
      'an arm: Infinity at 4',
      'an arm: 0 at 6',
    ])
    expect(/class="line blue" d="([^"]*L?[^"]*)" stroke-dasharray="7 5"\/><path class="mark/.exec(svg)?.[1]).toMatch(
      /^M[^M]+M[^M]+M[^M]+M[^M]+$/,
    )
    for (const remark of ['×: not a number', '△ at the top: infinite', '▽ at the bottom: no place on the axis']) {
      expect(svg).toContain(remark)
    }
  })

  test('nothing is explained where all can be drawn', () => {
    expect(svgOf(falling)).not.toMatch(/class="mark|not a number/)
  })

  test('a line of nothing else is drawn as marks', () => {
    expect(
      svgOf([
        [0, NaN],
        [1, 0],
      ]).match(/class="mark blue"/g),
    ).toHaveLength(2)
  })

  test('x values must have one', () => {
    const x = { label: 'step', scale: 'log' } as const
    expect(() => svgOf(falling, { x })).toThrow(
      "figure small: 'a panel': expected x values that a log axis can show, got 0",
    )
    expect(() => svgOf([[NaN, 1]])).toThrow('expected x values that a linear axis can show, got NaN')
  })
})

test('raw line thin behind the smoothed one, with the smoothing in the legend', () => {
  const svg = svgOf(falling, { halfLife: 1 })
  expect(svg.indexOf('class="raw blue"')).toBeGreaterThan(0)
  expect(svg.indexOf('class="raw blue"')).toBeLessThan(svg.lastIndexOf('class="line blue"'))
  expect(svg).toContain('thin: raw; thick: smoothed, half-life 1 (step)')
  expect(() => svgOf(falling, { halfLife: 0 })).toThrow('halfLife: expected a number > 0, got 0')
})

test('panels may share their y axis', () => {
  const panels = [panelOf(falling), panelOf([[0, 1e8]])]
  const ticks = (sharedY: boolean): string[] =>
    [...inlineFigure({ ...figureOf(...panels), sharedY }).text.matchAll(/text-anchor="end">(.*?)</g)].map(([, t]) => t!)
  expect(ticks(false)).not.toEqual(expect.arrayContaining(['10⁰', '10⁰']))
  expect(ticks(true).filter((tick) => tick === '10⁰')).toHaveLength(2)
})

test('a title too long for its panel is cut, and whole under the pointer', () => {
  const title = 'accuracy '.repeat(9).trim()
  const [left, right] = [panelOf(falling, { title }), panelOf(falling)]
  const name = /class="name">(?:<title>(.*?)<\/title>)?(.*?)<\/text>/
  expect(name.exec(inlineFigure(figureOf(left)).text)!.slice(1)).toEqual([undefined, title])
  const [, whole, cut] = name.exec(inlineFigure(figureOf(left, right)).text)!
  expect(whole).toBe(title)
  expect(cut).toBe(`${title.slice(0, 52).trimEnd()}…`)
})

test('refuses a name that is no file name, and a figure of nothing', () => {
  expect(() => inlineFigure({ ...figureOf(panelOf(falling)), name: '../x' })).toThrow("got '../x'")
  expect(() => inlineFigure(figureOf())).toThrow('expected at least one panel')
})

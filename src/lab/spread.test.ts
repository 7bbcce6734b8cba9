import { expect, test } from 'vitest'
import { inlineFigure, type Panel, type Series } from './figure.ts'
import type { Spread } from './spread.ts'

const svgOf = (spread: Spread, points: Series['points'], y: Panel['y']['scale'] = 'linear'): string => {
  const series = [{ name: 'pre', colour: 'blue', dash: 'solid', points, spread } as const]
  const panel: Panel = { title: 'a panel', x: { label: 'rate', scale: 'log' }, y: { label: 'loss', scale: y }, series }
  return inlineFigure({ name: 'small', title: 'Title', summary: 'It falls.', panels: [panel] }).text
}
const what = 'mean, 95% t-interval, n=3'
const rates: Series['points'] = [
  [1e-3, 2],
  [1e-2, 1],
]

test('a band lies behind its line, the axis has room for it, and the legend says n and its kind', () => {
  const svg = svgOf({ what, band: [[1e-3, 1, 10], [1e-2, 0.5, 1.5]] }, rates) // prettier-ignore
  expect(svg).toMatch(
    /<path class="band blue" d="M64,[\d.]+L906,[\d.]+L906,[\d.]+L64,[\d.]+Z"\/><path class="line blue"/,
  )
  expect(svg).toContain('>10</text>')
  expect(svg).toContain(`pre: ${what}</text>`)
})

test('at a single x it is a bar with caps', () => {
  const svg = svgOf({ what, band: [[1e-3, 1, 3]] }, rates.slice(0, 1))
  expect(svg).toMatch(/<path class="ghost blue" d="M([\d.]+),([\d.]+)m-5,0h10M\1,([\d.]+)m-5,0h10M\1,\2V\3"\/>/)
})

test('single runs are thin lines', () => {
  const svg = svgOf({ what, band: [], runs: [rates, rates] }, rates)
  expect(svg.match(/<path class="raw blue"/g)).toHaveLength(2)
})

test('what a log axis has no place for ends at its lower edge', () => {
  const svg = svgOf({ what, band: [[1e-3, -1, 10], [1e-2, 0.5, 1.5]] }, rates, 'log') // prettier-ignore
  expect(svg).not.toContain('NaN')
  expect(svg).toMatch(/class="band blue" d="[^"]*L64,338Z"/)
})

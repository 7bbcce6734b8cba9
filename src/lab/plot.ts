import type { Placed } from './axis.ts'
import type { Mark } from './curve.ts'
import { element, type Markup } from './markup.ts'
import { shortened } from './text-width.ts'

/** Where the values of a panel are drawn, pixels. */
export interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

export const text = (
  x: number,
  y: number,
  content: string,
  attributes: Readonly<Record<string, string>> = {},
): Markup => element('text', { x, y, ...attributes }, content)

/** Pixels of a column of text, in letters of the usual size. */
export const columnWidth = 7.2

/** A text cut to its room in pixels, which tells the whole of it under the pointer. */
function cutText(x: number, y: number, content: string, room: number, attributes: Record<string, string>): Markup {
  const short = shortened(content, Math.floor(room / columnWidth))
  if (short === content) return text(x, y, content, attributes)
  return element('text', { x, y, ...attributes }, element('title', {}, content), short)
}

/** The shape of a mark of 8 pixels round its centre: a cross, a triangle up, a triangle down. */
export const markShapes: Readonly<Record<Mark['kind'], string>> = {
  'not a number': 'm-4,-4l8,8m0,-8l-8,8',
  above: 'm0,-4l4,8h-8z',
  below: 'm0,4l4,-8h-8z',
}

/** What a panel says round its values. */
export interface Labels {
  readonly title: string
  readonly x: string
  readonly y: string
}

/** Title, axes with their ticks and labels, and the lines of the grid; title and y label have the room of `outer`. */
export function drawGrid(labels: Labels, x: Placed, y: Placed, box: Box, outer: Box = box): Markup[] {
  const { left, right, top, bottom } = box
  const middle = { x: (left + right) / 2, y: (top + bottom) / 2 }
  const labelAt = `translate(${outer.left - 50},${middle.y}) rotate(-90)`
  return [
    cutText(outer.left, top - 10, labels.title, outer.right - outer.left, { class: 'name' }),
    ...y.ticks.flatMap((tick) => [
      element('line', { class: 'grid', x1: left, x2: right, y1: y.at(tick.at), y2: y.at(tick.at) }),
      text(left - 8, y.at(tick.at) + 4, tick.text, { class: 'quiet', 'text-anchor': 'end' }),
    ]),
    ...x.ticks.flatMap((tick) => [
      element('line', { class: 'grid', x1: x.at(tick.at), x2: x.at(tick.at), y1: bottom, y2: bottom + 5 }),
      text(x.at(tick.at), bottom + 20, tick.text, { class: 'quiet', 'text-anchor': 'middle' }),
    ]),
    text(middle.x, bottom + 40, labels.x, { 'text-anchor': 'middle' }),
    element('text', { transform: labelAt, 'text-anchor': 'middle' }, labels.y),
  ]
}

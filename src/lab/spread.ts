import { area, line } from 'd3-shape'
import type { Placed } from './axis.ts'
import type { Point } from './curve.ts'
import { element, type Markup } from './markup.ts'
import type { Colour } from './palette.ts'
import type { Box } from './plot.ts'

/** What lies round a line of means. */
export interface Spread {
  /** n and the kind of the band, for the legend: `mean, 95% t-interval, n=5`. */
  readonly what: string
  /** x, low and high, by ascending x. */
  readonly band: readonly (readonly [x: number, low: number, high: number])[]
  /** The single runs, where they are few enough to be seen: thin lines. */
  readonly runs?: readonly (readonly Point[])[]
}

/** The values that a spread needs room for. */
export const spreadValues = ({ band, runs = [] }: Spread): number[] => [
  ...band.flatMap(([, low, high]) => [low, high]),
  ...runs.flatMap((run) => run.map(([, value]) => value)),
]

/** The band, at a single x a bar with caps, and the single runs as thin lines; what lies below the axis ends at its edge. */
export function drawSpread({ band, runs = [] }: Spread, colour: Colour, x: Placed, y: Placed, box: Box): Markup[] {
  const at = (value: number): number => (Number.isNaN(y.at(value)) ? box.bottom : y.at(value))
  const [first] = band
  const bar = (): Markup => {
    const [middle, low, high] = [x.at(first![0]), at(first![1]), at(first![2])].map((pixel) => pixel.toFixed(1))
    const cap = (height: string): string => `M${middle},${height}m-5,0h10`
    return element('path', { class: `ghost ${colour}`, d: `${cap(low!)}${cap(high!)}M${middle},${low}V${high}` })
  }
  const shape = area<Spread['band'][number]>(
    ([where]) => x.at(where),
    ([, low]) => at(low),
    ([, , high]) => at(high),
  ).digits(1)
  const one = line<Point>(
    ([where]) => x.at(where),
    ([, value]) => at(value),
  ).digits(1)
  return [
    ...(band.length === 0
      ? []
      : band.length === 1
        ? [bar()]
        : [element('path', { class: `band ${colour}`, d: shape(band)! })]),
    ...runs.map((run) => element('path', { class: `raw ${colour}`, d: one(run)! })),
  ]
}

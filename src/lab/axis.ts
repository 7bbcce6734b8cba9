import { scaleLinear, scaleLog } from 'd3-scale'
import { isDrawable, type ScaleKind } from './curve.ts'

export interface Axis {
  /** The quantity and its unit. */
  readonly label: string
  readonly scale: ScaleKind
}

export interface Tick {
  readonly at: number
  readonly text: string
}

/** An axis with a place for every value. */
export interface Placed {
  /** Pixels; NaN for a value that has no place. */
  readonly at: (value: number) => number
  readonly ticks: readonly Tick[]
}

/** Room beyond the extreme values, as a share of their distance. */
const margin = 0.04

/** The interval that an axis shows; values that have no place on it are left out, `[1, 10]` where none has one. */
export function domainOf(values: readonly number[], scale: ScaleKind, room: number = margin): [number, number] {
  const drawable = values.filter((value) => isDrawable(value, scale))
  if (drawable.length === 0) return [1, 10]
  const forward = scale === 'log' ? Math.log10 : Number
  const back = scale === 'log' ? (value: number): number => 10 ** value : Number
  const [least, most] = drawable.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity])
  const [low, high] = [forward(least), forward(most)]
  const spread = high > low ? (high - low) * room : 0.5
  return [back(low - spread), back(high + spread)]
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹'

const exponentOf = (value: number): number => Math.floor(Math.log10(value) + 1e-9)

/** `10⁻⁸`, `2·10⁵`. */
function powerText(value: number): string {
  const exponent = exponentOf(value)
  const digits = Array.from(String(Math.abs(exponent)), (digit) => superscripts[Number(digit)])
  const power = `10${exponent < 0 ? '⁻' : ''}${digits.join('')}`
  const mantissa = Math.round(value / 10 ** exponent)
  return mantissa === 1 ? power : `${mantissa}·${power}`
}

/** Plain numbers where all are short, else powers throughout. */
function logTexts(values: readonly number[]): string[] {
  const short = values.every((value) => value >= 1e-3 && value < 1e5)
  return values.map((value) => (short ? String(Number(value.toPrecision(3))) : powerText(value)))
}

/** Powers of ten; 1, 2 and 5 times those where less than three decades are shown. */
function logTicks(domain: readonly [number, number], count: number): Tick[] {
  const scale = scaleLog().domain(domain)
  const decades = Math.log10(domain[1] / domain[0])
  const mantissas = decades < 3 ? [1, 2, 5] : [1]
  const mantissa = (value: number): number => Math.round(value / 10 ** exponentOf(value))
  const chosen = scale.ticks(count).filter((value) => mantissas.includes(mantissa(value)))
  const values = chosen.length >= 2 ? chosen : scaleLinear().domain(domain).ticks(count)
  const texts = logTexts(values)
  return values.map((at, i) => ({ at, text: texts[i]! }))
}

/** Lays an axis along the pixels from `range[0]` to `range[1]`, with about `count` ticks. */
export function placeAxis(
  { scale: kind }: Axis,
  domain: readonly [number, number],
  range: readonly [number, number],
  count: number,
): Placed {
  const scale = (kind === 'log' ? scaleLog() : scaleLinear()).domain(domain).range(range)
  const at = (value: number): number => (isDrawable(value, kind) ? scale(value) : NaN)
  if (kind === 'log') return { at, ticks: logTicks(domain, count) }
  const text = scale.tickFormat(count)
  return { at, ticks: scale.ticks(count).map((value) => ({ at: value, text: text(value) })) }
}

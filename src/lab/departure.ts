import { OptionError } from '../errors.ts'
import { isDrawable, type Point, type ScaleKind } from './curve.ts'
import { median } from './statistics/median.ts'

/** A statistic of one place over the steps of a run. */
export interface ProbeSeries {
  /** The place: a tap or a parameter; empty for what the run measured as a whole (the loss). */
  readonly site: string
  readonly stat: string
  /** By ascending step. */
  readonly points: readonly Point[]
}

export interface BandOptions {
  /** Values before a step that its band is made of, and the least number of them. Default 20 and 10. */
  readonly window?: number
  readonly least?: number
  /** Half the width of the band, in standard deviations. Default 10. */
  readonly width?: number
}

/** What was usual before a step. */
export interface UsualBand {
  readonly low: number
  readonly high: number
}

/** The step at which a series left its band for good. */
export interface Departure extends Pick<ProbeSeries, 'site' | 'stat'> {
  readonly step: number
  readonly value: number
  /** Null where it stopped being finite before there was a band. */
  readonly band: UsualBand | null
  /** How far it went from the middle from there on, in standard deviations; infinite for a value without a place. */
  readonly farthest: number
}

export interface Watched {
  /** The band in force at each point; null before there was one. */
  readonly bands: readonly (UsualBand | null)[]
  readonly departure: Departure | null
}

/**
 * Statistics that may be zero or negative have bands on a linear scale; with each, the least standard deviation that it
 * is taken to have. Shares move in steps of a unit.
 */
const linearStats: Readonly<Record<string, number>> = {
  gainMean: 1e-3,
  gainMin: 1e-3,
  gainMax: 1e-3,
  residualWeight: 1e-3,
  maxLogit: 1e-3,
  smallGains: 0.02,
  zeroShare: 0.02,
  deadUnits: 0.02,
  saturation: 0.02,
}

export const scaleOf = (stat: string): ScaleKind => (stat in linearStats ? 'linear' : 'log')

/** Median absolute deviations of normal numbers in one standard deviation. */
const perDeviation = 1.4826

/**
 * What varies less than by 1%, or than it drifts over three values, is taken to vary by so much: healthy trends bend, such
 * as those that follow a learning rate down a cosine.
 */
const leastShare = 0.01
const leastDrifts = 3

/** What was usual over a window, on the scale: a line by medians, `middle` being where it has come to. */
interface Usual {
  readonly middle: number
  readonly deviation: number
  readonly drift: number
}

/** How the second half of some values lies to the first. */
function riseOf(values: readonly number[]): number {
  const half = values.length >> 1
  return median(values.slice(half)) - median(values.slice(0, half))
}

function usualOf(placed: readonly number[], stat: string): Usual {
  const n = placed.length
  const drift = riseOf(placed) / (n / 2)
  const level = placed.map((value, i) => value - drift * (i - n))
  const middle = median(level)
  const deviation = perDeviation * median(level.map((value) => Math.abs(value - middle)))
  const leastSize = linearStats[stat]
  const least = leastSize === undefined ? leastShare : Math.max(leastShare * Math.abs(middle), leastSize)
  return { middle, deviation: Math.max(deviation, leastDrifts * Math.abs(drift), least), drift }
}

/** Whether a whole window of values outside goes on as before, at another level: its halves rise as before, within a standard deviation. */
function settled(outside: readonly number[], { window }: Required<BandOptions>, { deviation, drift }: Usual): boolean {
  return outside.length === window && Math.abs(riseOf(outside) - (drift * window) / 2) <= deviation
}

/** One series as it is watched, value by value. */
class Watch {
  readonly #series: ProbeSeries
  readonly #options: Required<BandOptions>
  readonly #scale: ScaleKind
  /** On the scale: what the band is made of, and what came after it was left. */
  #before: readonly number[] = []
  #outside: readonly number[] = []
  #usual: Usual | null = null
  departure: Departure | null = null

  constructor(series: ProbeSeries, options: Required<BandOptions>) {
    this.#series = series
    this.#options = options
    this.#scale = scaleOf(series.stat)
  }

  /** Takes a value; gives the band that it is held against. */
  see(step: number, value: number): UsualBand | null {
    const { window, least, width } = this.#options
    if (this.departure === null)
      this.#usual = this.#before.length < least ? null : usualOf(this.#before, this.#series.stat)
    else if (this.#usual) this.#usual = { ...this.#usual, middle: this.#usual.middle + this.#usual.drift }
    const usual = this.#usual
    const at = isDrawable(value, this.#scale) ? (this.#scale === 'log' ? Math.log(value) : value) : null
    const distance = at === null ? Infinity : usual ? Math.abs(at - usual.middle) / usual.deviation : 0
    const band = usual && this.#bandOf(usual)
    if (distance > width) this.#leave({ step, value, band, farthest: distance }, at)
    else {
      this.#before = [...this.#before, at!].slice(-window)
      this.#outside = []
      this.departure = null
    }
    return band
  }

  #bandOf({ middle, deviation }: Usual): UsualBand {
    const from = this.#scale === 'log' ? Math.exp : Number
    const half = this.#options.width * deviation
    return { low: from(middle - half), high: from(middle + half) }
  }

  #leave(where: Omit<Departure, 'site' | 'stat'>, at: number | null): void {
    if (this.#before.length === 0) return // there was no value before
    const { site, stat } = this.#series
    const farthest = Math.max(where.farthest, this.departure?.farthest ?? 0)
    this.departure = { site, stat, ...(this.departure ?? where), farthest }
    this.#outside = at === null ? [] : [...this.#outside, at].slice(-this.#options.window)
    if (this.#usual === null || !settled(this.#outside, this.#options, this.#usual)) return
    this.#before = this.#outside
    this.#outside = []
    this.departure = null
  }
}

/**
 * Watches a series for the step at which it leaves what was usual and does not come back before its end.
 *
 * The band at a step is `m +- width 1.4826 median |v - m|`: v the `window` values before it, on the log scale for
 * statistics that are positive, brought forward along their drift so that a steady trend is followed, and m their median;
 * the drift is that from the median of the first half to that of the second. Once a band is left it goes on along its
 * drift and is not made anew: a series that comes back into it, or goes on as before at another level for a whole window,
 * has not departed. A value without a place on the scale (NaN, infinite, a norm of 0) leaves at once, whatever the band.
 *
 * Source of 1.4826, which makes the median absolute deviation a standard deviation: Rousseeuw & Croux 1993. Throws
 * OptionError for a band that cannot be made.
 */
export function watchSeries(series: ProbeSeries, options: BandOptions = {}): Watched {
  const { window = 20, least = 10, width = 10 } = options
  if (!(least >= 3 && window >= least && width > 0))
    throw new OptionError(
      `timeline: expected window >= least >= 3 and width > 0, got window ${window}, least ${least}, width ${width}`,
    )
  const watch = new Watch(series, { window, least, width })
  const bands = series.points.map(([step, value]) => watch.see(step, value))
  return { bands, departure: watch.departure }
}

import { PlateauWatch } from '../train/plateau.ts'
import { readEvents, type RunEvent } from '../train/files/events.ts'
import { layerSeries, readLayers } from '../train/files/layers.ts'
import { readScalars } from '../train/files/scalars.ts'
import type { Point } from './curve.ts'
import { type BandOptions, type Departure, type ProbeSeries, type Watched, watchSeries } from './departure.ts'

/** What a run came to. */
export interface Outbreak {
  readonly type: 'diverged' | 'plateau'
  /** The step that was not finite, or at which the loss had stood at the level of the class frequencies for 20 steps. */
  readonly step: number
}

/** What a run recorded, and what became of it. */
export interface RecordedSeries {
  readonly series: readonly ProbeSeries[]
  /** Null where it neither diverged nor stood still. */
  readonly outbreak: Outbreak | null
}

export interface Timeline {
  readonly outbreak: Outbreak | null
  /** Every series that left its band before that (or before the end) and did not come back, the first one first. */
  readonly departures: readonly Departure[]
  /** How many series were watched, and how many of them had values enough for a band. */
  readonly watched: number
  readonly banded: number
}

/** The steps at which the training loop measured the loss; other steps have no probes. */
function lossSeries(folder: string, steps: ReadonlySet<number>): ProbeSeries[] {
  const { names, rows } = readScalars(folder)
  const column = names.indexOf('loss')
  const points = rows.filter(({ step }) => steps.has(step)).map(({ step, values }): Point => [step, values[column]!])
  return column < 0 ? [] : [{ site: '', stat: 'loss', points }]
}

/** Since when the loss had been standing still when the loop saw a plateau, which has more patience with long runs. */
function plateauBegan(folder: string, { step: seen, level }: RunEvent): number {
  const { names, rows } = readScalars(folder)
  const column = names.indexOf('loss')
  const watch = new PlateauWatch(Number(level), 0)
  let began: number | null = null
  for (const { step, values } of rows.filter((row) => row.step <= seen)) {
    watch.see(values[column]!)
    began = watch.stuck ? (began ?? step) : null
  }
  return began ?? seen
}

function outbreakOf(folder: string): Outbreak | null {
  const events = readEvents(folder)
  const diverged = events.findLast(({ type }) => type === 'diverged')
  if (diverged) return { type: 'diverged', step: diverged.step }
  const plateau = events.find(({ type }) => type === 'plateau')
  return plateau ? { type: 'plateau', step: plateauBegan(folder, plateau) } : null
}

/** Every probe of every place that a run recorded, and its loss at the same steps. Throws DataError for damaged files. */
export function readSeries(folder: string): RecordedSeries {
  const layers = readLayers(folder)
  const probed = layers.sites.flatMap((site) =>
    layers.stats.map((stat): ProbeSeries => {
      const values = layerSeries(layers, site, stat)
      return { site, stat, points: layers.steps.map((step, i): Point => [step, values[i]!]) }
    }),
  )
  const recorded = probed.filter(({ points }) => points.some(([, value]) => !Number.isNaN(value)))
  return { series: [...recorded, ...lossSeries(folder, new Set(layers.steps))], outbreak: outbreakOf(folder) }
}

/** Sooner first; of those that leave together, those that are not finite, then the furthest; else as they were recorded. */
const inOrder = (departures: readonly Departure[]): Departure[] =>
  departures.toSorted((a, b) => {
    if (a.step !== b.step) return a.step - b.step
    return a.farthest === b.farthest ? 0 : b.farthest - a.farthest
  })

/**
 * Which probe, of which layer, left its band first before a run diverged or stood still, and which came after it: what
 * `watchSeries` finds in each series up to that step. Where nothing went wrong, up to the end.
 *
 * Healthy series leave as well, if rarely: of simulated ones with memory, drift or heavy tails fewer than 1 in 100, of
 * white noise none in 2,000. Of hundreds a stray one is possible; those that matter leave together.
 */
export function timeline({ series, outbreak }: RecordedSeries, options: BandOptions = {}): Timeline {
  const before = series.map((one) => ({
    ...one,
    points: one.points.filter(([step]) => outbreak === null || step < outbreak.step),
  }))
  const found = before.map((one): Watched => watchSeries(one, options))
  return {
    outbreak,
    departures: inOrder(found.flatMap(({ departure }) => departure ?? [])),
    watched: series.length,
    banded: found.filter(({ bands }) => bands.some((band) => band !== null)).length,
  }
}

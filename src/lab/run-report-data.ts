import { basename } from 'node:path'
import { isJsonObject, displayedNumber, type JsonObject } from '../files/json.ts'
import { readEvents, type RunEvent } from '../train/files/events.ts'
import { readRun, type RunRecord } from '../train/files/run-folder.ts'
import { readScalars, type Scalars } from '../train/files/scalars.ts'
import type { Point } from './curve.ts'
import type { Better } from './statistics/run-result.ts'
import { streamIn, type StreamRecord } from './stream-record.ts'
import { readSeries, type RecordedSeries } from './timeline.ts'

/** Everything that a run folder says, read once. */
export interface StoredRun {
  readonly folder: string
  readonly name: string
  readonly record: RunRecord
  /** What was asked for, without what `residua train` remembers beside (`note`). */
  readonly settings: JsonObject
  readonly note: JsonObject
  /** What it came to, by name: of a run that has not ended what its last step and evaluation measured. */
  readonly figures: Readonly<Record<string, number>>
  /** Updates done. */
  readonly step: number
  readonly scalars: Scalars
  readonly events: readonly RunEvent[]
  /** The stream over depth; null where nothing was probed. */
  readonly stream: StreamRecord | null
  /** What was recorded before it diverged or stood still; null where it did neither, or nothing was probed. */
  readonly before: RecordedSeries | null
}

/** Numbers of a summary that say when something was, not how well it went. */
const positions = ['step', 'epoch', 'plateau', 'diverged']

const numbersIn = (values: Readonly<Record<string, unknown>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      const number = displayedNumber(value)
      return number === undefined || positions.includes(name) ? [] : [[name, number] as const]
    }),
  )

const measuredBy = ({ loss = null, metrics = null }: RunEvent): Record<string, number> =>
  numbersIn({ loss, ...(isJsonObject(metrics) ? metrics : {}) })

/** What a run that is going on, or was killed, has come to so far. */
function soFar({ names, rows }: Scalars, events: readonly RunEvent[]): Record<string, number> {
  const last = rows.at(-1)
  const evaluation = events.findLast(({ type }) => type === 'evaluation')
  return {
    ...(last && { trainLoss: last.values[names.indexOf('loss')]! }),
    ...(evaluation && measuredBy(evaluation)),
    ...(last && { seconds: last.time }),
  }
}

/** Reads a run folder. Throws DataError where there is none, or it is damaged. */
export function readStoredRun(folder: string): StoredRun {
  const { run: record, config, summary } = readRun(folder)
  const { note, ...settings } = config
  const [scalars, events] = [readScalars(folder), readEvents(folder)]
  const ended = record.state !== 'running' && summary !== null
  const stream = streamIn(folder)
  const wentWrong = events.some(({ type }) => type === 'diverged' || type === 'plateau')
  return {
    ...{ folder, name: basename(folder), record, settings, scalars, events },
    note: isJsonObject(note) ? note : {},
    figures: ended ? numbersIn(summary) : soFar(scalars, events),
    step: (ended ? displayedNumber(summary.step) : scalars.rows.at(-1)?.step) ?? 0,
    stream,
    before: stream !== null && wentWrong ? readSeries(folder) : null,
  }
}

/** Values of a recorded column over steps, none where there is no such column. */
export function column({ scalars: { names, rows } }: StoredRun, name: string): Point[] {
  const at = names.indexOf(name)
  return at < 0 ? [] : rows.map(({ step, values }): Point => [step, values[at]!])
}

/** The step at which a value was not finite, and what the run says of it; null where it did not diverge. */
export function divergence({ events }: StoredRun): { readonly step: number; readonly path: string } | null {
  const event = events.findLast(({ type }) => type === 'diverged')
  if (event === undefined) return null
  const { step, path } = event
  return { step, path: typeof path === 'string' ? path : 'unknown' }
}

/** The training loss over steps; the step that diverged, which the file does not hold, is not a number. */
export function lossPoints(run: StoredRun): Point[] {
  const broken = divergence(run)
  return [...column(run, 'loss'), ...(broken ? [[broken.step, NaN] as const] : [])]
}

/** What evaluations measured over steps, by name. */
export function evaluations({ events }: StoredRun): Map<string, Point[]> {
  const curves = new Map<string, Point[]>()
  for (const event of events.filter(({ type }) => type === 'evaluation')) {
    for (const [name, value] of Object.entries(measuredBy(event)))
      curves.set(name, [...(curves.get(name) ?? []), [event.step, value]])
  }
  return curves
}

const directions: Readonly<Record<string, Better>> = {
  ...{ trainLoss: 'lower', loss: 'lower', crossEntropy: 'lower', meanAbsoluteError: 'lower' },
  ...{ bitsPerByte: 'lower', perplexity: 'lower', seconds: 'lower', stepMs: 'lower', accuracy: 'higher' },
}

/** Which way a figure of a run improves; null where it is not known. */
export function directionOf(name: string, { settings: { metrics } }: StoredRun): Better | null {
  const kind = isJsonObject(metrics) ? metrics[name] : undefined
  return directions[typeof kind === 'string' ? kind : name] ?? null
}

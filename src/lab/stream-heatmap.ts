import type { Language } from './claims/claim.ts'
import { DataError } from '../errors.ts'
import { isDrawable, type ScaleKind } from './curve.ts'
import { numberText } from './document.ts'
import type { Figure } from './figure.ts'
import type { HeatPanel } from './heatmap.ts'
import type { StreamRecord } from './stream-record.ts'

export interface StreamHeatmapOptions {
  /** The statistic. Default 'gradientNorm'. */
  readonly stat?: string
  /** Of the stream, or of what the branches give. Default 'stream'. */
  readonly of?: 'stream' | 'branch'
  /** Default 'log'. */
  readonly scale?: ScaleKind
  readonly language?: Language
}

const words = {
  en: {
    title: (what: string): string => `${what} over depth and steps.`,
    seats: 'sublayers passed',
    step: 'step',
    range: (step: number, low: string, high: string): string => `between ${low} and ${high} at step ${step}`,
    none: (step: number): string => `nothing to draw at step ${step}`,
    ends: (first: string, last: string): string => `Over depth ${first}, ${last}.`,
    bad: (step: number, path: string): string => ` The first value that is not finite: ${path} at step ${step}.`,
  },
  zh: {
    title: (what: string): string => `${what} 随深度与步数的变化。`,
    seats: '经过的子层数',
    step: '步',
    range: (step: number, low: string, high: string): string => `第 ${step} 步介于 ${low} 与 ${high} 之间`,
    none: (step: number): string => `第 ${step} 步没有可画的值`,
    ends: (first: string, last: string): string => `沿深度：${first}，${last}。`,
    bad: (step: number, path: string): string => `第一个非有限值：第 ${step} 步的 ${path}。`,
  },
} as const

/** Lowest and highest value over depth that has a place on the scale. */
function rangeOf({ cells, columns, colour }: HeatPanel, column: number, say: (typeof words)[Language]): string {
  const values = cells.map((row) => row[column]!).filter((value) => isDrawable(value, colour.scale))
  const step = columns[column]!
  if (values.length === 0) return say.none(step)
  return say.range(step, numberText(Math.min(...values), 3), numberText(Math.max(...values), 3))
}

/** The first cell that is not finite, by step and then by depth. */
function firstBad({ cells, columns, rows }: HeatPanel): { step: number; path: string } | null {
  for (const [column, step] of columns.entries()) {
    const row = cells.findIndex((values) => !Number.isFinite(values[column]))
    if (row >= 0) return { step, path: rows[row]! }
  }
  return null
}

/**
 * One picture of a run instead of a card per layer: a statistic of the stream by depth (upwards) and step, as a colour.
 * Throws DataError where the run did not record it.
 */
export function streamHeatmap(record: StreamRecord, options: StreamHeatmapOptions = {}): Figure {
  const { stat = 'gradientNorm', of = 'stream', scale = 'log', language = 'en' } = options
  const say = words[language]
  const values = record.values(stat, of)
  const known = values.map((row) => row.some((value) => !Number.isNaN(value)))
  if (!known.includes(true))
    throw new DataError(`streamHeatmap: the run recorded no '${stat}' of its ${of}; train with that probe`)
  const first = known.indexOf(true) // what enters the stack has no branch, and not every statistic
  const panel: HeatPanel = {
    title: `${of}: ${stat}`,
    x: { label: say.step, scale: 'linear' },
    y: say.seats,
    colour: { label: stat, scale },
    columns: record.steps,
    firstRow: first,
    rows: record.paths.slice(first),
    cells: values.slice(first),
  }
  const bad = firstBad(panel)
  const ends = say.ends(rangeOf(panel, 0, say), rangeOf(panel, record.steps.length - 1, say))
  return {
    name: `run_${of}_${stat}_depth_step`,
    title: say.title(`${of} ${stat}`),
    summary: `${ends}${bad ? say.bad(bad.step, bad.path) : ''}`,
    panels: [panel],
  }
}

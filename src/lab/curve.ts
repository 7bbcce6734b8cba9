/** What is done to the points of a line before it is drawn. */
import type { Bilingual } from './verdict/bilingual.ts'

export type Point = readonly [x: number, y: number]

export type ScaleKind = 'linear' | 'log'

/** Whether a value has a place on the axis. */
export const isDrawable = (value: number, scale: ScaleKind): boolean =>
  Number.isFinite(value) && (scale === 'linear' || value > 0)

/** A value that has no place on the axis; it is drawn at the edge instead. */
export interface Mark {
  readonly x: number
  readonly kind: 'not a number' | 'above' | 'below'
  /** What was there, and how far it goes on. */
  readonly text: Bilingual
}

function kindOf(value: number): Mark['kind'] {
  if (Number.isNaN(value)) return 'not a number'
  return value === Infinity ? 'above' : 'below'
}

/** One mark for every stretch of like values that cannot be drawn. */
export function marks(points: readonly Point[], scale: ScaleKind): Mark[] {
  const stretches: { kind: Mark['kind']; value: number; from: number; to: number }[] = []
  let before: Mark['kind'] | null = null
  for (const [x, value] of points) {
    const kind = isDrawable(value, scale) ? null : kindOf(value)
    const last = stretches.at(-1)
    if (last && kind !== null && kind === before) last.to = x
    else if (kind !== null) stretches.push({ kind, value, from: x, to: x })
    before = kind
  }
  return stretches.map(({ kind, value, from, to }) => ({
    x: from,
    kind,
    text: {
      en: `${value} at ${from}${from === to ? '' : `, and so on to ${to}`}`,
      zh: `${from} 处为 ${value}${from === to ? '' : `，直到 ${to}`}`,
    },
  }))
}

/**
 * Exponential smoothing by distance: `sum w_i y_i / sum w_i` over the points so far, `w_i = 2^(-(x - x_i) / halfLife)`.
 *
 * On a log scale the logarithms are smoothed. Values that cannot be drawn stay where they are and do not count.
 */
export function smooth(points: readonly Point[], halfLife: number, scale: ScaleKind): Point[] {
  const [to, from] = scale === 'log' ? [Math.log, Math.exp] : [Number, Number]
  let [total, weight, last] = [0, 0, points[0]?.[0] ?? 0]
  return points.map(([x, y]) => {
    if (!isDrawable(y, scale)) return [x, y]
    const decay = 2 ** ((last - x) / halfLife)
    total = total * decay + to(y)
    weight = weight * decay + 1
    last = x
    return [x, from(total / weight)]
  })
}

/** At most about `2 * buckets` of the points: the least and the greatest of each stretch, so that no spike is lost. */
export function thin(points: readonly Point[], buckets: number, scale: ScaleKind): Point[] {
  const size = Math.ceil(points.length / buckets)
  if (size <= 2) return [...points]
  return Array.from({ length: Math.ceil(points.length / size) }, (_, i) => {
    const bucket = points.slice(i * size, (i + 1) * size)
    const drawable = bucket.filter(([, y]) => isDrawable(y, scale))
    if (drawable.length < bucket.length) return bucket
    const sorted = drawable.toSorted((a, b) => a[1] - b[1])
    const ends = [...new Set([sorted[0], sorted.at(-1)])] as Point[]
    return ends.toSorted((a, b) => a[0] - b[0])
  }).flat()
}

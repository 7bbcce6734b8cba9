import type { Better } from '../statistics/run-result.ts'
import type { Text } from './claim.ts'

/** A figure of the pilots; lowest and highest where they tell no more. */
export type Pilot = number | readonly [low: number, high: number]

/** A figure of the pilots beside what an experiment measures of the same thing. */
export interface PilotFigure {
  readonly arm: string
  readonly metric: string
  /** Another metric, which is taken from the first. */
  readonly minus?: string
  /** In the unit of the metric. */
  readonly pilot: Pilot
}

/** Figures of the pilots that compare with each other, and where an experiment has its own. */
export interface PilotSet {
  readonly experiment: string
  /** The quantity with its unit, and how the pilot differed. */
  readonly what: Text
  /** The way the metric improves: by it an arm's best learning rate is chosen, and failed runs stand behind all others. */
  readonly better: Better
  /** Pilot figures that differ by no more are not compared: their own scatter, or what their digits resolve. */
  readonly noise: number
  /** Whether signs are compared, too. */
  readonly signed?: true
  /** The pilots' own, where it is known and in the experiment's grid. Default: every arm at its best. */
  readonly learningRate?: number
  /** Pairs are compared within a line. */
  readonly lines: readonly (readonly PilotFigure[])[]
}

/** One line: arms by one metric. */
export const byArm = (metric: string, pilots: Readonly<Record<string, Pilot>>): PilotFigure[] =>
  Object.entries(pilots).map(([arm, pilot]) => ({ arm, metric, pilot }))

/** One line: metrics of one arm. */
export const byMetric = (arm: string, pilots: Readonly<Record<string, Pilot>>): PilotFigure[] =>
  Object.entries(pilots).map(([metric, pilot]) => ({ arm, metric, pilot }))

/** The rows and the columns of a table, each a line. */
export function grid<C>(
  columns: readonly C[],
  rows: Readonly<Record<string, readonly Pilot[]>>,
  cell: (row: string, column: C) => Omit<PilotFigure, 'pilot'>,
): PilotFigure[][] {
  const cells = Object.entries(rows).map(([row, pilots]) =>
    columns.map((column, i) => ({ ...cell(row, column), pilot: pilots[i]! })),
  )
  return [...cells, ...columns.map((_, i) => cells.map((row) => row[i]!))]
}

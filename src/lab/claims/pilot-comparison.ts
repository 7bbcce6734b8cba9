import { DataError } from '../../errors.ts'
import type { ExperimentRecord } from '../experiment/record.ts'
import { mean } from '../statistics/mean.ts'
import { pairedP } from '../statistics/paired.ts'
import { type RunResult, signOf, trained } from '../statistics/run-result.ts'
import { type ArmRuns, selectArms } from '../verdict/arms.ts'
import { compare } from '../verdict/comparison.ts'
import { pilotFigures } from './pilot-figures.ts'
import type { Pilot, PilotFigure, PilotSet } from './pilot-set.ts'

/** What a figure of the pilots came to here. */
export interface PilotRow {
  readonly name: string
  readonly pilot: Pilot
  /** Of the runs that trained, by seed. */
  readonly values: readonly number[]
  readonly failed: number
  /** Null where the experiment has no grid of them. */
  readonly learningRate: number | null
}

/** The same sign as in the pilots, `open` where the 95% interval holds both signs, or the other one. */
export type Agreement = 'same' | 'open' | 'reversed'

/** Something that the pilots tell the sign of: of a difference of two rows, or of one row. */
export interface PilotSign {
  readonly rows: readonly PilotRow[]
  readonly agreement: Agreement
  /** Whether what was measured has the sign of the pilots, separated or not. */
  readonly leans: boolean
}

export interface PilotComparison {
  readonly set: PilotSet
  readonly rows: readonly PilotRow[]
  /** Pairs of a line whose pilot figures differ by more than the noise. */
  readonly pairs: readonly PilotSign[]
  /** Figures of signed metrics that differ from 0 by more than the noise. */
  readonly signs: readonly PilotSign[]
}

const alpha = 0.05

const rangeOf = (pilot: Pilot): readonly [number, number] => (typeof pilot === 'number' ? [pilot, pilot] : pilot)

/** 1 where `a` is above `b` by more than the noise, -1 where it is below, 0 where the pilots do not separate them. */
function pilotSign(a: Pilot, b: Pilot, noise: number): -1 | 0 | 1 {
  const [[lowA, highA], [lowB, highB]] = [rangeOf(a), rangeOf(b)]
  return lowA - highB > noise ? 1 : lowB - highA > noise ? -1 : 0
}

const agreementOf = (separated: boolean, leans: boolean): Agreement =>
  separated ? (leans ? 'same' : 'reversed') : 'open'

/** `accuracy - drop, x 3`. */
const quantityOf = ({ metric, minus }: PilotFigure): string => (minus === undefined ? metric : `${metric} - ${minus}`)

function valueOf({ metric, minus }: PilotFigure, { metrics }: RunResult): number | undefined {
  const value = metrics[metric]
  if (minus === undefined || value === undefined) return value
  const taken = metrics[minus]
  return taken === undefined ? undefined : value - taken
}

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)]

/**
 * The runs that a figure is compared with; none where a short form leaves them out.
 *
 * Throws DataError where the full form lacks them.
 */
function runsOf(figure: PilotFigure, { learningRate }: PilotSet, record: ExperimentRecord): RunResult[] {
  const { experiment, form, results } = record
  const runs = results.filter(
    (run) => run.arm === figure.arm && (learningRate === undefined || run.learningRate === learningRate),
  )
  if (runs.length > 0 && runs.every((run) => !trained(run) || valueOf(figure, run) !== undefined)) return runs
  if (form === 'short') return []
  const rate = learningRate === undefined ? '' : ` at the learning rate ${learningRate}`
  throw new DataError(
    `pilots: expected ${quantityOf(figure)} of '${figure.arm}'${rate} in the record of ${experiment}, got none. Run the experiment again`,
  )
}

interface Cell {
  readonly runs: ArmRuns
  readonly row: PilotRow
}

/** The measured runs behind every figure that the record has, by their values alone. */
function cellsOf(set: PilotSet, record: ExperimentRecord): Map<PilotFigure, Cell> {
  const all = unique(set.lines.flat())
  const several = unique(all.map(quantityOf)).length > 1
  const nameOf = (figure: PilotFigure): string => (several ? `${figure.arm}: ${quantityOf(figure)}` : figure.arm)
  const results = all.flatMap((figure) =>
    runsOf(figure, set, record).map((run): RunResult => {
      const value = valueOf(figure, run)
      return { ...run, arm: nameOf(figure), metrics: value === undefined ? {} : { value } }
    }),
  )
  const figures = all.filter((figure) => results.some(({ arm }) => arm === nameOf(figure)))
  if (figures.length === 0) return new Map()
  const arms = selectArms(results, { arms: figures.map(nameOf), metric: 'value', better: set.better })
  return new Map(
    arms.map((runs, i) => {
      const { arm: name, failed, learningRate } = runs
      const values = runs.runs.filter(trained).map(({ metrics }) => metrics.value!)
      return [figures[i]!, { runs, row: { name, pilot: figures[i]!.pilot, values, failed, learningRate } }]
    }),
  )
}

function pairOf(a: Cell, b: Cell, { better, noise }: PilotSet): PilotSign[] {
  const sign = pilotSign(a.row.pilot, b.row.pilot, noise)
  if (sign === 0) return []
  const { p, lead } = compare(a.runs, b.runs, 'value', better)
  const leans = lead === sign * signOf(better)
  return [{ rows: [a.row, b.row], agreement: agreementOf(p <= alpha, leans), leans }]
}

/** The sign of a row; open where runs failed, since the mean over the others may flatter. */
function signOfRow(row: PilotRow, { noise }: PilotSet): PilotSign[] {
  const { pilot, values, failed } = row
  const sign = pilotSign(pilot, 0, noise)
  if (sign === 0) return []
  if (values.length === 0) return [{ rows: [row], agreement: 'open', leans: false }]
  const leans = Math.sign(mean(values)) === sign
  const zeros = values.map(() => 0)
  return [{ rows: [row], agreement: agreementOf(failed === 0 && pairedP(values, zeros) <= alpha, leans), leans }]
}

/**
 * The figures of the pilots beside a record: pairs that the pilots separate, by the sign of the measured difference, and
 * signs of signed metrics. Every arm is at the pilots' learning rate where the set has one, else at its best by the metric.
 *
 * Pairs are separated by the 95% paired t-interval, or, where runs failed, by exact tests of failures and ranks, without
 * correction for their number. Throws DataError where a full form lacks what the pilots measured, or seeds are missing.
 */
export function comparePilots(
  record: ExperimentRecord,
  sets: readonly PilotSet[] = pilotFigures,
): readonly PilotComparison[] {
  return sets
    .filter(({ experiment }) => experiment === record.experiment)
    .flatMap((set) => {
      const cells = cellsOf(set, record)
      const rows = [...cells.values()].map(({ row }) => row)
      const pairs = set.lines.flatMap((line) => {
        const run = line.flatMap((figure) => cells.get(figure) ?? [])
        return run.flatMap((a, i) => run.slice(i + 1).flatMap((b) => pairOf(a, b, set)))
      })
      const signs = set.signed ? rows.flatMap((row) => signOfRow(row, set)) : []
      return pairs.length + signs.length === 0 ? [] : [{ set, rows, pairs, signs }]
    })
}

import { DataError } from '../../errors.ts'
import { needPositive } from '../../nn/options.ts'
import { byLearningRate } from '../statistics/learning-rates.ts'
import { mean } from '../statistics/mean.ts'
import { type Better, type RunResult, signOf, trained } from '../statistics/run-result.ts'
import { judge } from './judge.ts'
import type { Rule } from './rule.ts'
import type { Verdict } from './verdict.ts'

export interface FalseAlarmOptions {
  readonly metric: string
  readonly better: Better
  /** As in a rule. */
  readonly smallest: number
  /** As in a rule: default 0.95. */
  readonly confidence?: number
  /** Of every arm, in a study. */
  readonly seeds: number
}

/** How many studies there were, and in how many of them a rule found something that is not there. */
export interface AlarmCount {
  readonly alarms: number
  readonly studies: number
}

/** By kind of rule; null where it cannot be asked. */
export interface FalseAlarms {
  /** One of two equal arms is better. */
  readonly difference: AlarmCount
  /** Three equal arms have an order. */
  readonly order: AlarmCount
  /** One of three equal arms is not among the best. */
  readonly best: AlarmCount
  /** One of two equal arms fails more often, by 10 points or more. */
  readonly rate: AlarmCount
  /** An arm's metric is better than it is at its best rate; null where runs failed. */
  readonly threshold: AlarmCount | null
  /** An arm fails less often than it does at its best rate; null where at some rate no run failed, or all did. */
  readonly frequency: AlarmCount | null
}

const three = ['a', 'b', 'c'] as const
const [a, b] = three

/** Whether a verdict tells two arms apart, whichever is ahead. */
const tellsApart = ({ evidence }: Verdict, smallest: number, alpha: number): boolean =>
  evidence.some(({ p = 1, band }) => p <= alpha && Math.abs(band.estimate) >= smallest)

/** Mean of the metric over the runs that trained, times `sign`; the lowest of all where none did. */
function meanOf(cell: readonly RunResult[], metric: string, sign: number): number {
  const values = cell.filter(trained).map((run) => sign * run.metrics[metric]!)
  return values.length === 0 ? -Infinity : mean(values)
}

/** As many studies of equal arms as the runs suffice for: no run is in two cells, or in two studies. */
function studiesOf(cells: readonly (readonly RunResult[])[], arms: readonly string[], seeds: number): RunResult[][] {
  const each = arms.length * seeds
  const count = Math.floor(Math.min(...cells.map(({ length }) => length)) / each)
  return Array.from({ length: count }, (_, study) =>
    arms.flatMap((arm, i) =>
      cells.flatMap((runs) => {
        const from = study * each + i * seeds
        return runs.slice(from, from + seeds).map((run, seed) => ({ ...run, arm, seed }))
      }),
    ),
  )
}

/**
 * How often each kind of rule is wrong, on runs of one net with different seeds, at one or more rates. The runs are dealt
 * out, in their order, to studies whose arms are all that net, so that the truth is known, and which are judged as any study
 * is; a rule of k arms takes `k * seeds` runs of every rate per study. No run is in two studies of a rule: where runs are
 * independent so are its alarms, and their share has an exact interval. The truth about means and rates is that of all runs,
 * of which there should be many times more than a study has.
 *
 * Throws DataError for runs without learning rates, and where some rate has too few for a study of three arms.
 */
export function falseAlarms(runs: readonly RunResult[], options: FalseAlarmOptions): FalseAlarms {
  const { metric, better, smallest, confidence = 0.95, seeds } = options
  needPositive('falseAlarms', 'seeds', seeds)
  const grid = byLearningRate(runs)
  for (const [rate, { length }] of grid)
    if (length < three.length * seeds)
      throw new DataError(
        `falseAlarms: expected at least ${three.length * seeds} runs at rate ${rate}, ${three.length} arms of ${seeds} seeds, got ${length}. Run more, or ask for fewer seeds`,
      )
  const cells = [...grid.values()]
  const studies = [1, 2, 3].map((count) => studiesOf(cells, three.slice(0, count), seeds))
  const count = (rule: Rule, arms: number, alarm: (verdict: Verdict) => boolean): AlarmCount => {
    const all = studies[arms - 1]!
    return { alarms: all.filter((study) => alarm(judge(rule, study))).length, studies: all.length }
  }
  const apart = (verdict: Verdict): boolean => tellsApart(verdict, smallest, 1 - confidence)
  const affirmed = ({ holds }: Verdict): boolean => holds === true
  const value = { metric, better, smallest, confidence }
  const oftener = { kind: 'rate', outcome: 'failed', is: 'higher', smallest: 0.1, confidence } as const
  const [first, second] = [[a, b] as const, [b, a] as const].map((arms) => count({ ...oftener, arms }, 2, affirmed))
  const failures = cells.map((cell) => cell.filter((run) => !trained(run)).length / cell.length)
  const fewest = Math.min(...failures)
  const best = signOf(better) * Math.max(...cells.map((cell) => meanOf(cell, metric, signOf(better))))
  const is = better === 'higher' ? 'above' : 'below'
  const threshold: Rule = { kind: 'threshold', arm: a, metric, is, bound: best, confidence }
  const frequency: Rule = { kind: 'frequency', arm: a, outcome: 'failed', is: 'below', bound: fewest, confidence }
  return {
    difference: count({ kind: 'difference', arms: [a, b], ...value }, 2, apart),
    order: count({ kind: 'order', arms: three, ...value }, 3, affirmed),
    best: count({ kind: 'best', arms: three, ...value }, 3, apart),
    rate: { ...first!, alarms: first!.alarms + second!.alarms },
    threshold: Math.max(...failures) > 0 ? null : count(threshold, 1, affirmed),
    frequency: fewest === 0 || fewest === 1 ? null : count(frequency, 1, affirmed),
  }
}

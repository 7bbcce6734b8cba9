import { DataError } from '../../errors.ts'
import { needPositive } from '../../nn/options.ts'
import { random } from '../../random.ts'
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
  /** Of every arm, in a simulated study. */
  readonly seeds: number
  /** How many studies are simulated. Default 400. */
  readonly studies?: number
  /** Of the simulation. Default 0. */
  readonly seed?: number
}

/** Share of studies in which each kind of rule finds something that is not there; null where it cannot be asked. */
export interface FalseAlarms {
  /** One of two equal arms is better. */
  readonly difference: number
  /** Three equal arms have an order. */
  readonly order: number
  /** One of three equal arms is not among the best. */
  readonly best: number
  /** One of two equal arms fails more often, by 10 points or more. */
  readonly rate: number
  /** An arm's metric is better than it is at its best rate; null where runs failed. */
  readonly threshold: number | null
  /** An arm fails less often than it does at its best rate; null where at some rate no run failed. */
  readonly frequency: number | null
}

const arms = ['a', 'b', 'c'] as const
const [a, b] = arms

/** Whether a verdict tells two arms apart, whichever is ahead. */
const tellsApart = ({ evidence }: Verdict, smallest: number, alpha: number): boolean =>
  evidence.some(({ p = 1, band }) => p <= alpha && Math.abs(band.estimate) >= smallest)

/** Mean of the metric over the runs that trained, times `sign`; the lowest of all where none did. */
function meanOf(cell: readonly RunResult[], metric: string, sign: number): number {
  const values = cell.filter(trained).map((run) => sign * run.metrics[metric]!)
  return values.length === 0 ? -Infinity : mean(values)
}

/** A study of equal arms: every cell is one of the runs that were made at its rate. */
function drawn(
  cells: ReadonlyMap<number, readonly RunResult[]>,
  seeds: number,
  study: number,
  seed: number,
): RunResult[] {
  const { uniform } = random(seed, 'false alarms', study)
  return arms.flatMap((arm) =>
    [...cells.values()].flatMap((runs) =>
      Array.from({ length: seeds }, (_, i) => ({ ...runs[Math.floor(uniform() * runs.length)]!, arm, seed: i })),
    ),
  )
}

/**
 * How often each kind of rule is wrong, on runs of one net with different seeds, at one or more rates: studies whose arms
 * are all that net are drawn from them, with replacement, so that the truth is known, and judged as any study is.
 *
 * Throws DataError for runs without learning rates, and where some rate has fewer than two.
 */
export function falseAlarms(runs: readonly RunResult[], options: FalseAlarmOptions): FalseAlarms {
  const { metric, better, smallest, confidence = 0.95, seeds, studies = 400, seed = 0 } = options
  needPositive('falseAlarms', 'studies', studies)
  const cells = byLearningRate(runs)
  for (const [rate, { length }] of cells)
    if (length < 2)
      throw new DataError(`falseAlarms: expected two runs or more at rate ${rate}, got ${length}. Run more`)
  const all = Array.from({ length: studies }, (_, study) => drawn(cells, seeds, study, seed))
  const share = (alarm: (study: readonly RunResult[]) => boolean): number => all.filter(alarm).length / studies
  const value = { metric, better, smallest, confidence }
  const apart = (rule: Rule): number => share((study) => tellsApart(judge(rule, study), smallest, 1 - confidence))
  const affirmed = (rule: Rule): number => share((study) => judge(rule, study).holds === true)
  const oftener = { kind: 'rate', outcome: 'failed', is: 'higher', smallest: 0.1, confidence } as const
  const failures = [...cells.values()].map((cell) => cell.filter((run) => !trained(run)).length / cell.length)
  const fewest = Math.min(...failures)
  const best = signOf(better) * Math.max(...[...cells.values()].map((cell) => meanOf(cell, metric, signOf(better))))
  const is = better === 'higher' ? 'above' : 'below'
  const threshold: Rule = { kind: 'threshold', arm: a, metric, is, bound: best, confidence }
  const frequency: Rule = { kind: 'frequency', arm: a, outcome: 'failed', is: 'below', bound: fewest, confidence }
  return {
    difference: apart({ kind: 'difference', arms: [a, b], ...value }),
    order: affirmed({ kind: 'order', arms, ...value }),
    best: apart({ kind: 'best', arms, ...value }),
    rate: affirmed({ ...oftener, arms: [a, b] }) + affirmed({ ...oftener, arms: [b, a] }),
    threshold: Math.max(...failures) > 0 ? null : affirmed(threshold),
    frequency: fewest === 0 || fewest === 1 ? null : affirmed(frequency),
  }
}

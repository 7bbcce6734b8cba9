import { DataError } from '../../errors.ts'
import { needPositive } from '../../nn/options.ts'
import { random } from '../../random.ts'
import { byLearningRate } from '../statistics/learning-rates.ts'
import { mean } from '../statistics/mean.ts'
import { type Better, type RunResult, trained } from '../statistics/run-result.ts'
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
const holds = (rule: Rule, study: readonly RunResult[]): boolean => judge(rule, study).holds === true

/** Whether a question of who is best tells two arms apart. */
const tellsApart = ({ evidence }: Verdict, smallest: number, alpha: number): boolean =>
  evidence.some(({ p = 1, band }) => p <= alpha && Math.abs(band.estimate) >= smallest)

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
  const either = (rule: (pair: readonly [string, string]) => Rule): number =>
    share((study) => holds(rule([a, b]), study) || holds(rule([b, a]), study))
  const value = { metric, better, smallest, confidence }
  const failed = [...cells.values()].map((cell) => cell.filter((run) => !trained(run)).length / cell.length)
  const means = [...cells.values()].map((cell) => mean(cell.filter(trained).map((run) => run.metrics[metric]!)))
  const side =
    better === 'higher'
      ? ({ is: 'above', bound: Math.max(...means) } as const)
      : ({ is: 'below', bound: Math.min(...means) } as const)
  const threshold: Rule = { kind: 'threshold', arm: a, metric, ...side, confidence }
  const frequency: Rule = {
    kind: 'frequency',
    arm: a,
    outcome: 'failed',
    is: 'below',
    bound: Math.min(...failed),
    confidence,
  }
  return {
    difference: either((pair) => ({ kind: 'difference', arms: pair, ...value })),
    order: share((study) => holds({ kind: 'order', arms, ...value }, study)),
    best: share((study) => tellsApart(judge({ kind: 'best', arms, ...value }, study), smallest, 1 - confidence)),
    rate: either((pair) => ({ kind: 'rate', outcome: 'failed', is: 'higher', arms: pair, smallest: 0.1, confidence })),
    threshold: Math.max(...failed) > 0 ? null : share((study) => holds(threshold, study)),
    frequency:
      Math.min(...failed) === 0 || Math.min(...failed) === 1 ? null : share((study) => holds(frequency, study)),
  }
}

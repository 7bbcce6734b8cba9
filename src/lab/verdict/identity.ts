import { DataError } from '../../errors.ts'
import type { Band } from '../statistics/band.ts'
import type { RunResult } from '../statistics/run-result.ts'
import { type Bilingual, figure } from './bilingual.ts'
import type { IdentityRule, UntestableRule } from './rule.ts'
import type { Verdict } from './verdict.ts'

const digits = (value: number): string => String(Number(value.toPrecision(6)))

function valueOf({ arm, seed, metrics }: RunResult, metric: string): number {
  const value = metrics[metric]
  if (value === undefined || !Number.isFinite(value))
    throw new DataError(
      `judge: expected a finite ${metric} in arm '${arm}', seed ${seed}, got ${value}. Measure it again`,
    )
  return value
}

/**
 * Whether a metric equals a number in every result. Throws DataError for no results, and where the metric is absent or
 * not finite.
 */
export function judgeIdentity(rule: IdentityRule, results: readonly RunResult[]): Verdict {
  const { metric, equals = 0, tolerance, strength = 'exact' } = rule
  if (results.length === 0) throw new DataError('judge: expected at least one result, got none. Run the check')
  const errors = results.map((run) => Math.abs(valueOf(run, metric) - equals))
  const values = results.map((run) => valueOf(run, metric))
  const worst = Math.max(...errors)
  const wrong = errors.filter((error) => error > tolerance).length
  const n = results.length
  const { arm, seed } = results[errors.indexOf(worst)]!
  const band: Band = {
    estimate: values[errors.indexOf(worst)]!,
    low: Math.min(...values),
    high: Math.max(...values),
    n,
    confidence: 1,
    kind: 'range',
  }
  const sentence: Bilingual =
    wrong === 0
      ? {
          en: `${metric} equals ${digits(equals)} in all ${n} results: off by at most ${figure(worst)}, allowed ${figure(tolerance)}. No seed changes it.`,
          zh: `全部 ${n} 个结果中 ${metric} 等于 ${digits(equals)}：最大偏差 ${figure(worst)}，容许 ${figure(tolerance)}。与种子无关。`,
        }
      : {
          en: `${metric} differs from ${digits(equals)} in ${wrong} of ${n} results: off by up to ${figure(worst)}, allowed ${figure(tolerance)}.`,
          zh: `${n} 个结果中有 ${wrong} 个的 ${metric} 不等于 ${digits(equals)}：最大偏差 ${figure(worst)}，容许 ${figure(tolerance)}。`,
        }
  return {
    strength,
    holds: wrong === 0,
    sentence,
    advice:
      wrong === 0
        ? { en: 'Rely on it.', zh: '可以依赖。' }
        : { en: `Start with arm '${arm}', seed ${seed}.`, zh: `请先查看 '${arm}' 组、种子 ${seed}。` },
    evidence: [{ what: { en: `${metric}, worst and range`, zh: `${metric}，最差值与范围` }, band }],
    against:
      wrong > 0 && wrong < n
        ? [{ en: `It holds in ${n - wrong} of ${n} results.`, zh: `${n} 个结果中有 ${n - wrong} 个成立。` }]
        : [],
    wouldChange:
      wrong === 0
        ? {
            en: `One result that is off by more than ${figure(tolerance)}.`,
            zh: `只要有一个结果偏差超过 ${figure(tolerance)}。`,
          }
        : { en: 'A correction of the statement or of the code.', zh: '修正该陈述或代码。' },
    more: 0,
  }
}

/** The verdict on what cannot be tested here. */
export const judgeUntestable = ({ reason }: UntestableRule): Verdict => ({
  strength: 'untestable',
  holds: null,
  sentence: { en: `Not testable here: ${reason.en}`, zh: `此处无法检验：${reason.zh}` },
  advice: { en: 'Do not base a decision on it.', zh: '请勿据此作决定。' },
  evidence: [],
  against: [],
  wouldChange: { en: 'Data or an experiment that could refute it.', zh: '出现能够反驳它的数据或实验。' },
  more: null,
})

import { DataError } from '../../errors.ts'
import { rateInterval } from '../statistics/rate.ts'
import type { RunResult } from '../statistics/run-result.ts'
import { seedsForRate } from '../statistics/sample-size.ts'
import { type ArmRuns, selectArms } from './arms.ts'
import { judgeBound } from './bound.ts'
import { countOf, outcomeText, rateEvidence } from './evidence.ts'
import type { FrequencyRule, ShareRule } from './rule.ts'
import type { Verdict } from './verdict.ts'

/** How often an outcome comes, against a bound, by the exact interval. */
export function judgeFrequency(rule: FrequencyRule, results: readonly RunResult[]): Verdict {
  const { outcome, bound, confidence = 0.95 } = rule
  const [arm] = selectArms(results, { ...rule, arms: [rule.arm], metric: null, better: 'higher' }) as [ArmRuns]
  const band = rateInterval(countOf(arm, outcome), arm.runs.length, confidence)
  const { en, zh } = outcomeText[outcome]
  return judgeBound(arm, rule, band, {
    subject: { en: `The share of runs of '${rule.arm}' that ${en}`, zh: `'${rule.arm}' ${zh}的比例` },
    large: false,
    needed: () => seedsForRate(band.estimate, bound, confidence),
    evidence: [rateEvidence(arm, outcome, confidence)],
  })
}

/** What a run counted of what. Throws DataError unless both are whole numbers, `0 <= count <= of`. */
function countsOf({ arm, seed, metrics }: RunResult, { count, of }: ShareRule): readonly [number, number] {
  const [found = NaN, all = NaN] = [metrics[count], metrics[of]]
  if (Number.isInteger(found) && Number.isInteger(all) && found >= 0 && found <= all) return [found, all]
  throw new DataError(
    `judge: expected whole numbers of ${count} and ${of} in arm '${arm}', seed ${seed}, the first at most the second, got ${found} and ${all}. Count them in every run`,
  )
}

/** A share of what all runs counted together, against a bound, by the exact interval. */
export function judgeShare(rule: ShareRule, results: readonly RunResult[]): Verdict {
  const { count, of, bound, confidence = 0.95 } = rule
  const [arm] = selectArms(results, { ...rule, arms: [rule.arm], metric: null, better: 'higher' }) as [ArmRuns]
  const counts = arm.runs.map((run) => countsOf(run, rule))
  const [found, all] = counts.reduce(([a, b], [c, d]) => [a + c, b + d])
  if (all === 0)
    throw new DataError(`judge: expected at least one of ${of} in arm '${rule.arm}', got none. Run more seeds`)
  const band = rateInterval(found, all, confidence)
  return judgeBound(arm, rule, band, {
    subject: {
      en: `The share of ${count} among ${of} of '${rule.arm}'`,
      zh: `'${rule.arm}' 的 ${count} 占 ${of} 的比例`,
    },
    large: false,
    needed: () => {
      const trials = seedsForRate(band.estimate, bound, confidence)
      return trials === null ? null : Math.ceil((trials * counts.length) / all)
    },
    evidence: [{ what: { en: `'${rule.arm}': ${count} among ${of}`, zh: `'${rule.arm}'：${count} 占 ${of}` }, band }],
  })
}

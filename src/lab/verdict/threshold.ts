import type { Band } from '../statistics/band.ts'
import { meanInterval, standardDeviation } from '../statistics/mean.ts'
import { rateInterval } from '../statistics/rate.ts'
import { type RunResult, trained } from '../statistics/run-result.ts'
import { seedsForDifference, seedsForRate } from '../statistics/sample-size.ts'
import { type ArmRuns, selectArms } from './arms.ts'
import { bandText, type Bilingual, figure, joined } from './bilingual.ts'
import { reaches, seedsChange } from './change-text.ts'
import { armEvidence, countOf, failures, gridEnds, outcomeText, rateEvidence } from './evidence.ts'
import type { FrequencyRule, ThresholdRule } from './rule.ts'
import type { Evidence, Verdict } from './verdict.ts'

interface Side {
  readonly is: 'above' | 'below'
  readonly bound: number
}

/** Whether an interval lies on the side that the rule claims. */
function sideOf({ low, high }: Band, { is, bound }: Side): boolean | null {
  if (low > bound) return is === 'above'
  if (high < bound) return is === 'below'
  return null
}

const sideText = { above: { en: 'above', zh: '高于' }, below: { en: 'below', zh: '低于' } }

const undecided = (more: number | null): Bilingual =>
  more === null
    ? {
        en: 'It lies at the bound: no affordable number of seeds would decide it. Change the bound or the budget.',
        zh: '它就在界限处：增加种子也无法判定。请更换界限或预算。',
      }
    : {
        en: `The interval holds the bound: run ${more} more ${more === 1 ? 'seed' : 'seeds'}.`,
        zh: `区间包含界限：请再运行 ${more} 个种子。`,
      }

function verdictOf(
  arm: ArmRuns,
  side: Side,
  band: Band,
  found: { subject: Bilingual; large: boolean; needed: () => number | null; evidence: readonly Evidence[] },
): Verdict {
  const { is, bound } = side
  const holds = sideOf(band, side)
  const needed = holds === null ? found.needed() : null
  const more = holds === null ? (needed === null ? null : Math.max(1, needed - arm.runs.length)) : 0
  const [text, where] = [bandText(band), sideText[is]]
  const claim = { en: `${where.en} ${figure(bound)}`, zh: `${where.zh} ${figure(bound)}` }
  const end: Bilingual =
    holds === null
      ? undecided(more)
      : holds
        ? { en: `It is ${claim.en}: count on it.`, zh: `它${claim.zh}：可以依赖。` }
        : { en: `It is not ${claim.en}: do not count on it.`, zh: `它并不${claim.zh}：请勿依赖。` }
  return {
    strength: holds === null ? 'inconclusive' : found.large ? 'large effect' : 'small effect',
    holds,
    sentence: joined([{ en: `${found.subject.en} is ${text.en}.`, zh: `${found.subject.zh} 为 ${text.zh}。` }, end]),
    evidence: found.evidence,
    against: gridEnds([arm]),
    wouldChange:
      holds === null ? seedsChange(more) : reaches(bound, band.low > bound ? band.low - bound : bound - band.high),
    more,
  }
}

/** How often an outcome comes, against a bound, by the exact interval. */
export function judgeFrequency(rule: FrequencyRule, results: readonly RunResult[]): Verdict {
  const { outcome, bound, confidence = 0.95 } = rule
  const [arm] = selectArms(results, { ...rule, arms: [rule.arm], metric: null, better: 'higher' }) as [ArmRuns]
  const count = countOf(arm, outcome)
  const band = rateInterval(count, arm.runs.length, confidence)
  const { en, zh } = outcomeText[outcome]
  return verdictOf(arm, rule, band, {
    subject: { en: `The share of runs of '${rule.arm}' that ${en}`, zh: `'${rule.arm}' ${zh}的比例` },
    large: false,
    needed: () => seedsForRate(band.estimate, bound, confidence),
    evidence: [rateEvidence(arm, outcome, confidence)],
  })
}

/**
 * A metric against a bound: the mean by its t-interval where all runs trained; where any failed, the share of runs on
 * the claimed side by its exact interval against one half (the sign test), a failed run being on the other side.
 */
export function judgeThreshold(rule: ThresholdRule, results: readonly RunResult[]): Verdict {
  const { metric, is, bound, large = Infinity, confidence = 0.95 } = rule
  const better = is === 'above' ? 'higher' : 'lower'
  const [arm] = selectArms(results, { ...rule, arms: [rule.arm], better }) as [ArmRuns]
  const evidence = armEvidence([arm], metric, confidence)
  const values = arm.runs.filter(trained).map((run) => run.metrics[metric]!)
  if (arm.failed === 0) {
    const band = meanInterval(values, confidence)
    const distance = Math.abs(band.estimate - bound)
    return verdictOf(arm, rule, band, {
      subject: { en: `The mean ${metric} of '${rule.arm}'`, zh: `'${rule.arm}' 的平均 ${metric}` },
      large: distance >= large,
      needed: () => (distance === 0 ? null : seedsForDifference(distance, standardDeviation(values), { confidence })),
      evidence,
    })
  }
  const beyond = values.filter((value) => (is === 'above' ? value > bound : value < bound)).length
  const band = rateInterval(beyond, arm.runs.length, confidence)
  const where = sideText[is]
  const verdict = verdictOf(arm, { is: 'above', bound: 0.5 }, band, {
    subject: {
      en: `The share of runs of '${rule.arm}' that trained with ${metric} ${where.en} ${figure(bound)}`,
      zh: `'${rule.arm}' 训练成功且 ${metric} ${where.zh} ${figure(bound)} 的比例`,
    },
    large: false,
    needed: () => seedsForRate(band.estimate, 0.5, confidence),
    evidence,
  })
  return { ...verdict, against: [...verdict.against, ...failures([arm])] }
}

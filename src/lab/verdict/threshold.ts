import { meanInterval, standardDeviation } from '../statistics/mean.ts'
import { rateInterval } from '../statistics/rate.ts'
import { type RunResult, trained } from '../statistics/run-result.ts'
import { seedsForDifference, seedsForRate } from '../statistics/sample-size.ts'
import { type ArmRuns, selectArms } from './arms.ts'
import { type Bilingual, figure } from './bilingual.ts'
import { judgeBound, sideText } from './bound.ts'
import { armEvidence, failures } from './evidence.ts'
import type { ThresholdRule } from './rule.ts'
import type { Verdict } from './verdict.ts'

/** Why there is no t-interval, where no run failed. */
const alike = (value: number): Bilingual => ({
  en: ` (it is ${figure(value)} in all: without spread there is no t-interval)`,
  zh: `（全部为 ${figure(value)}：没有离散，无从给出 t 区间）`,
})

/**
 * A metric against a bound: the mean by its t-interval; where a run failed, or the metric is the same in all, the share of
 * runs on the claimed side by its exact interval against one half (the sign test), a failed run being on the other side.
 */
export function judgeThreshold(rule: ThresholdRule, results: readonly RunResult[]): Verdict {
  const { metric, is, bound, large = Infinity, confidence = 0.95 } = rule
  const better = is === 'above' ? 'higher' : 'lower'
  const [arm] = selectArms(results, { ...rule, arms: [rule.arm], better }) as [ArmRuns]
  const evidence = armEvidence([arm], metric, confidence)
  const values = arm.runs.filter(trained).map((run) => run.metrics[metric]!)
  const ofMean = arm.failed === 0 ? meanInterval(values, confidence) : null
  const distance = ofMean === null ? 0 : Math.abs(ofMean.estimate - bound)
  if (ofMean?.kind === 't')
    return judgeBound(arm, rule, ofMean, {
      subject: { en: `The mean ${metric} of '${rule.arm}'`, zh: `'${rule.arm}' 的平均 ${metric}` },
      large: distance >= large,
      needed: () => (distance === 0 ? null : seedsForDifference(distance, standardDeviation(values), { confidence })),
      evidence,
    })
  const beyond = values.filter((value) => (is === 'above' ? value > bound : value < bound)).length
  const band = rateInterval(beyond, arm.runs.length, confidence)
  const [where, note] = [sideText[is], ofMean === null ? { en: '', zh: '' } : alike(ofMean.estimate)]
  const verdict = judgeBound(arm, { is: 'above', bound: 0.5 }, band, {
    subject: {
      en: `The share of runs of '${rule.arm}' that trained with ${metric} ${where.en} ${figure(bound)}${note.en}`,
      zh: `'${rule.arm}' 训练成功且 ${metric} ${where.zh} ${figure(bound)} 的比例${note.zh}`,
    },
    large: distance >= large,
    needed: () => seedsForRate(band.estimate, 0.5, confidence),
    evidence,
  })
  return { ...verdict, against: [...verdict.against, ...failures([arm])] }
}

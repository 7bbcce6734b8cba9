/** The figures behind a verdict, and what speaks against it. */
import type { Band } from '../statistics/band.ts'
import { pairedEffect } from '../statistics/effect-size.ts'
import { mean, meanInterval } from '../statistics/mean.ts'
import { differences } from '../statistics/paired.ts'
import { rateInterval } from '../statistics/rate.ts'
import { rateDifference } from '../statistics/rate-difference.ts'
import { trained } from '../statistics/run-result.ts'
import { type ArmRuns, neverTrained } from './arms.ts'
import { bandText, type Bilingual, figure } from './bilingual.ts'
import { gainOf } from './comparison.ts'
import type { CountedOutcome } from './rule.ts'
import type { Related } from './relation.ts'
import type { Evidence } from './verdict.ts'

export const outcomeText: Readonly<Record<CountedOutcome, Bilingual>> = {
  trained: { en: 'trained', zh: '训练成功' },
  plateaued: { en: 'stayed on a plateau', zh: '停在平台' },
  diverged: { en: 'diverged', zh: '发散' },
  failed: { en: 'failed to train', zh: '训练失败' },
}

/** How many runs of an arm ended so. */
export const countOf = ({ runs }: ArmRuns, outcome: CountedOutcome): number =>
  runs.filter((run) => (outcome === 'failed' ? !trained(run) : run.outcome === outcome)).length

/** The rate of an outcome in one arm. */
export function rateEvidence(arm: ArmRuns, outcome: CountedOutcome, confidence: number): Evidence {
  const { en, zh } = outcomeText[outcome]
  return {
    what: { en: `'${arm.arm}': share of runs that ${en}`, zh: `'${arm.arm}'：${zh}的比例` },
    band: rateInterval(countOf(arm, outcome), arm.runs.length, confidence),
  }
}

const single = (value: number): Band => ({
  estimate: value,
  low: value,
  high: value,
  n: 1,
  confidence: 1,
  kind: 'range',
})

/** The mean metric over the runs of an arm that trained; none where none did. */
function meanEvidence({ arm, runs, learningRate }: ArmRuns, metric: string, confidence: number): Evidence[] {
  const values = runs.filter(trained).map((run) => run.metrics[metric]!)
  if (values.length === 0) return []
  const at =
    learningRate === null
      ? { en: '', zh: '' }
      : { en: `, learning rate ${learningRate}`, zh: `，学习率 ${learningRate}` }
  return [
    {
      what: {
        en: `'${arm}': mean ${metric} of the ${values.length} of ${runs.length} runs that trained${at.en}`,
        zh: `'${arm}'：${runs.length} 次中训练成功的 ${values.length} 次的平均 ${metric}${at.zh}`,
      },
      band: values.length === 1 ? single(mean(values)) : meanInterval(values, confidence),
    },
  ]
}

/** Mean and rate of failure of every arm. */
export const armEvidence = (arms: readonly ArmRuns[], metric: string, confidence: number): Evidence[] =>
  arms.flatMap((arm) => [...meanEvidence(arm, metric, confidence), rateEvidence(arm, 'failed', confidence)])

/** How much more often runs of `b` ended so than those of `a`. */
export const rateGap = (a: ArmRuns, b: ArmRuns, outcome: CountedOutcome, confidence: number): Band =>
  rateDifference(countOf(b, outcome), b.runs.length, countOf(a, outcome), a.runs.length, confidence)

/** The difference of two arms: of values over the seeds in which both trained, and of failures where there are any. */
export function pairEvidence({ comparison, p }: Related, metric: string, confidence: number): Evidence[] {
  const { a, b, values } = comparison
  const gain = gainOf(comparison, confidence)
  const ofValues: Evidence[] =
    gain === null
      ? []
      : [
          {
            what: {
              en: `'${a.arm}' against '${b.arm}': gain in ${metric} (positive: '${a.arm}' is better), seeds in which both trained`,
              zh: `'${a.arm}' 对 '${b.arm}'：${metric} 的增益（为正时 '${a.arm}' 更好），取二者都训练成功的种子`,
            },
            band: gain,
            effect: pairedEffect(values.a, values.b),
            p,
          },
        ]
  if (a.failed + b.failed === 0) return ofValues
  return [
    ...ofValues,
    {
      what: {
        en: `'${b.arm}' minus '${a.arm}': share of runs that failed to train`,
        zh: `'${b.arm}' 减 '${a.arm}'：训练失败的比例`,
      },
      band: rateGap(a, b, 'failed', confidence),
      p,
    },
  ]
}

/** Arms whose best learning rate lies at the end of the grid; where no run trained, no rate is the best. */
export const gridEnds = (arms: readonly ArmRuns[]): Bilingual[] =>
  arms
    .filter((arm) => arm.atGridEnd && !neverTrained(arm))
    .map(({ arm, learningRate }) => ({
      en: `The best learning rate of '${arm}', ${learningRate}, lies at the end of its grid: a better one may lie beyond.`,
      zh: `'${arm}' 的最佳学习率 ${learningRate} 位于网格的端点：更好的可能在网格之外。`,
    }))

/** Arms of which runs failed. */
export const failures = (arms: readonly ArmRuns[]): Bilingual[] =>
  arms
    .filter(({ failed }) => failed > 0)
    .map(({ arm, failed, runs }) => ({
      en: `'${arm}' failed to train in ${failed} of ${runs.length} seeds.`,
      zh: `'${arm}' 在 ${runs.length} 个种子中有 ${failed} 个训练失败。`,
    }))

/** What weakens the comparison of two arms. */
export function pairAgainst({ comparison, relation }: Related, metric: string, confidence: number): Bilingual[] {
  const { a, b, values, decidedBy } = comparison
  const gaps = differences(values.a, values.b)
  const lead = relation === 'worse' ? -1 : 1
  const contrary = gaps.filter((gap) => gap * lead < 0).length
  const found: Bilingual[] = []
  if (contrary > 0 && relation !== 'equal')
    found.push({
      en: `In ${contrary} of ${gaps.length} seeds in which both trained, ${metric} points the other way.`,
      zh: `在二者都训练成功的 ${gaps.length} 个种子中，有 ${contrary} 个的 ${metric} 方向相反。`,
    })
  found.push(...failures([a, b]))
  const gain = gainOf(comparison, confidence)
  if (gain !== null && decidedBy === 'failures' && lead * gain.estimate < 0) {
    const { en, zh } = bandText({
      ...gain,
      estimate: -lead * gain.estimate,
      low: lead > 0 ? -gain.high : gain.low,
      high: lead > 0 ? -gain.low : gain.high,
    })
    const other = lead > 0 ? b.arm : a.arm
    found.push({
      en: `Where both trained, '${other}' is the better by ${en}.`,
      zh: `在二者都训练成功时，'${other}' 反而更好，差 ${zh}。`,
    })
  }
  if (gaps.length > 1 && gaps[0] !== 0 && gaps.every((gap) => gap === gaps[0]))
    found.push({
      en: `All ${gaps.length} differences are ${figure(gaps[0]!)} to the last digit: check that the seed reaches the run.`,
      zh: `${gaps.length} 个差值完全相同，均为 ${figure(gaps[0]!)}：请检查种子是否真正起作用。`,
    })
  return found
}

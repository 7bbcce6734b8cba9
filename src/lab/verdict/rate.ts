import { rateDifference, rateDifferenceP } from '../statistics/rate-difference.ts'
import type { RunResult } from '../statistics/run-result.ts'
import { seedsForRates } from '../statistics/sample-size.ts'
import { selectArms } from './arms.ts'
import { bandText, type Bilingual, figure } from './bilingual.ts'
import { reaches, seedsChange } from './change-text.ts'
import { countOf, gridEnds, outcomeText, rateEvidence } from './evidence.ts'
import { moreText } from './pair-text.ts'
import { largeRate } from './relation.ts'
import type { RateRule } from './rule.ts'
import type { Verdict } from './verdict.ts'

/** Seeds that would show the measured difference of rates or, where it is smaller, one that matters. */
function wanted(pa: number, pb: number, smallest: number, confidence: number): number | null {
  if (Math.abs(pa - pb) >= smallest) return seedsForRates(pa, pb, { confidence })
  const low = Math.min(Math.max(0, (pa + pb - smallest) / 2), 1 - smallest)
  return seedsForRates(low, low + smallest, { confidence })
}

/** Whether an outcome is more (or less) frequent in the first arm than in the second, by what matters. */
export function judgeRate(rule: RateRule, results: readonly RunResult[]): Verdict {
  const { outcome, smallest, large = largeRate, confidence = 0.95 } = rule
  const arms = selectArms(results, { ...rule, metric: null, better: 'higher' })
  const [a, b] = arms as [(typeof arms)[number], (typeof arms)[number]]
  const [first, second] = rule.is === 'higher' ? [a, b] : [b, a]
  const [high, low] = [countOf(first, outcome), countOf(second, outcome)]
  const n = a.runs.length
  const band = rateDifference(high, n, low, n, confidence)
  const p = rateDifferenceP(high, n, low, n)
  const separated = p <= 1 - confidence && band.estimate >= smallest
  const holds = separated ? true : band.high < smallest ? false : null
  const needed = holds === null ? wanted(high / n, low / n, smallest, confidence) : n
  const more = needed === null ? null : holds === null ? Math.max(1, needed - n) : 0
  const { en, zh } = outcomeText[outcome]
  const text = bandText(band)
  const counts: Bilingual = {
    en: `'${first.arm}' ${en} in ${high} of ${n} seeds, '${second.arm}' in ${low} of ${n}: difference of rates ${text.en}.`,
    zh: `'${first.arm}' 在 ${n} 个种子中有 ${high} 个${zh}，'${second.arm}' 在 ${n} 个中有 ${low} 个：比例之差 ${text.zh}。`,
  }
  const decided: Bilingual = holds
    ? { en: 'Plan for it when choosing between the two.', zh: '在二者之间选择时请计入这一点。' }
    : {
        en: `Do not rely on a difference of ${figure(smallest)} or more.`,
        zh: `请勿依赖不小于 ${figure(smallest)} 的差别。`,
      }
  return {
    strength: holds === null ? 'inconclusive' : holds && band.estimate >= large ? 'large effect' : 'small effect',
    holds,
    sentence: counts,
    advice: holds === null ? moreText(more) : decided,
    evidence: [
      ...arms.map((arm) => rateEvidence(arm, outcome, confidence)),
      {
        what: {
          en: `'${first.arm}' minus '${second.arm}': share of runs that ${en}`,
          zh: `'${first.arm}' 减 '${second.arm}'：${zh}的比例`,
        },
        band,
        p,
      },
    ],
    against: gridEnds(arms),
    wouldChange:
      holds === null ? seedsChange(more) : holds ? reaches(0, band.low) : reaches(smallest, smallest - band.high),
    more,
  }
}

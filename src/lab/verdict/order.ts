import type { RunResult } from '../statistics/run-result.ts'
import { selectArms } from './arms.ts'
import { type Bilingual, joined } from './bilingual.ts'
import { pairChange, seedsChange } from './change-text.ts'
import { armEvidence, gridEnds, pairAgainst, pairEvidence } from './evidence.ts'
import { moreText, pairText } from './pair-text.ts'
import { moreSeeds, relatePairs, thresholdsOf } from './relation.ts'
import type { OrderRule } from './rule.ts'
import type { Verdict } from './verdict.ts'

/** The largest number of seeds asked for; null where none of the comparisons can be decided by seeds. */
export const mostOf = (wanted: readonly (number | null)[]): number | null =>
  wanted.reduce<number | null>((most, k) => (k === null ? most : Math.max(most ?? 0, k)), null)

function opening(arms: readonly string[], holds: boolean | null): Bilingual {
  const order = arms.map((arm) => `'${arm}'`).join(' > ')
  if (holds === true) return { en: `The order ${order} holds.`, zh: `次序 ${order} 成立。` }
  return holds === false
    ? { en: `The order ${order} does not hold.`, zh: `次序 ${order} 不成立。` }
    : { en: `The order ${order} is not settled.`, zh: `次序 ${order} 尚未定论。` }
}

/**
 * Whether every arm is better than the next, by what matters, with Holm's correction over all pairs: refuted by any
 * pair the other way round, or by neighbours of which the first is not better.
 */
export function judgeOrder(rule: OrderRule, results: readonly RunResult[]): Verdict {
  const { metric } = rule
  const arms = selectArms(results, rule)
  const thresholds = thresholdsOf(rule, (arms.length * (arms.length - 1)) / 2)
  const confidence = 1 - thresholds.alpha
  const pairs = relatePairs(arms, rule, thresholds)
  const neighbours = pairs.filter(({ comparison: { a, b } }) => arms.indexOf(b) === arms.indexOf(a) + 1)
  const refuting = pairs.filter(
    (pair) =>
      pair.relation === 'worse' || (neighbours.includes(pair) && ['equal', 'not better'].includes(pair.relation)),
  )
  const open = neighbours.filter(({ relation }) => relation === 'open' || relation === 'not worse')
  const holds = refuting.length > 0 ? false : open.length > 0 ? null : true
  const shown = holds === true ? neighbours : holds === false ? refuting.slice(0, 1) : open
  const more = holds === null ? mostOf(open.map((pair) => moreSeeds(pair, thresholds))) : 0
  const [first] = rule.arms as [string]
  const advice: Bilingual =
    holds === null
      ? moreText(more)
      : holds
        ? { en: `Use '${first}'.`, zh: `请选用 '${first}'。` }
        : { en: 'Do not rely on the order.', zh: '请勿依赖该次序。' }
  return {
    strength: holds === null ? 'inconclusive' : shown.every(({ large }) => large) ? 'large effect' : 'small effect',
    holds,
    sentence: joined([opening(rule.arms, holds), ...shown.map((pair) => pairText(pair, metric, thresholds))]),
    advice,
    evidence: [
      ...armEvidence(arms, metric, confidence),
      ...neighbours.flatMap((pair) => pairEvidence(pair, metric, confidence)),
      ...refuting
        .filter((pair) => !neighbours.includes(pair))
        .flatMap((pair) => pairEvidence(pair, metric, confidence)),
    ],
    against: [...shown.flatMap((pair) => pairAgainst(pair, metric, confidence)), ...gridEnds(arms)],
    wouldChange:
      holds === null ? seedsChange(more) : joined(shown.slice(0, 1).map((pair) => pairChange(pair, thresholds))),
    more,
  }
}

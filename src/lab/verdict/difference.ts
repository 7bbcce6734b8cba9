import type { RunResult } from '../statistics/run-result.ts'
import { selectArms } from './arms.ts'
import type { Bilingual } from './bilingual.ts'
import { pairChange, seedsChange } from './change-text.ts'
import { armEvidence, gridEnds, pairAgainst, pairEvidence } from './evidence.ts'
import { moreText, pairText } from './pair-text.ts'
import { moreSeeds, relatePairs, type Relation, thresholdsOf } from './relation.ts'
import type { DifferenceRule } from './rule.ts'
import type { Verdict } from './verdict.ts'

const holdsBy: Readonly<Record<Relation, boolean | null>> = {
  better: true,
  worse: false,
  equal: false,
  'not better': false,
  'not worse': null,
  open: null,
}

/** What to do, by what was found. */
function adviceOn(relation: Relation, [first, second]: readonly [string, string]): Bilingual {
  if (relation === 'equal') return { en: 'Choose by cost.', zh: '请按成本选择。' }
  if (relation === 'not better')
    return { en: `Do not choose '${first}' for this metric.`, zh: `请勿为此指标选用 '${first}'。` }
  const use = relation === 'better' ? first : second
  return { en: `Use '${use}'.`, zh: `请选用 '${use}'。` }
}

/** Whether the first arm is better than the second, by what matters. */
export function judgeDifference(rule: DifferenceRule, results: readonly RunResult[]): Verdict {
  const { metric } = rule
  const arms = selectArms(results, rule)
  const thresholds = thresholdsOf(rule, 1)
  const confidence = 1 - thresholds.alpha
  const [related] = relatePairs(arms, rule, thresholds) as [ReturnType<typeof relatePairs>[number]]
  const holds = holdsBy[related.relation]
  const more = holds === null ? moreSeeds(related, thresholds) : 0
  return {
    strength: holds === null ? 'inconclusive' : related.large ? 'large effect' : 'small effect',
    holds,
    sentence: pairText(related, metric, thresholds),
    advice: holds === null ? moreText(more) : adviceOn(related.relation, rule.arms),
    evidence: [...armEvidence(arms, metric, confidence), ...pairEvidence(related, metric, confidence)],
    against: [...pairAgainst(related, metric, confidence), ...gridEnds(arms)],
    wouldChange: holds === null ? seedsChange(more) : pairChange(related, thresholds),
    more,
  }
}

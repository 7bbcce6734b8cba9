import { mean } from '../statistics/mean.ts'
import { type RunResult, signOf, trained } from '../statistics/run-result.ts'
import { type ArmRuns, selectArms } from './arms.ts'
import { type Bilingual, figure, joined, names } from './bilingual.ts'
import { pairChange, seedsChange } from './change-text.ts'
import { armEvidence, gridEnds, pairAgainst, pairEvidence } from './evidence.ts'
import { mostOf } from './order.ts'
import { moreText, pairText } from './pair-text.ts'
import { moreSeeds, type Related, relatePairs, type Thresholds, thresholdsOf } from './relation.ts'
import type { BestRule } from './rule.ts'
import type { Verdict } from './verdict.ts'

/** Arms from best to worst: by fewest failures, then by the mean metric of the runs that trained. */
function ranking(arms: readonly ArmRuns[], { metric, better }: BestRule): ArmRuns[] {
  const value = ({ runs }: ArmRuns): number => {
    const good = runs.filter(trained)
    return good.length === 0 ? 0 : signOf(better) * mean(good.map((run) => run.metrics[metric]!))
  }
  return arms.toSorted((a, b) => a.failed - b.failed || value(b) - value(a))
}

/** Who leads, and who is level with the leader, below it, or not separated from it. */
function standing(
  leader: string,
  groups: { level: string[]; below: string[]; open: string[] },
  { smallest }: Thresholds,
): Bilingual {
  const { level, below, open } = groups
  const top = names([leader, ...level])
  const count = 1 + level.length + below.length + open.length
  const parts: Bilingual[] = []
  if (open.length > 0) {
    const { en, zh } = names(open)
    parts.push({
      en: `'${leader}' leads ${count} arms, but ${en} cannot be told from it.`,
      zh: `'${leader}' 在 ${count} 组中领先，但 ${zh} 与之未能区分。`,
    })
  } else if (level.length > 0)
    parts.push({ en: `Best of ${count} arms are ${top.en}.`, zh: `${count} 组中最好的是 ${top.zh}。` })
  else parts.push({ en: `Best of ${count} arms is ${top.en}.`, zh: `${count} 组中最好的是 ${top.zh}。` })
  if (level.length > 0) {
    const { en, zh } = names(level)
    parts.push({
      en: `Equal to '${leader}' within ${figure(smallest)}: ${en}.`,
      zh: `与 '${leader}' 之差小于 ${figure(smallest)}：${zh}。`,
    })
  }
  if (below.length > 0) {
    const { en, zh } = names(below)
    parts.push({ en: `Worse: ${en}.`, zh: `较差：${zh}。` })
  }
  return joined(parts)
}

function advice(leader: string, level: readonly string[]): Bilingual {
  if (level.length === 0) return { en: `Use '${leader}'.`, zh: `请选用 '${leader}'。` }
  const { en, zh } = names([leader, ...level])
  return { en: `Choose between ${en} by cost.`, zh: `请在 ${zh} 中按成本选择。` }
}

/**
 * Which arms are best: the leader is settled when every other arm is worse than it, or equal to it within what
 * matters, with Holm's correction over all pairs, since the results choose the leader. A question, so never refuted.
 */
export function judgeBest(rule: BestRule, results: readonly RunResult[]): Verdict {
  const { metric } = rule
  const arms = ranking(selectArms(results, rule), rule)
  const thresholds = thresholdsOf(rule, (arms.length * (arms.length - 1)) / 2)
  const confidence = 1 - thresholds.alpha
  const pairs = relatePairs(arms, rule, thresholds, arms.length - 1)
  const { arm: leader } = arms[0]!
  const level = pairs.filter(({ relation }) => relation === 'equal')
  const below = pairs.filter(({ relation }) => relation === 'better')
  const open = pairs.filter((pair) => !level.includes(pair) && !below.includes(pair))
  const armsOf = (group: readonly Related[]): string[] => group.map(({ comparison }) => comparison.b.arm)
  const more = open.length > 0 ? mostOf(open.map((pair) => moreSeeds(pair, thresholds))) : 0
  const shown = (open.length > 0 ? open : below.length > 0 ? below : level).slice(0, 1)
  const groups = { level: armsOf(level), below: armsOf(below), open: armsOf(open) }
  const large = below.length > 0 && below.every((pair) => pair.large)
  return {
    strength: open.length > 0 ? 'inconclusive' : large ? 'large effect' : 'small effect',
    holds: open.length > 0 ? null : true,
    sentence: joined([
      standing(leader, groups, thresholds),
      ...shown.map((pair) => pairText(pair, metric, thresholds)),
      open.length > 0 ? moreText(more) : advice(leader, groups.level),
    ]),
    evidence: [
      ...armEvidence(arms, metric, confidence),
      ...pairs.flatMap((pair) => pairEvidence(pair, metric, confidence)),
    ],
    against: [...shown.flatMap((pair) => pairAgainst(pair, metric, confidence)), ...gridEnds(arms)],
    wouldChange: open.length > 0 ? seedsChange(more) : joined(shown.map((pair) => pairChange(pair, thresholds))),
    more,
  }
}

import { mean } from '../statistics/mean.ts'
import { type RunResult, signOf, trained } from '../statistics/run-result.ts'
import { type ArmRuns, neverTrained, selectArms } from './arms.ts'
import { type Bilingual, figure, joined, names } from './bilingual.ts'
import { pairChange, seedsChange } from './change-text.ts'
import { armEvidence, gridEnds, pairAgainst, pairEvidence } from './evidence.ts'
import { mostOf } from './order.ts'
import { moreText, pairText } from './pair-text.ts'
import { moreSeeds, type Related, relatePairs, type Thresholds, thresholdsOf } from './relation.ts'
import type { BestRule } from './rule.ts'
import { untrainedText } from './untrained-text.ts'
import type { Verdict } from './verdict.ts'

const namesOf = (arms: readonly ArmRuns[]): Bilingual => names(arms.map(({ arm }) => arm))

/** Arms from best to worst: by fewest failures, then by the mean metric of the runs that trained. */
function ranking(arms: readonly ArmRuns[], { metric, better }: BestRule): ArmRuns[] {
  const value = ({ runs }: ArmRuns): number => {
    const good = runs.filter(trained)
    return good.length === 0 ? 0 : signOf(better) * mean(good.map((run) => run.metrics[metric]!))
  }
  return arms.toSorted((a, b) => a.failed - b.failed || value(b) - value(a))
}

/** The other arms by how they stand to the leader. */
type Groups = Readonly<Record<'level' | 'below' | 'open', readonly ArmRuns[]>>

/** Who leads, where some arms cannot be told from the leader; of these, how those ended of which no run trained. */
function leading(leader: ArmRuns, { level, below, open }: Groups): Bilingual[] {
  const others = [...level, ...below, ...open]
  const count = 1 + others.length
  if (neverTrained(leader)) {
    const { en, zh } = untrainedText([leader, ...others])
    return [{ en: `None of ${count} arms trained: ${en}.`, zh: `${count} 组都未训练成功：${zh}。` }]
  }
  const { arm } = leader
  if (others.every(neverTrained)) {
    const { en, zh } = untrainedText(others)
    return [{ en: `Only '${arm}' trained: ${en}.`, zh: `只有 '${arm}' 训练成功：${zh}。` }]
  }
  const { en, zh } = namesOf(open)
  const untrained = open.filter(neverTrained)
  const ends = untrainedText(untrained)
  return [
    {
      en: `'${arm}' leads ${count} arms, but ${en} cannot be told from it.`,
      zh: `'${arm}' 在 ${count} 组中领先，但 ${zh} 与之未能区分。`,
    },
    ...(untrained.length === 0 ? [] : [{ en: `Of these, ${ends.en}.`, zh: `其中 ${ends.zh}。` }]),
  ]
}

/** Who leads, and who is level with the leader, below it, or not separated from it. */
function standing(leader: ArmRuns, groups: Groups, { smallest }: Thresholds): Bilingual {
  const { level, below, open } = groups
  const top = namesOf([leader, ...level])
  const count = 1 + level.length + below.length + open.length
  const parts: Bilingual[] = []
  if (open.length > 0) parts.push(...leading(leader, groups))
  else if (level.length > 0)
    parts.push({ en: `Best of ${count} arms are ${top.en}.`, zh: `${count} 组中最好的是 ${top.zh}。` })
  else parts.push({ en: `Best of ${count} arms is ${top.en}.`, zh: `${count} 组中最好的是 ${top.zh}。` })
  if (level.length > 0) {
    const { en, zh } = namesOf(level)
    parts.push({
      en: `Equal to '${leader.arm}' within ${figure(smallest)}: ${en}.`,
      zh: `与 '${leader.arm}' 之差小于 ${figure(smallest)}：${zh}。`,
    })
  }
  if (below.length > 0) {
    const { en, zh } = namesOf(below)
    parts.push({ en: `Worse: ${en}.`, zh: `较差：${zh}。` })
  }
  return joined(parts)
}

function adviceOn(leader: ArmRuns, level: readonly ArmRuns[]): Bilingual {
  const { en, zh } = namesOf([leader, ...level])
  if (level.length === 0) return { en: `Use ${en}.`, zh: `请选用 ${zh}。` }
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
  const leader = arms[0]!
  const level = pairs.filter(({ relation }) => relation === 'equal')
  const below = pairs.filter(({ relation }) => relation === 'better')
  const open = pairs.filter((pair) => !level.includes(pair) && !below.includes(pair))
  const armsOf = (group: readonly Related[]): ArmRuns[] => group.map(({ comparison }) => comparison.b)
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
    ]),
    advice: open.length > 0 ? moreText(more) : adviceOn(leader, groups.level),
    evidence: [
      ...armEvidence(arms, metric, confidence),
      ...pairs.flatMap((pair) => pairEvidence(pair, metric, confidence)),
    ],
    against: [...shown.flatMap((pair) => pairAgainst(pair, metric, confidence)), ...gridEnds(arms)],
    wouldChange: open.length > 0 ? seedsChange(more) : joined(shown.map((pair) => pairChange(pair, thresholds))),
    more,
  }
}

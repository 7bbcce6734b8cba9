import type { RunResult } from '../statistics/run-result.ts'
import { judgeBest } from './best.ts'
import { judgeDifference } from './difference.ts'
import { judgeFrequency, judgeShare } from './frequency.ts'
import { judgeIdentity, judgeUntestable } from './identity.ts'
import { judgeOrder } from './order.ts'
import { judgeRate } from './rate.ts'
import { checkRule, type Rule } from './rule.ts'
import { judgeThreshold } from './threshold.ts'
import type { Verdict } from './verdict.ts'

/**
 * The verdict that a rule gives on finished runs: a pure function, so that a stored verdict can be checked against its
 * stored results. Runs that plateaued or diverged count: rates of failure stand beside the means over the runs that
 * trained, and decide comparisons together with ranks in which they come last.
 *
 * Throws OptionError for a rule that does not fit or names an arm without results; DataError for results that cannot
 * bear the rule: fewer than 3 seeds, missing or doubled cells, a metric that is absent or not finite.
 */
export function judge(rule: Rule, results: readonly RunResult[]): Verdict {
  const checked = checkRule(rule)
  switch (checked.kind) {
    case 'difference':
      return judgeDifference(checked, results)
    case 'order':
      return judgeOrder(checked, results)
    case 'best':
      return judgeBest(checked, results)
    case 'rate':
      return judgeRate(checked, results)
    case 'threshold':
      return judgeThreshold(checked, results)
    case 'frequency':
      return judgeFrequency(checked, results)
    case 'share':
      return judgeShare(checked, results)
    case 'identity':
      return judgeIdentity(checked, results)
    case 'untestable':
      return judgeUntestable(checked)
  }
}

/** What a rule must be for the plan of a study. */
import { messageOf, OptionError } from '../../errors.ts'
import { judge } from '../verdict/judge.ts'
import type { Rule } from '../verdict/rule.ts'
import type { Plan, PlannedArm } from './plan.ts'
import type { TaskData } from './task.ts'

type Measures = TaskData['measures']

/**
 * Throws OptionError for a rule that contradicts itself (a large effect below the smallest that matters), or what the task
 * says is better.
 */
export function needSoundRule(rule: Rule, measures: Measures): void {
  if ('smallest' in rule && rule.large !== undefined && rule.large < rule.smallest)
    throw new OptionError(
      `study: rule: large must be at least smallest, ${rule.smallest}, got ${rule.large}: what is too small to matter is not large`,
    )
  if (!('better' in rule) || !Object.hasOwn(measures, rule.metric)) return
  const { better } = measures[rule.metric]!
  if (rule.better !== better)
    throw new OptionError(
      `study: rule: better must be '${better}', which is better of ${rule.metric} in this task, got '${rule.better}'. To ask which arm is worse, name the arms the other way round`,
    )
}

/** Throws OptionError for a rule about an arm that is not there, or cannot be trained. */
export function needKnownArms(rule: Rule, arms: readonly PlannedArm[], names: readonly string[]): void {
  const asked = 'arms' in rule ? rule.arms : 'arm' in rule ? [rule.arm] : []
  const missing = asked.find((name) => !names.includes(name))
  if (missing === undefined) return
  const reason = arms.find(({ name }) => name === missing)?.refused
  const why = reason == null ? 'is not there' : `cannot be trained (${reason})`
  throw new OptionError(`study: the rule asks for the arm '${missing}', which ${why}; there are ${names.join(', ')}`)
}

/** Throws OptionError where the rule could not judge what the plan will measure: seeds, learning rates or metrics. */
export function needJudgeable(
  { rule, learningRates, seeds }: Plan,
  names: readonly string[],
  measures: Measures,
): void {
  const metrics = Object.fromEntries(Object.entries(measures).map(([name, { chance }]) => [name, chance]))
  const runs = names.flatMap((arm) =>
    learningRates.flatMap((learningRate) =>
      seeds.map((seed) => ({ arm, learningRate, seed, outcome: 'trained' as const, metrics })),
    ),
  )
  try {
    judge(rule, runs)
  } catch (error) {
    throw new OptionError(`study: the rule cannot judge this plan: ${messageOf(error)}`, { cause: error })
  }
}

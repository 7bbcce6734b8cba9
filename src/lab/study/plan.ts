import { OptionError } from '../../errors.ts'
import { type Json, type JsonObject } from '../../files/json.ts'
import type { Wiring } from '../../nn/wiring/wiring.ts'
import type { Arms } from './arms.ts'
import { type Budget, stepsOf } from './budget.ts'
import { refusal } from './cell.ts'
import { format } from './plan-file.ts'
import { needJudgeable, needKnownArms, needSoundRule } from './plan-rule.ts'
import { dataOf } from './pool.ts'
import { checkRule, type Rule } from '../verdict/rule.ts'
import { type ArmSetting, cellId, resolveArm, type Setting, type Training } from './setting.ts'
import type { Measure, Task, TaskData } from './task.ts'

export interface StudyOptions extends Budget {
  /** What the study shall answer. */
  readonly question: string
  readonly task: Task
  /** What is compared. */
  readonly arms: Arms
  /** Every arm is trained at each of them, and judged at its best. */
  readonly learningRates: readonly number[]
  /** How many seeds, from 0, or which; the same for every arm, so that arms are compared in pairs. */
  readonly seeds: number | readonly number[]
  /** What is compared: the loss on test data, or a metric of the task. */
  readonly metric: string
  /** Of all arms, where they say nothing else. */
  readonly wiring?: Wiring
  readonly training?: Training
  /** Examples per batch. Default: the task's. */
  readonly batchSize?: number
  /** Steps between two measurements of gradient and activations, kept in the runs of the cells. Default 0: never. */
  readonly probeEvery?: number
  /** What decides, written before anything runs. Default: which arms are best by the metric. */
  readonly rule?: Rule
}

/** An arm as it is run: several of one meaning are one. */
export interface PlannedArm extends ArmSetting {
  /** Its name; of several that mean the same the first. */
  readonly name: string
  /** Others that mean the same. */
  readonly same: readonly string[]
  /** Why it cannot be trained, or null. */
  readonly refused: string | null
}

/** A study with nothing left open, written before anything is trained. */
export interface Plan {
  readonly question: string
  readonly task: string
  readonly factors: readonly string[]
  readonly arms: readonly PlannedArm[]
  readonly learningRates: readonly number[]
  readonly seeds: readonly number[]
  readonly steps: number
  readonly batchSize: number
  readonly metric: string
  readonly measure: Measure
  readonly probeEvery: number
  readonly rule: Rule
}

const ascending = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => a - b)

function needPositive(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new OptionError(`study: ${name} must be a whole number of at least 1, got ${value}`)
}

/** More are a slip, and would be laid out in memory. */
const mostSeeds = 10_000

function seedsOf(seeds: StudyOptions['seeds']): number[] {
  if (typeof seeds === 'number') needPositive('seeds', seeds)
  if (typeof seeds === 'number' && seeds > mostSeeds)
    throw new OptionError(`study: seeds: expected at most ${mostSeeds} of them, got ${seeds}`)
  const list = typeof seeds === 'number' ? Array.from({ length: seeds }, (_, i) => i) : ascending(seeds)
  if (list.length === 0 || list.some((seed) => !Number.isSafeInteger(seed) || seed < 0))
    throw new OptionError(`study: seeds must be whole numbers of at least 0, got [${list.join(', ')}]`)
  return list
}

/** Arms that mean the same are one, named by the first. */
function merged(arms: readonly PlannedArm[]): PlannedArm[] {
  const known = new Map<string, PlannedArm>()
  for (const arm of arms) {
    const { name, same: _, ...meaning } = arm
    const key = JSON.stringify(meaning)
    const first = known.get(key)
    known.set(key, first ? { ...first, same: [...first.same, name] } : arm)
  }
  return [...known.values()]
}

/** A sentence on the arms that cannot be trained, those of one reason together; nothing where all can. */
function refusedText(arms: readonly PlannedArm[]): string {
  const byReason = new Map<string, string[]>()
  for (const { name, refused } of arms)
    if (refused !== null) byReason.set(refused, [...(byReason.get(refused) ?? []), `'${name}'`])
  const list = [...byReason].map(([reason, names]) => `${names.join(', ')} (${reason})`)
  return list.length === 0 ? '' : ` Refused: ${list.join('; ')}.`
}

/**
 * The plan of a study: every arm resolved, traced once on its data, and those that cannot be trained kept with the reason.
 *
 * Throws OptionError for options that cannot be, and where no arm is left.
 */
export async function planStudy(options: StudyOptions): Promise<Plan> {
  const { question, task, metric, wiring = {}, training = {}, batchSize = task.batchSize, probeEvery = 0 } = options
  needPositive('batchSize', batchSize)
  if (!Number.isSafeInteger(probeEvery) || probeEvery < 0)
    throw new OptionError(`study: probeEvery must be a whole number of at least 0, got ${probeEvery}`)
  if (!Array.isArray(options.learningRates))
    throw new OptionError(
      `study: learningRates must be a list of positive numbers, got ${JSON.stringify(options.learningRates)}`,
    )
  const learningRates = ascending(options.learningRates)
  if (learningRates.length === 0 || learningRates.some((rate) => !(rate > 0 && rate < Infinity)))
    throw new OptionError(
      `study: learningRates must be positive numbers, at least one, got [${options.learningRates.join(', ')}]`,
    )
  const open = dataOf(task)
  let measures: TaskData['measures'] = {}
  let measure: Measure | undefined
  const planned: PlannedArm[] = []
  const opened: TaskData[] = []
  for (const arm of options.arms.list) {
    let meaning: ArmSetting
    try {
      meaning = resolveArm(arm, task, wiring, training)
    } catch (error) {
      if (!(error instanceof OptionError) || error.message.startsWith('study:')) throw error
      planned.push(refusedArm(arm.name, task, error.message))
      continue
    }
    const data = await open(meaning.options)
    opened.push(data)
    if (batchSize > data.train.size)
      throw new OptionError(
        `study: batchSize must be at most ${data.train.size}, the training examples of '${arm.name}', got ${batchSize}`,
      )
    measures = data.measures
    if (!Object.hasOwn(measures, metric))
      throw new OptionError(
        `study: ${task.name} does not measure '${metric}'; it measures ${Object.keys(measures).join(', ')}`,
      )
    measure ??= measures[metric]
    if (JSON.stringify(measures[metric]) !== JSON.stringify(measure))
      throw new OptionError(
        `study: '${arm.name}' has data of its own, on which ${metric} means something else; compare arms on the same data`,
      )
    planned.push({ name: arm.name, same: [], refused: refusal(task, meaning, data), ...meaning })
  }
  if (measure === undefined || planned.every(({ refused }) => refused !== null))
    throw new OptionError(`study: no arm can be trained.${refusedText(planned)} Change the arms, or what they share`)
  const list = merged(planned)
  const names = list.filter(({ refused }) => refused === null).map(({ name }) => name)
  if (names.length < 2 && options.rule === undefined)
    throw new OptionError(
      `study: there is one arm that can be trained, '${names[0]}', and nothing to compare it with.${refusedText(planned)} Add arms, or give a rule`,
    )
  const { better, smallest } = measure
  const rule = checkRule(options.rule ?? { kind: 'best', arms: names, metric, better, smallest })
  needKnownArms(rule, list, names)
  needSoundRule(rule, measures)
  const plan = {
    ...{ question, task: task.name, factors: options.arms.factors, arms: list, learningRates },
    ...{
      seeds: seedsOf(options.seeds),
      steps: stepsOf(options, batchSize, opened),
      batchSize,
      metric,
      measure,
      probeEvery,
      rule,
    },
  }
  needJudgeable(plan, names, measures)
  return plan
}

/** An arm whose wiring does not even resolve. */
const refusedArm = (name: string, task: Task, refused: string): PlannedArm => ({
  ...{ name, same: [], refused },
  ...resolveArm({ name, factors: {} }, task, {}, {}),
})

/** The cells of a plan, seeds outermost, so that what is done first is a study of fewer seeds. */
export function cellsOf(plan: Plan): Setting[] {
  const { task, steps, batchSize } = plan
  return plan.seeds.flatMap((seed) =>
    plan.learningRates.flatMap((learningRate) =>
      plan.arms.flatMap(({ options, wiring, training, refused }) =>
        refused === null ? [{ task, options, wiring, training, batchSize, steps, learningRate, seed }] : [],
      ),
    ),
  )
}

/** The setting of one cell of an arm. */
export const cellOf = (plan: Plan, arm: PlannedArm, learningRate: number, seed: number): string => {
  const { task, steps, batchSize } = plan
  const { options, wiring, training } = arm
  return cellId({ task, options, wiring, training, batchSize, steps, learningRate, seed })
}

/** The plan as it is stored. */
export const planJson = (plan: Plan): JsonObject => JSON.parse(JSON.stringify({ format, ...plan })) as JsonObject

/** Throws OptionError where a folder holds another study, with what differs. More seeds are the same study gone on with. */
export function needSamePlan(stored: JsonObject, plan: Plan, folder: string): void {
  const wanted = planJson(plan)
  const text = (value: Json | undefined): string => (value === undefined ? 'nothing' : JSON.stringify(value))
  const keys = [...new Set([...Object.keys(stored), ...Object.keys(wanted)])]
  const { seeds: before } = stored
  const goesOn = Array.isArray(before) && before.every((seed) => plan.seeds.includes(seed as number))
  const same = (key: string): boolean => text(stored[key]) === text(wanted[key]) || (key === 'seeds' && goesOn)
  const differing = keys.filter((key) => !same(key))
  if (differing.length === 0) return
  const brief = (value: Json | undefined): string =>
    text(value).length > 120 ? `${text(value).slice(0, 120)}…` : text(value)
  const list = differing.map((key) => `${key} is ${brief(stored[key])}, asked for ${brief(wanted[key])}`)
  throw new OptionError(`${folder}: it holds another study: ${list.join('; ')}. Choose another folder`)
}

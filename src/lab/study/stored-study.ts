import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { array, custom, enum as oneOf, int, literal, nullable, number, strictObject, string, type ZodType } from 'zod'
import { DataError, messageOf, OptionError } from '../../errors.ts'
import { readText } from '../../files/disk.ts'
import { checkJson, isJsonObject, type JsonObject, parseJson } from '../../files/json.ts'
import type { ResolvedWiring } from '../../nn/wiring/wiring.ts'
import * as tasks from '../tasks/index.ts'
import { checkRule } from '../verdict/rule.ts'
import { directoryStore } from './directory-store.ts'
import type { Plan, PlannedArm } from './plan.ts'
import type { ResolvedTraining } from './setting.ts'
import { summarise, type Summary } from './summary.ts'

/** A study as its folder holds it, without the program that ran it. */
export interface StoredStudy {
  readonly plan: Plan
  /** What plan and results say now. */
  readonly summary: Summary
  /** `summary.json`, which was written when the study was last run; null where there is none. */
  readonly stored: JsonObject | null
}

const format = 1

const jsonObject = custom<JsonObject>(isJsonObject, 'expected a JSON object')
const count = int().nonnegative()
const positive = number().positive()

const trainingSchema: ZodType<ResolvedTraining> = strictObject({
  schedule: oneOf(['constant', 'linear', 'cosine']),
  warmupSteps: count,
  weightDecay: number(),
  clipNorm: nullable(number()),
  beta1: number(),
  beta2: number(),
})

const armSchema: ZodType<PlannedArm> = strictObject({
  name: string(),
  same: array(string()),
  refused: nullable(string()),
  options: jsonObject,
  wiring: custom<ResolvedWiring>(isJsonObject, 'expected a JSON object'),
  training: trainingSchema,
})

const planSchema: ZodType<Omit<Plan, 'rule'> & { readonly rule: JsonObject }> = strictObject({
  question: string(),
  task: string(),
  factors: array(string()),
  arms: array(armSchema).min(1),
  learningRates: array(positive).min(1),
  seeds: array(count).min(1),
  steps: int().positive(),
  batchSize: int().positive(),
  metric: string(),
  measure: strictObject({ better: oneOf(['lower', 'higher']), chance: number(), smallest: number() }),
  probeEvery: count,
  rule: jsonObject,
})

const objectIn = (path: string): JsonObject => checkJson(parseJson(readText(path), path), jsonObject, path)

function readPlan(path: string): Plan {
  const { format: stored, ...rest } = objectIn(path)
  if (typeof stored === 'number' && stored > format)
    throw new DataError(`${path}: format ${stored} is newer than this version reads (${format}). Update residua`)
  checkJson(stored, literal(format, `expected format ${format}`), path)
  const plan = checkJson(rest, planSchema, path)
  try {
    return { ...plan, rule: checkRule(plan.rule) }
  } catch (error) {
    throw new DataError(`${path}: ${messageOf(error)}`, { cause: error })
  }
}

/**
 * Reads plan and results of a study and judges again: a pure function of the files in its folder.
 *
 * Throws DataError where there is no study, or a file of it was damaged or edited.
 */
export function readStoredStudy(folder: string): StoredStudy {
  const [planPath, summaryPath] = [join(folder, 'plan.json'), join(folder, 'summary.json')]
  if (!existsSync(planPath))
    throw new DataError(`${folder}: expected the folder of a study, but plan.json is missing. Check the path`)
  const plan = readPlan(planPath)
  return {
    plan,
    summary: summarise(plan, directoryStore(folder)),
    stored: existsSync(summaryPath) ? objectIn(summaryPath) : null,
  }
}

/** What files call tasks, by the tasks' own names. */
const fileNames = new Map(Object.entries(tasks).map(([name, make]) => [make().name, name]))

/** Whether there is a file of a study: whether files can name its task. */
export const hasStudyFile = ({ task }: Plan): boolean => fileNames.has(task)

/**
 * A file that `residua study` runs, planning the cells of a stored plan and judging them by its rule: the arms that could
 * be trained, in full. Throws OptionError for a task that files cannot name.
 */
export function studyFileOf(plan: Plan): JsonObject {
  const { question, task, learningRates, seeds, steps, metric, batchSize, probeEvery, rule } = plan
  const name = fileNames.get(task)
  if (name === undefined)
    throw new OptionError(
      `studyFileOf: expected a task that files can name (${[...fileNames.keys()].join(', ')}), got '${task}'. Run the module that has it`,
    )
  const arms = plan.arms.filter(({ refused }) => refused === null)
  const list = arms.map((arm) => [arm.name, { ...arm.wiring, ...arm.training, ...arm.options }] as const)
  const file = {
    question,
    task: { name, options: arms[0]!.options },
    arms: { list: Object.fromEntries(list) },
    ...{ learningRates, seeds, steps, metric, batchSize, probeEvery, rule },
  }
  return JSON.parse(JSON.stringify(file)) as JsonObject
}

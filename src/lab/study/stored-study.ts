import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { custom } from 'zod'
import { DataError, OptionError } from '../../errors.ts'
import { readText } from '../../files/disk.ts'
import { checkJson, isJsonObject, jsonHash, type JsonObject, parseJson } from '../../files/json.ts'
import * as tasks from '../tasks/index.ts'
import { directoryStore } from './directory-store.ts'
import type { Plan } from './plan.ts'
import { readPlanFile } from './plan-file.ts'
import { needSoundRule } from './plan-rule.ts'
import { readPlan } from './read-plan.ts'
import { readStudy } from './read-study.ts'
import { resolveArm } from './setting.ts'
import { summarise, type Summary } from './summary.ts'

const jsonObject = custom<JsonObject>(isJsonObject, 'expected a JSON object')

/** A study as its folder holds it, without the program that ran it. */
export interface StoredStudy {
  readonly plan: Plan
  /** Whether `plan.json` carries a digest; one of the first versions does not, and an edit of it does not show. */
  readonly digested: boolean
  /** What plan and results say now. */
  readonly summary: Summary
  /** `summary.json`, which was written when the study was last run; null where there is none. */
  readonly stored: JsonObject | null
}

/**
 * Reads plan and results of a study and judges again: a pure function of the files in its folder.
 *
 * Throws DataError where there is no study, or a file of it was damaged or edited.
 */
export function readStoredStudy(folder: string): StoredStudy {
  const file = readPlanFile(folder)
  if (file === null)
    throw new DataError(`${folder}: expected the folder of a study, but plan.json is missing. Check the path`)
  const plan = readPlan(file)
  const summaryPath = join(folder, 'summary.json')
  return {
    plan,
    digested: file.digested,
    summary: summarise(plan, directoryStore(folder)),
    stored: existsSync(summaryPath)
      ? checkJson(parseJson(readText(summaryPath), summaryPath), jsonObject, summaryPath)
      : null,
  }
}

/** What files call tasks, by the tasks' own names. */
const fileNames = new Map(Object.entries(tasks).map(([name, make]) => [make().name, name]))

/** Throws OptionError where a file, read back, would not be the study of the plan that it was made of. */
function needSameArms({ arms, metric, measure, rule }: Plan, file: JsonObject): void {
  const { options } = readStudy(file, 'studyFileOf')
  needSoundRule(rule, { [metric]: measure })
  for (const arm of options.arms.list) {
    const { options: own, wiring, training } = arms.find(({ name }) => name === arm.name)!
    const meaning = resolveArm(arm, options.task, {}, {})
    if (jsonHash(meaning, 'arm') !== jsonHash({ options: own, wiring, training }, 'arm'))
      throw new OptionError(
        `studyFileOf: '${arm.name}' means something else in a file: its task is not the one that files call '${options.task.name}', or of another version. Run the module that has it`,
      )
  }
}

/** Whether there is a file of a study, see `studyFileOf`. */
export function hasStudyFile(plan: Plan): boolean {
  try {
    studyFileOf(plan)
    return true
  } catch (error) {
    if (error instanceof OptionError || error instanceof DataError) return false
    throw error
  }
}

/**
 * A file that `residua study` runs, planning the cells of a stored plan and judging them by its rule: the arms that could
 * be trained, in full. Throws OptionError for a task that files cannot name, or that means something else there; DataError
 * for what a file cannot hold.
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
  const file = JSON.parse(
    JSON.stringify({
      question,
      task: { name, options: arms[0]!.options },
      arms: { list: Object.fromEntries(list) },
      ...{ learningRates, seeds, steps, metric, batchSize, probeEvery, rule },
    }),
  ) as JsonObject
  needSameArms(plan, file)
  return file
}

import { array, custom, enum as oneOf, int, literal, nullable, number, strictObject, string, type ZodType } from 'zod'
import { DataError, messageOf } from '../../errors.ts'
import { checkJson, isJsonObject, type JsonObject } from '../../files/json.ts'
import type { ResolvedWiring } from '../../nn/wiring/wiring.ts'
import { checkRule } from '../verdict/rule.ts'
import type { Plan, PlannedArm } from './plan.ts'
import { format, type PlanFile } from './plan-file.ts'
import type { ResolvedTraining } from './setting.ts'

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

/** The plan of a study out of its file. Throws DataError where it is none. */
export function readPlan({ path, plan: { format: stored, ...rest } }: PlanFile): Plan {
  checkJson(stored, literal(format, `expected format ${format}`), path)
  const plan = checkJson(rest, planSchema, path)
  try {
    return { ...plan, rule: checkRule(plan.rule) }
  } catch (error) {
    throw new DataError(`${path}: ${messageOf(error)}`, { cause: error })
  }
}

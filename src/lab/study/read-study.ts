import { array, type infer as Infer, int, number, record, strictObject, string, type ZodType, custom, union } from 'zod'
import { DataError } from '../../errors.ts'
import { checkJson, isJsonObject, type Json, type JsonObject } from '../../files/json.ts'
import { choose } from '../../nn/options.ts'
import * as tasks from '../tasks/index.ts'
import { checkRule } from '../verdict/rule.ts'
import { type Arms, arms, grid, oneAtATime } from './arms.ts'
import { study, type Study } from './study.ts'
import type { Task } from './task.ts'

const json = custom<Json>(() => true)
const jsonObject = custom<JsonObject>(isJsonObject, 'expected a JSON object')
const levels = record(string(), array(json))
const factors = record(string(), json)

const schema = strictObject({
  question: string().min(1),
  task: union([string(), strictObject({ name: string(), options: jsonObject.optional() })]),
  arms: strictObject({
    grid: levels.optional(),
    oneAtATime: strictObject({ baseline: factors, levels }).optional(),
    list: record(string(), factors).optional(),
    factors: array(string()).optional(),
  }),
  learningRates: array(number()),
  seeds: union([int(), array(int())]),
  steps: int().optional(),
  tokens: int().optional(),
  metric: string(),
  batchSize: int().optional(),
  probeEvery: int().optional(),
  wiring: jsonObject.optional(),
  training: jsonObject.optional(),
  rule: json.optional(),
}) satisfies ZodType

function armsOf(
  { grid: all, oneAtATime: one, list, factors: declared }: Infer<typeof schema>['arms'],
  where: string,
): Arms {
  const given = [all, one, list].filter((kind) => kind !== undefined)
  if (given.length !== 1)
    throw new DataError(`${where}: "arms": expected one of grid, oneAtATime, list, got ${given.length}`)
  if (all) return grid(all)
  return one ? oneAtATime(one.baseline, one.levels) : arms(list!, declared)
}

const taskTable: Readonly<Record<string, (options?: never) => Task>> = tasks

/**
 * A study out of a file: question, task (a name, or name and options), arms (grid, oneAtATime or list), learningRates,
 * seeds, steps or tokens, metric and, where they are needed, batchSize, probeEvery, wiring, training and rule.
 *
 * Throws DataError, which begins with `where`, for anything else; OptionError for values that do not go together.
 */
export function readStudy(value: unknown, where: string): Study {
  const {
    task: asked,
    arms: listed,
    steps,
    tokens,
    batchSize,
    probeEvery,
    wiring,
    training,
    rule,
    ...rest
  } = checkJson(value, schema, where)
  const { name, options = {} } = typeof asked === 'string' ? { name: asked } : asked
  const make = choose(`${where}: task`, taskTable, name)
  for (const option of Object.keys(options)) choose(`${where}: task: options`, { ...make().options }, option)
  const task = make(options as never)
  return study({
    ...rest,
    task,
    arms: armsOf(listed, where),
    ...(steps === undefined ? {} : { steps }),
    ...(tokens === undefined ? {} : { tokens }),
    ...(batchSize === undefined ? {} : { batchSize }),
    ...(probeEvery === undefined ? {} : { probeEvery }),
    ...(wiring === undefined ? {} : { wiring: wiring }),
    ...(training === undefined ? {} : { training: training }),
    ...(rule === undefined ? {} : { rule: checkRule(rule) }),
  })
}

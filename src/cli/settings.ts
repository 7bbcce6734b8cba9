/** What `residua train` was asked for, as plain JSON: stored in the run, so that a resume needs the folder alone. */
import {
  array,
  boolean,
  custom,
  enum as oneOf,
  exactOptional,
  int,
  literal,
  nullable,
  number,
  strictObject,
  string,
  union,
  type ZodType,
} from 'zod'
import { countBatches } from '../data/batch.ts'
import type { Dataset } from '../data/dataset.ts'
import type { Trace } from '../graph/scope.ts'
import type { Wiring } from '../nn/wiring/wiring.ts'
import { isJsonObject } from '../files/json.ts'
import { dropsRemainderOfOne } from '../train/loop.ts'
import { type ProbeName, type Probes, probes } from '../train/probes/table.ts'
import { tasks, type Task } from './source.ts'
import { gptSchema, type GptSettings } from './train-gpt.ts'

export interface Settings {
  readonly model: string
  readonly data: string
  readonly dataFolder: string | null
  readonly task: Task | null
  /** Null: as the kind of data has it. */
  readonly holdOut: number | null
  /** Null where the model counts layers. */
  readonly depth: number | null
  readonly width: number
  /** Null where the model has no such width. */
  readonly hidden: number | null
  readonly activation: string
  readonly dropout: number
  readonly bottleneck: boolean
  readonly wiring: Wiring
  readonly optimizer: string
  readonly learningRate: number
  readonly schedule: string
  readonly warmup: number
  readonly momentum: number | null
  readonly weightDecay: number | null
  readonly clipNorm: number | null
  readonly epochs: number | null
  readonly steps: number | null
  readonly batchSize: number
  readonly accumulate: number
  readonly evaluateEvery: number | null
  readonly checkpointEvery: number
  readonly probeEvery: number
  /** Null: the usual ones. */
  readonly probes: Probes | null
  readonly earlyStopping: number | null
  readonly seed: number
  /** What a language model has beside. */
  readonly gpt?: GptSettings
}

const size = int().positive()
const sizeOrNone = nullable(size)

export const settingsSchema: ZodType<Settings> = strictObject({
  model: string(),
  data: string(),
  dataFolder: nullable(string()),
  task: nullable(oneOf(tasks)),
  holdOut: nullable(number()),
  depth: sizeOrNone,
  width: size,
  hidden: sizeOrNone,
  activation: string(),
  dropout: number(),
  bottleneck: boolean(),
  wiring: custom<Wiring>(isJsonObject, 'expected an object'),
  optimizer: string(),
  learningRate: number(),
  schedule: string(),
  warmup: int().nonnegative(),
  momentum: nullable(number()),
  weightDecay: nullable(number()),
  clipNorm: nullable(number()),
  epochs: sizeOrNone,
  steps: sizeOrNone,
  batchSize: size,
  accumulate: size,
  evaluateEvery: sizeOrNone,
  checkpointEvery: size,
  probeEvery: int().nonnegative(),
  probes: nullable(union([literal('all'), array(oneOf(Object.keys(probes) as ProbeName[]))])),
  earlyStopping: sizeOrNone,
  seed: int().nonnegative(),
  gpt: exactOptional(gptSchema),
})

/** Updates per pass over the data. */
export function stepsPerEpochOf({ batchSize, accumulate }: Settings, train: Dataset, traced: Trace): number {
  const dropRemainderOfOne = dropsRemainderOfOne(traced)
  return Math.ceil(countBatches(train, batchSize, { dropRemainderOfOne }) / accumulate)
}

/** Updates that a training does in all. */
export const stepsOf = ({ steps, epochs }: Settings, stepsPerEpoch: number): number =>
  steps ?? (epochs ?? 0) * stepsPerEpoch

/** Where nothing is said, a training evaluates at most this often. */
const mostEvaluations = 20

/** Steps between two evaluations; null: once per epoch. */
export function evaluateEveryOf(settings: Settings, stepsPerEpoch: number): number | null {
  const steps = stepsOf(settings, stepsPerEpoch)
  const often = steps > mostEvaluations * stepsPerEpoch
  return settings.evaluateEvery ?? (often ? Math.ceil(steps / mostEvaluations) : null)
}

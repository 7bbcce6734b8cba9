/** What an arm of the article's experiment has come to, out of its run folder. */
import { availableParallelism, cpus } from 'node:os'
import { enum as oneOf, int, looseObject, nullable, number, object, optional, string, union, type ZodType } from 'zod'
import { DataError } from '../errors.ts'
import type { Dataset } from '../data/dataset.ts'
import { readEvents } from '../train/files/events.ts'
import { checkJson } from '../files/json.ts'
import { runPaths } from '../train/files/paths.ts'
import { readRun } from '../train/files/run-folder.ts'
import { readScalars } from '../train/files/scalars.ts'
import { labelBlocks } from '../train/labels.ts'
import { classEntropy } from '../train/plateau.ts'
import type { ArticleArm } from './article-arms.ts'
import { gradientRatio, readProfiles } from './profile.ts'
import { median } from './statistics/median.ts'

/** A number at the step it was measured at. */
export interface AtStep {
  readonly step: number
  readonly value: number
}

/** The data an arm was tested on. */
export interface TestSet {
  readonly size: number
  /** Share of its most frequent class. */
  readonly chance: number
  /** Entropy of its classes, nats: the loss of a net that knows no more than their frequencies. */
  readonly level: number
}

export interface Outcome {
  readonly arm: ArticleArm
  readonly folder: string
  readonly state: 'done' | 'diverged'
  readonly step: number
  /** Share of the test images that are classified correctly. */
  readonly accuracy: number
  /** The highest accuracy of any evaluation. */
  readonly best: AtStep
  /** Test loss, nats. */
  readonly loss: number
  /** `|dLoss/dx_0| / |dLoss/dx_last|` at the first and at the last probed step; null where none was. */
  readonly gradientRatio: { readonly first: AtStep; readonly last: AtStep } | null
  /** Wall time of a training step, median, milliseconds; null where fewer than two were done. */
  readonly stepMs: number | null
  /** Wall time of the training with its evaluations and checkpoints. */
  readonly seconds: number
  readonly parameters: number
  /** The step at which the training loss had stayed at class frequencies for long. */
  readonly plateau: number | null
  /** The step at which a value was not finite, and the tensor where that was seen first. */
  readonly diverged: AtPath | null
  readonly test: TestSet
  readonly machine: string
  readonly seed: number
  readonly epochs: number
  readonly versions: Readonly<Record<string, string>>
}

export interface AtPath {
  readonly step: number
  readonly path: string
}

/** How often each class is right by chance, and what the loss is then. */
function describe(test: Dataset): TestSet {
  const counts = new Map<number, number>()
  for (const labels of labelBlocks(test)) for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1)
  return { size: test.size, chance: Math.max(...counts.values()) / test.size, level: classEntropy(test) ?? NaN }
}

/** Median of the time from one recorded step to the next; null where there are fewer than two. */
function stepMs(folder: string): number | null {
  const times = readScalars(folder).rows.map(({ time }) => time)
  return times.length < 2 ? null : median(times.slice(1).map((time, i) => 1000 * (time - times[i]!)))
}

/** What the summary of an arm holds beside what every run's does. */
export function articleSummary(folder: string, test: Dataset): Readonly<Record<string, unknown>> {
  const ratios = readProfiles(folder).map((profile) => ({ step: profile.step, value: gradientRatio(profile) }))
  return {
    gradientRatio: ratios.length === 0 ? null : { first: ratios[0], last: ratios.at(-1) },
    stepMs: stepMs(folder),
    test: describe(test),
    machine: `${availableParallelism()} cores, ${cpus()[0]?.model.trim() ?? 'unknown processor'}`,
  }
}

/** A number as summaries hold it. */
const shown: ZodType<number> = union([number(), oneOf(['NaN', 'Infinity', '-Infinity'])]).transform(Number)
const count = int().nonnegative()
const atStep = object({ step: count, value: shown })

const summarySchema = looseObject({
  state: oneOf(['done', 'diverged']),
  step: optional(count),
  accuracy: shown,
  loss: shown,
  gradientRatio: nullable(object({ first: atStep, last: atStep })),
  stepMs: nullable(number()),
  seconds: number(),
  parameters: count,
  plateau: optional(count),
  diverged: optional(count),
  firstNotFinite: optional(string()),
  test: object({ size: int().positive(), chance: number(), level: shown }),
  machine: string(),
})

const configSchema = looseObject({ seed: count, epochs: count })

const evaluationSchema = looseObject({ step: count, metrics: object({ accuracy: shown }) })

/** The evaluation with the highest accuracy; `last` where there is none. */
function bestOf(folder: string, last: AtStep): AtStep {
  return readEvents(folder)
    .filter(({ type }) => type === 'evaluation')
    .map((event) => checkJson(event, evaluationSchema, runPaths(folder).events))
    .map(({ step, metrics }): AtStep => ({ step, value: metrics.accuracy }))
    .reduce((best, next) => (next.value > best.value ? next : best), last)
}

/** Reads what an arm has come to. Throws DataError where it has not ended, or its run folder is damaged. */
export function readOutcome(folder: string, arm: ArticleArm): Outcome {
  const { run, config, summary } = readRun(folder)
  if (summary === null) throw new DataError(`${folder}: expected an arm that has ended, but summary.json is missing`)
  const { diverged, firstNotFinite, plateau, step, ...stored } = checkJson(
    summary,
    summarySchema,
    runPaths(folder).summary,
  )
  const { seed, epochs } = checkJson(config, configSchema, runPaths(folder).config)
  return {
    ...stored,
    arm,
    folder,
    step: step ?? 0,
    best: bestOf(folder, { step: step ?? 0, value: stored.accuracy }),
    plateau: plateau ?? null,
    diverged: diverged === undefined ? null : { step: diverged, path: firstNotFinite ?? 'unknown' },
    seed,
    epochs,
    versions: run.versions,
  }
}

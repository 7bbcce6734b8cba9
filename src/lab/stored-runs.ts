import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { array, int, looseObject, nullable, number, string } from 'zod'
import { DataError, messageOf, OptionError } from '../errors.ts'
import { checkJson, type JsonObject } from '../files/json.ts'
import type { Wiring } from '../nn/wiring/wiring.ts'
import { sameWiring } from './advice.ts'
import { trained } from './statistics/run-result.ts'
import { directoryStore } from './study/directory-store.ts'
import type { Plan } from './study/plan.ts'
import { runResults } from './study/summary.ts'

/** What nets are made of, as a user says it. */
export type NetKind = 'mlp' | 'decoder' | 'encoder' | 'resnet'

/** The runs of one arm of a stored study at one learning rate. */
export interface StoredRuns {
  /** Its folder. */
  readonly study: string
  readonly task: string
  readonly kind: NetKind
  readonly wiring: Wiring
  readonly warmupSteps: number
  readonly blocks: number
  readonly width: number
  readonly learningRate: number
  readonly runs: number
  readonly trained: number
}

export interface StoredStudies {
  readonly runs: readonly StoredRuns[]
  /** How many studies were read. */
  readonly studies: number
  /** Those that could not be read, with the reason. */
  readonly leftOut: readonly string[]
}

/** What the tasks of the lab train, and how many blocks their depth makes. */
const kindOfTask: Readonly<Record<string, { readonly kind: NetKind; readonly blocks: (depth: number) => number }>> = {
  mnist: { kind: 'mlp', blocks: Number },
  'fashion-mnist': { kind: 'mlp', blocks: Number },
  spiral: { kind: 'mlp', blocks: Number },
  characters: { kind: 'decoder', blocks: Number },
  copy: { kind: 'encoder', blocks: Number },
  majority: { kind: 'encoder', blocks: Number },
  'mnist-resnet': { kind: 'resnet', blocks: (depth) => (depth - 2) / 2 },
}

const planSchema = looseObject({
  task: string(),
  steps: int(),
  batchSize: int(),
  learningRates: array(number()),
  seeds: array(int()),
  arms: array(
    looseObject({
      name: string(),
      refused: nullable(string()),
      options: looseObject({ depth: int(), width: int() }),
      training: looseObject({ warmupSteps: int() }),
      wiring: looseObject({}),
    }),
  ),
})

function runsOf(study: string, stored: JsonObject): StoredRuns[] {
  checkJson(stored, planSchema, join(study, 'plan.json'))
  const plan = stored as unknown as Plan
  const known = Object.hasOwn(kindOfTask, plan.task) ? kindOfTask[plan.task] : undefined
  if (known === undefined) return []
  const { results } = runResults(plan, directoryStore(study))
  return plan.arms.flatMap(({ name, wiring, options, training: { warmupSteps } }) =>
    plan.learningRates.flatMap((learningRate) => {
      const runs = results.filter((run) => run.arm === name && run.learningRate === learningRate)
      const { depth, width } = options as { depth: number; width: number }
      const net = { kind: known.kind, wiring, blocks: known.blocks(depth), width }
      const setting = { study, task: plan.task, ...net, warmupSteps, learningRate }
      return runs.length === 0 ? [] : [{ ...setting, runs: runs.length, trained: runs.filter(trained).length }]
    }),
  )
}

/** The runs of all studies in a folder, of which each is a folder in it; none where there is no such folder. */
export function readStoredRuns(folder: string): StoredStudies {
  const names = existsSync(folder) ? readdirSync(folder).toSorted() : []
  const found: StoredRuns[] = []
  const leftOut: string[] = []
  let studies = 0
  for (const study of names.map((name) => join(folder, name)).filter((path) => existsSync(join(path, 'plan.json')))) {
    try {
      found.push(...runsOf(study, directoryStore(study).plan()!))
      studies++
    } catch (error) {
      if (!(error instanceof DataError || error instanceof OptionError)) throw error
      leftOut.push(messageOf(error))
    }
  }
  return { runs: found, studies, leftOut }
}

/** A setting that stored runs may speak about. */
export interface Sought {
  readonly kind: NetKind
  readonly wiring: Wiring
  readonly warm: boolean
  readonly blocks: number
  readonly width: number
  readonly learningRate: number
}

/** Depths, widths and learning rates within this factor are near. */
const near = 2

const isNear = (a: number, b: number): boolean => Math.max(a / b, b / a) <= near

/**
 * The stored runs of the same kind and wiring, warmed up or not likewise, at a depth, width and learning rate within a
 * factor of 2, of any task.
 */
export const matching = (runs: readonly StoredRuns[], sought: Sought): StoredRuns[] =>
  runs.filter(
    (run) =>
      run.kind === sought.kind &&
      run.warmupSteps > 0 === sought.warm &&
      isNear(run.blocks, sought.blocks) &&
      isNear(run.width, sought.width) &&
      isNear(run.learningRate, sought.learningRate) &&
      sameWiring(run.wiring, sought.wiring),
  )

/**
 * What runs decide: that a setting trains, where at least two did and none failed at its depth or deeper; that it fails,
 * where at least two did and none trained at its depth or shallower; else, or where they disagree, null.
 */
export function decided(runs: readonly StoredRuns[], blocks: number): 'trains' | 'fails' | null {
  const count = (of: readonly StoredRuns[]): { all: number; good: number } => ({
    all: of.reduce((sum, run) => sum + run.runs, 0),
    good: of.reduce((sum, run) => sum + run.trained, 0),
  })
  const deeper = count(runs.filter((run) => run.blocks >= blocks))
  const shallower = count(runs.filter((run) => run.blocks <= blocks))
  const trains = deeper.all >= 2 && deeper.good === deeper.all
  const fails = shallower.all >= 2 && shallower.good === 0
  if (trains === fails) return null
  return trains ? 'trains' : 'fails'
}

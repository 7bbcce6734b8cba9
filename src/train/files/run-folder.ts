/** A run is a folder: these functions create it, open it again and read its records. */
import { existsSync, mkdirSync } from 'node:fs'
import { custom, int, literal, nullable, record, strictObject, string, enum as oneOf } from 'zod'
import { DataError, OptionError } from '../../errors.ts'
import { removeLeftovers, writeAtomic } from '../../files/atomic.ts'
import { removeCheckpointsAfter } from './checkpoint.ts'
import { diskError, readText } from '../../files/disk.ts'
import { cutEvents } from './events.ts'
import {
  checkJson,
  displayJson,
  exactJson,
  isJsonObject,
  jsonHash,
  parseJson,
  type JsonObject,
} from '../../files/json.ts'
import { cutLayers } from './layers.ts'
import { lockRun } from './lock.ts'
import { runPaths } from './paths.ts'
import { cutScalars } from './scalars.ts'

const states = ['running', 'done', 'failed', 'diverged', 'cancelled'] as const

export type RunState = (typeof states)[number]

/** What the caller knows of a run when it begins. */
export interface RunIdentity {
  readonly id: string
  readonly seed: number
  /** Versions by package name: residua, onnxruntime-node, node. */
  readonly versions: Readonly<Record<string, string>>
}

/** `run.json`; times are ISO 8601 in UTC. */
export interface RunRecord extends RunIdentity {
  readonly format: 1
  readonly state: RunState
  /** sha256 of the configuration with sorted keys. */
  readonly configHash: string
  readonly start: string
  readonly stop: string | null
}

/** What a run folder says of itself. */
export interface RunRecords {
  readonly run: RunRecord
  readonly config: JsonObject
  /** Null until the run has ended. */
  readonly summary: JsonObject | null
}

/** A run folder that this process has reserved for itself. */
export interface RunFolder {
  readonly folder: string
  readonly config: JsonObject
  /** The current content of `run.json`. */
  readonly record: RunRecord
  /** Stores a new state; every state but `running` sets `stop`. */
  setState(state: RunState): void
  /** Writes `summary.json`; numbers that are not finite become "NaN", "Infinity", "-Infinity". */
  writeSummary(summary: Readonly<Record<string, unknown>>): void
  /** Gives the folder back to other processes. */
  close(): void
}

const runSchema = strictObject({
  format: literal(1),
  id: string(),
  state: oneOf(states),
  seed: int().nonnegative(),
  versions: record(string(), string()),
  configHash: string(),
  start: string(),
  stop: nullable(string()),
})

const objectSchema = custom<JsonObject>(isJsonObject, 'expected a JSON object')

const readObject = (path: string): JsonObject => checkJson(parseJson(readText(path), path), objectSchema, path)

/** The hash that tells whether two configurations are the same, whatever the order of their keys. */
export function configHash(config: JsonObject): string {
  return jsonHash(config, 'config')
}

/** `run.json`, `config.json` and `summary.json`, checked. Throws DataError where there is no run or it is damaged. */
export function readRun(folder: string): RunRecords {
  const paths = runPaths(folder)
  if (!existsSync(paths.run)) {
    throw new DataError(`${folder}: expected a run folder, but run.json is missing. Check the path`)
  }
  const stored = readObject(paths.run)
  const format = stored.format
  if (typeof format === 'number' && format > 1) {
    throw new DataError(`${paths.run}: format ${format} is newer than this version reads (1). Update residua`)
  }
  const run = checkJson(stored, runSchema, paths.run)
  const config = readObject(paths.config)
  if (configHash(config) !== run.configHash) {
    throw new DataError(`${paths.config}: it was changed after the run began. Restore it or start a new run`)
  }
  return { run, config, summary: existsSync(paths.summary) ? readObject(paths.summary) : null }
}

function reserved(
  folder: string,
  config: JsonObject,
  first: RunRecord,
  now: () => Date,
  release: () => void,
): RunFolder {
  const paths = runPaths(folder)
  let record = first
  return {
    folder,
    config,
    get record() {
      return record
    },
    setState(state) {
      record = { ...record, state, stop: state === 'running' ? null : now().toISOString() }
      writeAtomic(paths.run, exactJson(record, 'run'))
    },
    writeSummary(summary) {
      writeAtomic(paths.summary, `${displayJson(summary, 2)}\n`)
    },
    close: release,
  }
}

export interface NewRun {
  readonly config: JsonObject
  readonly run: RunIdentity
  readonly now: () => Date
  /** `tokenizer.json` of a run on text. */
  readonly tokenizer?: string | null
}

/**
 * Begins a run in `folder`, which is created when missing, and reserves it for this process; the state is `running`.
 *
 * Throws OptionError when the folder already holds a run or another process uses it, DataError when it cannot be written.
 */
export function createRun(folder: string, { config, run, now, tokenizer = null }: NewRun): RunFolder {
  const paths = runPaths(folder)
  const { id, seed, versions } = run
  const start = now().toISOString()
  const record = {
    format: 1,
    id,
    state: 'running',
    seed,
    versions,
    configHash: configHash(config),
    start,
    stop: null,
  } as const
  checkJson(record, runSchema, 'createRun')
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw diskError('write', folder, error)
  }
  const { release } = lockRun(folder)
  try {
    if (existsSync(paths.run)) {
      throw new OptionError(`${folder}: it already holds a run. Resume that run, or choose another folder`)
    }
    writeAtomic(paths.config, exactJson(config, 'config'))
    if (tokenizer !== null) writeAtomic(paths.tokenizer, tokenizer)
    writeAtomic(paths.run, exactJson(record, 'run'))
  } catch (error) {
    release()
    throw error
  }
  return reserved(folder, config, record, now, release)
}

/**
 * Opens a run to go on with it, and reserves it for this process; its state is left as it is.
 *
 * Throws DataError where there is no run or it is damaged, OptionError when another process uses it.
 */
export function openRun(folder: string, { now }: { now: () => Date }): RunFolder {
  readRun(folder)
  const { release } = lockRun(folder)
  try {
    removeLeftovers(folder)
    const { run, config } = readRun(folder)
    return reserved(folder, config, run, now, release)
  } catch (error) {
    release()
    throw diskError('write', folder, error)
  }
}

/**
 * Takes a run back to `step`: later checkpoints, scalars, events and layer frames are removed, torn last records too.
 *
 * To be called by the process that holds the run, before it opens the writers. Throws DataError for a damaged file.
 */
export function truncateAfter(folder: string, step: number): void {
  removeCheckpointsAfter(folder, step)
  cutScalars(folder, step)
  cutEvents(folder, step)
  cutLayers(folder, step)
}

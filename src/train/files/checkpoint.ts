/**
 * Checkpoints of a run: `checkpoints/step-000500/` with `tensors.safetensors` and `state.json`, and `checkpoints/latest`,
 * a text file that names the newest folder. A checkpoint appears by one rename, so a crash leaves the previous ones whole.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { custom, int, literal, string, strictObject } from 'zod'
import { DataError, OptionError, messageOf } from '../../errors.ts'
import type { HostTensor } from '../../tensor.ts'
import { discard, removeLeftovers, syncFolder, temporaryName, writeAtomic, writeSynced } from '../../files/atomic.ts'
import { chunks, diskError, readBytes, readText, systemCode } from '../../files/disk.ts'
import { checkJson, exactJson, isJsonObject, parseJson, type JsonObject } from '../../files/json.ts'
import { readSafetensors, writeSafetensors } from '../../files/safetensors.ts'

export interface Checkpoint {
  /** The number of updates that were done when it was taken. */
  readonly step: number
  /** Parameters, optimizer state and running statistics by path. */
  readonly tensors: Readonly<Record<string, HostTensor>>
  /** What else a resumed run needs: data position, seed, optimizer name, best metric. */
  readonly state: JsonObject
}

export interface LoadedCheckpoint extends Checkpoint {
  /** Why each newer checkpoint was passed over; empty when the newest is whole. */
  readonly skipped: readonly string[]
}

const format = 1

/** Not damage: going back to an older checkpoint would lose work, so it ends the search. */
class NewerFormatError extends DataError {}

const stateSchema = strictObject({
  format: literal(format),
  step: int().nonnegative(),
  sha256: string(),
  state: custom<JsonObject>(isJsonObject, 'expected an object'),
})

const stepName = (step: number): string => `step-${String(step).padStart(6, '0')}`

/** Where the checkpoint of a step stands while a new one of the same step takes its name. */
const replaced = '.replaced'

interface Stored {
  readonly name: string
  readonly step: number
}

function sha256(bytes: Uint8Array): string {
  const hash = createHash('sha256')
  for (const chunk of chunks(bytes)) hash.update(chunk)
  return hash.digest('hex')
}

/** The checkpoint folders there are, newest first; of one step the regular one before the replaced one. */
function listStored(folder: string): Stored[] {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return []
    throw diskError('read', folder, error)
  }
  const stored = names.flatMap((name) => {
    const digits = /^step-(\d{6,16})(?:\.replaced)?$/.exec(name)?.[1]
    return digits === undefined ? [] : [{ name, step: Number(digits) }]
  })
  return stored.sort((a, b) => b.step - a.step || a.name.length - b.name.length)
}

function remove(folder: string, names: readonly string[]): void {
  for (const name of names) {
    try {
      rmSync(join(folder, name), { recursive: true, force: true })
    } catch (error) {
      throw diskError('remove', join(folder, name), error)
    }
  }
}

function publish(folder: string, temporary: string, name: string): void {
  const target = join(folder, name)
  if (existsSync(target)) {
    rmSync(target + replaced, { recursive: true, force: true })
    renameSync(target, target + replaced)
  }
  renameSync(temporary, target)
  syncFolder(folder)
  rmSync(target + replaced, { recursive: true, force: true })
}

/**
 * Stores a checkpoint under `runFolder`/checkpoints, then removes all but the newest `keep` (default 2) of them.
 *
 * A crash at any instant leaves the previous checkpoints or this one. Throws OptionError for a step, state or `keep`
 * that cannot be stored, DataError when the disk is full or cannot be written; nothing stored before is lost then.
 */
export function saveCheckpoint(runFolder: string, { step, tensors, state }: Checkpoint, keep = 2): void {
  if (!Number.isSafeInteger(step) || step < 0) {
    throw new OptionError(`saveCheckpoint: step: expected an integer >= 0, got ${step}`)
  }
  if (!Number.isSafeInteger(keep) || keep < 1) {
    throw new OptionError(`saveCheckpoint: keep: expected an integer >= 1, got ${keep}`)
  }
  const bytes = writeSafetensors(tensors)
  const json = exactJson({ format, step, sha256: sha256(bytes), state }, 'saveCheckpoint')

  const folder = join(runFolder, 'checkpoints')
  const name = stepName(step)
  const temporary = join(folder, temporaryName())
  try {
    mkdirSync(folder, { recursive: true })
    removeLeftovers(folder)
    mkdirSync(temporary)
    writeSynced(join(temporary, 'tensors.safetensors'), bytes)
    writeSynced(join(temporary, 'state.json'), json)
    syncFolder(temporary)
    publish(folder, temporary, name)
  } catch (error) {
    discard(temporary)
    throw diskError('write', join(folder, name), error)
  }
  writeAtomic(join(folder, 'latest'), `${name}\n`)
  const old = listStored(folder).slice(keep)
  remove(
    folder,
    old.map((stored) => stored.name).filter((other) => other !== name),
  )
}

function readState(path: string, step: number): { sha256: string; state: JsonObject } {
  const value = parseJson(readText(path), path)
  const written = isJsonObject(value) ? value.format : undefined
  if (typeof written === 'number' && written > format) {
    throw new NewerFormatError(
      `${path}: format ${written} is newer than this version reads (${format}). Update residua`,
    )
  }
  const stored = checkJson(value, stateSchema, path)
  if (stored.step !== step) throw new DataError(`${path}: expected step ${step} as the folder says, got ${stored.step}`)
  return stored
}

function readCheckpoint(folder: string, step: number): Checkpoint {
  const { sha256: expected, state } = readState(join(folder, 'state.json'), step)
  const path = join(folder, 'tensors.safetensors')
  const bytes = readBytes(path)
  const digest = sha256(bytes)
  if (digest !== expected) throw new DataError(`${path}: expected sha256 ${expected}, got ${digest}. It is damaged`)
  return { step, tensors: readSafetensors(bytes, path).tensors, state }
}

/**
 * The newest checkpoint of a run that is whole, or the one of step `which`; the tensors share one block of memory.
 *
 * Damaged newer ones are passed over and reported in `skipped`. Throws DataError when none is whole, or when
 * the newest readable one is of a newer format.
 */
export function loadCheckpoint(runFolder: string, which?: number): LoadedCheckpoint {
  const folder = join(runFolder, 'checkpoints')
  const stored = listStored(folder)
  const skipped: string[] = []
  for (const { name, step } of stored) {
    if (which !== undefined && step !== which) continue
    try {
      return { ...readCheckpoint(join(folder, name), step), skipped }
    } catch (error) {
      if (!(error instanceof DataError) || error instanceof NewerFormatError) throw error
      skipped.push(messageOf(error))
    }
  }
  if (skipped.length > 0) throw new DataError(`${folder}: no checkpoint is whole. ${skipped.join('; ')}`)
  const steps = stored.map(({ step }) => step).join(', ')
  const wanted = which === undefined ? 'a checkpoint' : `a checkpoint of step ${which}`
  throw new DataError(`${folder}: expected ${wanted}, got ${steps === '' ? 'none' : `those of steps ${steps}`}`)
}

/** Forgets the checkpoints after `step`, so that a run which goes back to `step` does not find its former future. */
export function removeCheckpointsAfter(runFolder: string, step: number): void {
  const folder = join(runFolder, 'checkpoints')
  const stored = listStored(folder)
  const after = stored.filter((other) => other.step > step)
  if (after.length === 0) return
  const newest = stored.find((other) => other.step <= step)
  if (newest) writeAtomic(join(folder, 'latest'), `${stepName(newest.step)}\n`)
  else remove(folder, ['latest'])
  remove(
    folder,
    after.map(({ name }) => name),
  )
}

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { custom } from 'zod'
import { DataError } from '../../errors.ts'
import { readText } from '../../files/disk.ts'
import { checkJson, exactJson, isJsonObject, jsonHash, type JsonObject, parseJson } from '../../files/json.ts'

/** What the plans and results of this version of the lab look like. */
export const format = 1

/** Throws DataError for a file of a newer version. */
export function needKnownFormat(stored: unknown, path: string): void {
  if (typeof stored === 'number' && stored > format)
    throw new DataError(
      `${path}: it is of a newer version (format ${stored}, this one reads ${format}). Update Residua`,
    )
}

/** `plan.json` of a folder. */
export interface PlanFile {
  readonly path: string
  /** Without its digest. */
  readonly plan: JsonObject
  /** Whether it carries a digest, as plans did not at first: of one without it nobody can tell whether it was edited. */
  readonly digested: boolean
}

const jsonObject = custom<JsonObject>(isJsonObject, 'expected a JSON object')

export const planPath = (folder: string): string => join(folder, 'plan.json')

/** The plan in a folder, or null. Throws DataError where it is of a newer version, or does not match its digest. */
export function readPlanFile(folder: string): PlanFile | null {
  const path = planPath(folder)
  if (!existsSync(path)) return null
  const { digest, ...plan } = checkJson(parseJson(readText(path), path), jsonObject, path)
  needKnownFormat(plan.format, path)
  if (digest !== undefined && digest !== jsonHash(plan, path))
    throw new DataError(
      `${path}: its digest does not match: it was edited or damaged. Put back what it held, or delete it and run the study again with this folder: it keeps the results and writes the plan anew`,
    )
  return { path, plan, digested: digest !== undefined }
}

/** The text of `plan.json`, with the digest of the plan. */
export const planText = (plan: JsonObject): string => exactJson({ ...plan, digest: jsonHash(plan, 'plan') }, 'plan')

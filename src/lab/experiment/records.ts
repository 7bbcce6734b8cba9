import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DataError } from '../../errors.ts'
import { type ExperimentRecord, readRecord } from './record.ts'

/** The results that this package is delivered with. */
export const ownRecords: string = fileURLToPath(new URL('../../../results', import.meta.url))

/** The file of an experiment's record. */
export const recordPath = (folder: string, experiment: string): string => join(folder, `${experiment}.json`)

/** Throws DataError for the record of another experiment, which would count twice. */
function recordIn(folder: string, file: string): ExperimentRecord {
  const path = join(folder, file)
  const record = readRecord(path)
  if (recordPath(folder, record.experiment) === path) return record
  throw new DataError(`${path}: it is the record of ${record.experiment}; rename it or take it away`)
}

/**
 * The records in a folder, by number of their experiments; none where it is not there.
 *
 * Throws DataError for a file that is not the record which its name says.
 */
export function readRecords(folder: string): ExperimentRecord[] {
  if (!existsSync(folder)) return []
  const records = readdirSync(folder)
    .filter((file) => /^E\d+\.json$/.test(file))
    .map((file) => recordIn(folder, file))
  return records.toSorted((a, b) => Number(a.experiment.slice(1)) - Number(b.experiment.slice(1)))
}

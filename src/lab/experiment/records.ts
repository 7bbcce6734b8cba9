import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ExperimentRecord, readRecord } from './record.ts'

/** The results that this package is delivered with. */
export const ownRecords: string = fileURLToPath(new URL('../../../results', import.meta.url))

/** The file of an experiment's record. */
export const recordPath = (folder: string, experiment: string): string => join(folder, `${experiment}.json`)

/** The records in a folder, by number of their experiments; none where it is not there. */
export function readRecords(folder: string): ExperimentRecord[] {
  if (!existsSync(folder)) return []
  const records = readdirSync(folder)
    .filter((file) => /^E\d+\.json$/.test(file))
    .map((file) => readRecord(join(folder, file)))
  return records.toSorted((a, b) => Number(a.experiment.slice(1)) - Number(b.experiment.slice(1)))
}

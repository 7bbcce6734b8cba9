import { join } from 'node:path'
import { readStoredStudy, type StoredStudy } from '../lab/study/stored-study.ts'

/** Reads a study; says on standard error where its plan carries no digest. Throws DataError as `readStoredStudy` does. */
export function readToldStudy(folder: string): StoredStudy {
  const study = readStoredStudy(folder)
  if (!study.digested)
    process.stderr.write(
      `residua: ${join(folder, 'plan.json')}: it carries no digest, as those of older versions: an edit of it would not show. Running the study again adds one\n`,
    )
  return study
}

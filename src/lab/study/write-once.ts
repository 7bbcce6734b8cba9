import { linkSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { discard, temporaryName, writeSynced } from '../../files/atomic.ts'
import { diskError, systemCode } from '../../files/disk.ts'

/**
 * Makes a new file, whole from its first moment; false where there is one. Of several writers on any machine one succeeds.
 *
 * Throws DataError where the file cannot be written.
 */
export function writeOnce(path: string, content: string): boolean {
  const temporary = join(dirname(path), temporaryName())
  try {
    writeSynced(temporary, content)
    linkSync(temporary, path)
    return true
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw diskError('write', path, error)
    return statSync(temporary).nlink === 2 // it was linked after all: NFS says EEXIST where it repeats a call
  } finally {
    discard(temporary)
  }
}

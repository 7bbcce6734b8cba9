import { readFile, stat } from 'node:fs/promises'
import { DataError, messageOf } from '../errors.ts'

const gibibyte = 2 ** 30

/** Reads a whole file. Throws DataError where it cannot be read, is no ordinary file, or has more than `maxBytes`. */
export async function readBytes(path: string, maxBytes: number = gibibyte): Promise<Buffer> {
  const found = await stat(path).catch((error: unknown) => {
    throw new DataError(`${path}: cannot be read (${messageOf(error)})`, { cause: error })
  })
  if (!found.isFile()) throw new DataError(`${path}: expected an ordinary file`)
  if (found.size > maxBytes) {
    throw new DataError(`${path}: expected at most ${maxBytes} bytes (maxBytes), got ${found.size}`)
  }
  return readFile(path).catch((error: unknown) => {
    throw new DataError(`${path}: cannot be read (${messageOf(error)})`, { cause: error })
  })
}

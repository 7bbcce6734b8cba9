import { DataError } from '../errors.ts'

/** All of standard input. Throws DataError for more than `limit` bytes. */
export async function readInput(limit: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limit) throw new DataError(`standard input: expected at most ${limit} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { writeAtomic } from '../../files/atomic.ts'
import { exactJson, type JsonObject } from '../../files/json.ts'
import { openFile } from '../../files/random-access.ts'
import { type WeightSource, writeSafetensorsFile } from '../../files/safetensors-stream.ts'

const chunkBytes = 2 ** 22

function fileHash(path: string): string {
  const hash = createHash('sha256')
  const file = openFile(path)
  try {
    const buffer = new Uint8Array(Math.min(chunkBytes, file.size))
    for (let at = 0; at < file.size; at += chunkBytes) {
      const part = buffer.subarray(0, Math.min(chunkBytes, file.size - at))
      file.readInto(part, at)
      hash.update(part)
    }
    return hash.digest('hex')
  } finally {
    file.close()
  }
}

/**
 * Writes the checkpoint of step 0 into a run folder that nobody knows of yet, one tensor at a time; `loadCheckpoint` reads
 * it as one of `saveCheckpoint`. Throws DataError where the disk refuses.
 */
export function writeFirstCheckpoint(runFolder: string, weights: readonly WeightSource[], state: JsonObject): void {
  const folder = join(runFolder, 'checkpoints')
  const own = join(folder, 'step-000000')
  mkdirSync(own, { recursive: true })
  const path = join(own, 'tensors.safetensors')
  writeSafetensorsFile(path, weights)
  const content = { format: 1, step: 0, sha256: fileHash(path), state }
  writeAtomic(join(own, 'state.json'), exactJson(content, 'writeFirstCheckpoint'))
  writeAtomic(join(folder, 'latest'), 'step-000000\n')
}

import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DataError } from '../errors.ts'
import { diskError } from './disk.ts'
import { openGguf } from './gguf.ts'
import { openSafetensors } from './safetensors-file.ts'
import { openSafetensorsShards } from './safetensors-shards.ts'
import type { Weights } from './weights.ts'

const whole = 'model.safetensors'
const index = 'model.safetensors.index.json'

function fileIn(folder: string): string {
  const found = [whole, index].map((name) => join(folder, name)).find((path) => existsSync(path))
  if (found !== undefined) return found
  throw new DataError(`${folder}: expected ${whole} or ${index}. Convert other formats to safetensors`)
}

/**
 * The weights at `path`: a `.safetensors` file, the `.index.json` of a sharded one, a `.gguf` file, or a Hugging Face
 * folder, where `model.safetensors` goes before `model.safetensors.index.json`. Throws DataError.
 */
export function openWeights(path: string): Weights {
  let isFolder: boolean
  try {
    isFolder = statSync(path).isDirectory()
  } catch (error) {
    throw diskError('read', path, error)
  }
  const file = isFolder ? fileIn(path) : path
  if (file.endsWith('.safetensors')) return openSafetensors(file)
  if (file.endsWith('.index.json')) return openSafetensorsShards(file)
  if (file.endsWith('.gguf')) return openGguf(file)
  throw new DataError(`${path}: expected .safetensors, .safetensors.index.json or .gguf. Convert other formats`)
}

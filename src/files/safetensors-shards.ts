import { dirname, join } from 'node:path'
import { DataError } from '../errors.ts'
import { readText } from './disk.ts'
import { duplicateKey, isJsonObject, parseJson, quote } from './json.ts'
import { openSafetensors } from './safetensors-file.ts'
import type { Metadata, Weights } from './weights.ts'

function checkShardName(shard: unknown, where: string): asserts shard is string {
  if (typeof shard !== 'string') throw new DataError(`${where}: expected the name of a file, got ${typeof shard}`)
  if (/^\.{0,2}$|[/\\\0]/.test(shard)) {
    throw new DataError(`${where}: expected the name of a file in the folder of the index, got ${quote(shard)}`)
  }
}

/** The shard of each tensor, by the index. */
function readWeightMap(path: string): Map<string, string> {
  const text = readText(path)
  const index = parseJson(text, path)
  const twice = duplicateKey(text)
  if (twice !== undefined) throw new DataError(`${path}: the key ${quote(twice)} stands there twice`)
  if (!isJsonObject(index) || !isJsonObject(index.weight_map)) {
    throw new DataError(`${path}: expected an object with the object "weight_map"`)
  }
  const shardOf = new Map<string, string>()
  for (const [name, shard] of Object.entries(index.weight_map)) {
    checkShardName(shard, `${path}: weight_map: tensor ${quote(name)}`)
    shardOf.set(name, shard)
  }
  return shardOf
}

/**
 * The weights of a model in several safetensors files beside its index (`model.safetensors.index.json`), whose
 * `weight_map` names the file of every tensor. The metadata is that of all shards; of a key that several have, the last.
 *
 * Throws DataError where a shard lies outside the index's folder, misses a tensor that the index puts there, or holds one
 * that the index does not list or puts elsewhere; and for every fault of a shard.
 */
export function openSafetensorsShards(path: string): Weights {
  const shardOf = readWeightMap(path)
  const shards = new Map<string, Weights>()
  const close = (): void => shards.forEach((shard) => shard.close())
  const stored = new Set<string>()
  const metadata = Object.create(null) as Record<string, Metadata>
  try {
    for (const shard of new Set(shardOf.values())) {
      const file = join(dirname(path), shard)
      const weights = openSafetensors(file)
      shards.set(shard, weights)
      Object.assign(metadata, weights.metadata)
      for (const name of weights.names) {
        stored.add(name)
        const listed = shardOf.get(name)
        if (listed === shard) continue
        const claim = listed === undefined ? 'does not list it' : `puts it into ${quote(listed)}`
        throw new DataError(`${file}: tensor ${quote(name)}: the index ${claim}. Download the model again`)
      }
    }
    for (const [name, shard] of shardOf) {
      if (stored.has(name)) continue
      const where = `${join(dirname(path), shard)}: tensor ${quote(name)}`
      throw new DataError(`${where}: the index puts it here, the file does not hold it. Download the model again`)
    }
  } catch (error) {
    close()
    throw error
  }
  const find = (name: string): Weights => {
    const shard = shards.get(shardOf.get(name) ?? '')
    if (!shard) throw new DataError(`${path}: tensor ${quote(name)}: the index lists none of this name`)
    return shard
  }
  return {
    names: [...shardOf.keys()],
    metadata,
    type: (name) => find(name).type(name),
    read: (name) => find(name).read(name),
    close,
  }
}

import { DataError } from '../../errors.ts'
import { quote } from '../../files/json.ts'
import { readFinite, type Weights } from '../../files/weights.ts'
import { type HostTensor, type Shape, sameShape } from '../../tensor.ts'
import { type StoredTensor, unpack, type WeightTable } from './weight-table.ts'

const shapeText = (shape: Shape): string => `[${shape.join(', ')}]`

/** A tensor of a file under the name that the table has for it. */
type Files = ReadonlyMap<string, string>

function filesOf(weights: Weights, { ignored, rename }: WeightTable): Map<string, string> {
  const files = new Map<string, string>()
  for (const file of weights.names) {
    const name = rename?.(file) ?? file
    const other = files.get(name)
    if (other !== undefined)
      throw new DataError(
        `${weights.type(file).file}: tensors ${quote(other)} and ${quote(file)} are the same. Remove one`,
      )
    if (!ignored(name)) files.set(name, file)
  }
  return files
}

/**
 * Which tensor of the file holds which stored tensor, by name. Throws DataError for one that is missing, has another
 * shape, or belongs nowhere.
 */
export function matchWeights(
  weights: Weights,
  table: WeightTable,
  stored: readonly StoredTensor[],
  where: string,
): Files {
  const files = filesOf(weights, table)
  const shapes = new Map(stored.map(({ name, shape }) => [name, shape]))
  const missing = stored.find(({ name }) => !files.has(name))
  if (missing !== undefined)
    throw new DataError(`${where}: tensor ${quote(missing.name)} is missing, expected ${shapeText(missing.shape)}`)
  for (const [name, file] of files) {
    const type = weights.type(file)
    const expected = shapes.get(name) ?? shapes.get(table.repeats[name] ?? '')
    if (expected === undefined)
      throw new DataError(`${type.file}: tensor ${quote(file)} has no place in the net of this configuration`)
    if (!sameShape(type.shape, expected))
      throw new DataError(
        `${type.file}: tensor ${quote(file)}: expected ${shapeText(expected)}, got ${shapeText(type.shape)}`,
      )
  }
  return files
}

function needSame(weights: Weights, repeat: string, file: string, data: Float32Array): void {
  const other = readFinite(weights, repeat)
  if (other.every((value, i) => value === data[i])) return
  throw new DataError(
    `${weights.type(repeat).file}: tensor ${quote(repeat)} differs from ${quote(file)}, but the configuration ties the two`,
  )
}

/**
 * The parameters in a file, one tensor of the file at a time. Throws DataError for a number that is not finite, and for a
 * tensor that should repeat another and does not.
 */
export function* readParameters(
  weights: Weights,
  { repeats }: WeightTable,
  stored: readonly StoredTensor[],
  files: Files,
): Generator<[path: string, tensor: HostTensor], void> {
  for (const one of stored) {
    const file = files.get(one.name)!
    const data = readFinite(weights, file)
    for (const [repeat, of] of Object.entries(repeats)) {
      if (of === one.name && files.has(repeat) && !stored.some(({ name }) => name === repeat))
        needSame(weights, files.get(repeat)!, file, data)
    }
    const parts = unpack(one, data)
    for (const [i, { path, shape }] of one.parts.entries()) yield [path, { dtype: 'float32', shape, data: parts[i]! }]
  }
}

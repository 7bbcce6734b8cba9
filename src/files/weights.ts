import { DataError } from '../errors.ts'
import { sizeOf, type Shape } from '../tensor.ts'
import type { Encoding } from './encoding.ts'
import { quote } from './json.ts'
import type { OpenFile } from './random-access.ts'

/** What a file says about itself. 64-bit integers beyond 2^53 are bigint. */
export type Metadata = string | number | bigint | boolean | readonly Metadata[]

/** A tensor as it is stored. */
export interface StoredWeight {
  /** Row-major: a linear layer's weight is [out, in]. */
  readonly shape: Shape
  /** The format's name of the element type: `BF16`, `I64`, `Q4_K`. */
  readonly stored: string
  /** The path of the file that holds it. */
  readonly file: string
}

/** Named tensors that stay on disk until they are asked for. What a method throws is DataError. */
export interface Weights {
  /** In the order of the file. */
  readonly names: readonly string[]
  readonly metadata: Readonly<Record<string, Metadata>>
  type(name: string): StoredWeight
  /**
   * A tensor's elements, row-major, widened or dequantized to float32 in memory of their own; takes about 1 MiB besides.
   * Integers, booleans and 8-bit floats are refused.
   */
  read(name: string): Float32Array
  /** Closes the files; further reads are refused. */
  close(): void
}

/** Where one tensor lies in an open file; without an encoding it can be listed but not read. */
export interface PlacedWeight {
  readonly shape: Shape
  readonly stored: string
  readonly position: number
  readonly encoding: Encoding | undefined
}

const chunkBytes = 2 ** 20

function allocateElements(elements: number, where: string): Float32Array {
  try {
    return new Float32Array(elements)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new DataError(`${where}: its ${elements} float32 elements do not fit into memory`, { cause: error })
  }
}

function readPlaced(file: OpenFile, name: string, { shape, stored, position, encoding }: PlacedWeight): Float32Array {
  const where = `${file.path}: tensor ${quote(name)}`
  if (!encoding) throw new DataError(`${where}: expected floating-point weights, got ${stored}`)
  const weights = allocateElements(sizeOf(shape), where)
  const blocks = weights.length / encoding.elements
  const chunk = Math.floor(chunkBytes / encoding.bytes)
  const buffer = new Uint8Array(Math.min(chunk, blocks) * encoding.bytes)
  for (let block = 0; block < blocks; block += chunk) {
    const count = Math.min(chunk, blocks - block)
    const source = buffer.subarray(0, count * encoding.bytes)
    file.readInto(source, position + block * encoding.bytes)
    encoding.widen(source, weights.subarray(block * encoding.elements, (block + count) * encoding.elements))
  }
  return weights
}

/** The weights of one open file, which they close. */
export function fileWeights(
  file: OpenFile,
  placed: ReadonlyMap<string, PlacedWeight>,
  metadata: Readonly<Record<string, Metadata>>,
): Weights {
  const find = (name: string): PlacedWeight => {
    const found = placed.get(name)
    if (!found) throw new DataError(`${file.path}: tensor ${quote(name)}: the file has none of this name`)
    return found
  }
  return {
    names: [...placed.keys()],
    metadata,
    type(name) {
      const { shape, stored } = find(name)
      return { shape, stored, file: file.path }
    },
    read: (name) => readPlaced(file, name, find(name)),
    close: () => file.close(),
  }
}

/** `weights.read(name)`. Throws DataError that names the first element that is NaN or infinite. */
export function readFinite(weights: Weights, name: string): Float32Array {
  const values = weights.read(name)
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue
    throw new DataError(`${weights.type(name).file}: tensor ${quote(name)}: element ${i} is ${values[i]}`)
  }
  return values
}

/**
 * The GGUF format, versions 2 and 3, little-endian: magic, version, counts, metadata, tensor infos, padding, data.
 *
 * Source: https://github.com/ggml-org/ggml, docs/gguf.md.
 */
import { DataError } from '../errors.ts'
import { bfloat16, float16, float32, float64, type Encoding } from './encoding.ts'
import { q4_0, q4_1, q5_0, q5_1, q8_0 } from './gguf-blocks.ts'
import { cursorOf, type Cursor } from './gguf-cursor.ts'
import { q2_K, q3_K, q4_K, q5_K, q6_K } from './gguf-k-blocks.ts'
import { readMetadata } from './gguf-metadata.ts'
import { quote } from './json.ts'
import { openFile, type OpenFile } from './random-access.ts'
import { fileWeights, type Metadata, type PlacedWeight, type Weights } from './weights.ts'

/** By ggml's number of the type; those that are not read are names. */
const types: Readonly<Record<number, Encoding | string>> = {
  0: float32,
  1: float16,
  2: q4_0,
  3: q4_1,
  6: q5_0,
  7: q5_1,
  8: q8_0,
  9: 'Q8_1',
  10: q2_K,
  11: q3_K,
  12: q4_K,
  13: q5_K,
  14: q6_K,
  15: 'Q8_K',
  16: 'IQ2_XXS',
  17: 'IQ2_XS',
  18: 'IQ3_XXS',
  19: 'IQ1_S',
  20: 'IQ4_NL',
  21: 'IQ3_S',
  22: 'IQ2_S',
  23: 'IQ4_XS',
  24: 'I8',
  25: 'I16',
  26: 'I32',
  27: 'I64',
  28: float64,
  29: 'IQ1_M',
  30: bfloat16,
  34: 'TQ1_0',
  35: 'TQ2_0',
  39: 'MXFP4',
  40: 'NVFP4',
  41: 'Q1_0',
  42: 'Q2_0',
}

function encodingOf(type: number, where: string): Encoding {
  const known = types[type]
  if (typeof known === 'object') return known
  const readable = Object.values(types).flatMap((encoding) => (typeof encoding === 'object' ? [encoding.name] : []))
  const got = known ?? `the unknown type ${type}`
  throw new DataError(
    `${where}: expected a type of ${readable.join(', ')}, got ${got}. Convert the model to one of them`,
  )
}

interface TensorInfo extends Omit<PlacedWeight, 'position'> {
  readonly name: string
  readonly where: string
  /** Bytes from the start of the data. */
  readonly begin: number
  readonly end: number
}

const maxAxes = 4

/** Twenty times what the largest models hold; keeps a damaged file from filling the memory. */
const maxTensors = 2 ** 16

function readTensorInfo(cursor: Cursor, index: number, file: string): TensorInfo {
  const name = cursor.string(`name of tensor ${index}`)
  const what = `tensor ${quote(name)}`
  const where = `${file}: ${what}`
  const axes = cursor.uint32(`${what}: number of axes`)
  if (axes > maxAxes) throw new DataError(`${where}: expected at most ${maxAxes} axes, got ${axes}`)
  const fastestFirst = Array.from({ length: axes }, () => cursor.uint64(`${what}: shape`))
  const encoding = encodingOf(cursor.uint32(`${what}: type`), where)
  const begin = Number(cursor.uint64(`${what}: offset`))

  const shape = fastestFirst.map(Number).reverse()
  const type = `${encoding.name}[${shape.join(', ')}]`
  const row = shape.at(-1) ?? 1
  if (row % encoding.elements !== 0) {
    throw new DataError(`${where}: ${type}: expected rows of a multiple of ${encoding.elements} elements, got ${row}`)
  }
  let bytes = encoding.bytes / encoding.elements
  for (const length of shape) {
    bytes *= length
    if (!Number.isSafeInteger(length) || bytes > Number.MAX_SAFE_INTEGER)
      throw new DataError(`${where}: ${type} overflows`)
  }
  const end = begin + bytes
  if (!Number.isSafeInteger(end)) throw new DataError(`${where}: its offset ${begin} overflows`)
  return { name, where, shape, stored: encoding.name, encoding, begin, end }
}

function alignmentOf(metadata: Readonly<Record<string, Metadata>>, file: string): number {
  const alignment = metadata['general.alignment'] ?? 32
  if (typeof alignment === 'number' && Number.isInteger(Math.log2(alignment)) && alignment >= 1) return alignment
  throw new DataError(`${file}: metadata "general.alignment": expected a power of two, got ${String(alignment)}`)
}

/** Tensors follow each other, each at the next multiple of the alignment; all lie in the file. */
function checkLayout(infos: readonly TensorInfo[], alignment: number, dataBytes: number, file: string): void {
  const aligned = (offset: number): number => Math.ceil(offset / alignment) * alignment
  let last = 0
  for (const { begin, end, where } of infos.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (end > dataBytes) {
      throw new DataError(`${where}: ends at ${end}, the file holds ${dataBytes} bytes of data. It is truncated`)
    }
    if (begin < last) throw new DataError(`${where}: begins at ${begin} and overlaps the one that ends at ${last}`)
    if (begin !== aligned(last)) {
      const expected = `expected at ${aligned(last)}, the next multiple of ${alignment}`
      throw new DataError(`${where}: begins at ${begin}, ${expected}. The file is damaged`)
    }
    last = end
  }
  if (infos.length > 0 && dataBytes > aligned(last)) {
    throw new DataError(`${file}: ${dataBytes - aligned(last)} bytes follow the last tensor`)
  }
}

function readCounts(cursor: Cursor, file: string): { tensors: number; pairs: number } {
  const magic = cursor.take(4, 'magic').getUint32(0)
  if (magic !== 0x47475546) throw new DataError(`${file}: expected a GGUF file, it does not start with "GGUF"`)
  const version = cursor.uint32('version')
  if (version !== 2 && version !== 3) {
    const got = version > 0 && version % 65536 === 0 ? 'a big-endian file' : `version ${version}`
    throw new DataError(`${file}: expected GGUF of version 2 or 3, little-endian, got ${got}. Convert it`)
  }
  const smallestTensor = 8 + 4 + 4 + 8 // an empty name, no axes, type, offset
  const smallestPair = 8 + 1 + 4 + 1 // a key of one character, type, one byte
  const tensors = cursor.count(smallestTensor, 'tensors')
  if (tensors > maxTensors) throw new DataError(`${file}: expected at most ${maxTensors} tensors, got ${tensors}`)
  return { tensors, pairs: cursor.count(smallestPair, 'metadata') }
}

function readWeights(file: OpenFile): Weights {
  const cursor = cursorOf(file)
  const { tensors, pairs } = readCounts(cursor, file.path)
  const metadata = readMetadata(cursor, pairs, file.path)
  const parts = metadata['split.count'] ?? 1
  if (parts !== 1) {
    throw new DataError(`${file.path}: expected a whole model, got one of ${String(parts)} parts. Merge them first`)
  }
  const infos: TensorInfo[] = []
  for (let i = 0; i < tensors; i++) infos.push(readTensorInfo(cursor, i, file.path))
  const alignment = alignmentOf(metadata, file.path)
  const dataStart = Math.ceil(cursor.offset() / alignment) * alignment
  checkLayout(infos, alignment, Math.max(0, file.size - dataStart), file.path)
  const placed = new Map<string, PlacedWeight>()
  for (const { name, where, shape, stored, encoding, begin } of infos) {
    if (placed.has(name)) throw new DataError(`${where}: stands there twice`)
    placed.set(name, { shape, stored, encoding, position: dataStart + begin })
  }
  return fileWeights(file, placed, metadata)
}

/**
 * The weights of a GGUF file; F64, F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1 and Q2_K to Q6_K are read, a file that
 * holds a tensor of another type is refused. GGUF lists the fastest axis first; shapes here are row-major as elsewhere,
 * [out, in] for a linear layer. Names, and the order of a Llama's rotary query and key rows, are llama.cpp's own.
 *
 * Throws DataError for every fault of metadata and tensor list: a count, length or offset beyond the file, an overlap, a
 * hole, a name twice, rows that are no whole blocks; and for one part of a split model.
 */
export function openGguf(path: string): Weights {
  const file = openFile(path)
  try {
    return readWeights(file)
  } catch (error) {
    file.close()
    throw error
  }
}

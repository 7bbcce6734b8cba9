import { bfloat16, float16, float32, float64, type Encoding } from './encoding.ts'
import { openFile } from './random-access.ts'
import { readHeader, type StoredDType } from './safetensors-header.ts'
import { fileWeights, type PlacedWeight, type Weights } from './weights.ts'

const encodings: Partial<Record<StoredDType, Encoding>> = {
  F64: float64,
  F32: float32,
  F16: float16,
  BF16: bfloat16,
}

/**
 * The weights of one safetensors file; only its header is read. F64, F32, F16 and BF16 can be read, tensors of the
 * format's other dtypes (a BERT's I64 `position_ids`) are listed.
 *
 * Throws DataError for every fault of the header: see `readHeader`.
 */
export function openSafetensors(path: string): Weights {
  const file = openFile(path)
  try {
    const { entries, metadata, dataStart } = readHeader(file, path)
    const placed = new Map<string, PlacedWeight>()
    for (const { name, dtype, shape, begin } of entries) {
      placed.set(name, { shape, stored: dtype, position: dataStart + begin, encoding: encodings[dtype] })
    }
    return fileWeights(file, placed, metadata)
  } catch (error) {
    file.close()
    throw error
  }
}

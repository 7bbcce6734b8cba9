import type { Column, Dataset } from '../data/dataset.ts'
import { DataError } from '../errors.ts'
import { sizeOf } from '../tensor.ts'

/** Rows that are looked through at once. */
const blockRows = 4096

interface Block {
  /** The number of the first example. */
  readonly from: number
  readonly data: Int32Array
}

/** An int32 column of `size` examples, a block of them after the other. */
export function* blocksOf(column: Column, size: number): Generator<Block> {
  for (let from = 0; from < size; from += blockRows) {
    const rows = Uint32Array.from({ length: Math.min(blockRows, size - from) }, (_, i) => from + i)
    const data = new Int32Array(rows.length * sizeOf(column.shape))
    column.gather(rows, data)
    yield { from, data }
  }
}

/** The labels of a data set with int32 targets, a block of examples after the other. */
export function* labelBlocks({ size, targets }: Dataset): Generator<Int32Array> {
  for (const { data } of blocksOf(targets, size)) yield data
}

/**
 * The largest class index among the targets, `ignored` left out; -1 where they are no indices. Throws DataError, naming
 * value and example, for one below 0.
 */
export function largestLabel(where: string, dataset: Dataset, ignored?: number | null): number {
  const { name, size, targets } = dataset
  let largest = -1
  if (targets.dtype !== 'int32') return largest
  const perExample = sizeOf(targets.shape)
  for (const { from, data } of blocksOf(targets, size)) {
    for (let at = 0; at < data.length; at++) {
      const label = data[at]!
      if (label === ignored) continue
      if (label < 0) {
        const example = from + Math.floor(at / perExample)
        throw new DataError(
          `${where}: ${name}: expected class indices >= 0, got ${label} in example ${example}. Where it stands for no class, use nn.crossEntropyWith({ ignoreIndex: ${label} })`,
        )
      }
      largest = Math.max(largest, label)
    }
  }
  return largest
}

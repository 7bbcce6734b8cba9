import type { Dataset } from '../data/dataset.ts'
import { sizeOf } from '../tensor.ts'

/** Rows that are looked through at once. */
const blockRows = 4096

/** The labels of a data set with int32 targets, a block of examples after the other. */
export function* labelBlocks({ size, targets }: Dataset): Generator<Int32Array> {
  for (let from = 0; from < size; from += blockRows) {
    const rows = Uint32Array.from({ length: Math.min(blockRows, size - from) }, (_, i) => from + i)
    const labels = new Int32Array(rows.length * sizeOf(targets.shape))
    targets.gather(rows, labels)
    yield labels
  }
}

/** The largest class index among the targets, `ignored` left out; -1 where they are no indices. */
export function largestLabel(dataset: Dataset, ignored?: number | null): number {
  let largest = -1
  if (dataset.targets.dtype !== 'int32') return largest
  for (const labels of labelBlocks(dataset)) {
    for (const label of labels) if (label !== ignored) largest = Math.max(largest, label)
  }
  return largest
}

import { OptionError } from '../errors.ts'
import { permutation, random } from '../random.ts'
import { selected, type Column } from './column.ts'

export type { Column } from './column.ts'

/** Examples held in memory: what goes into the net and what should come out, row by row. */
export interface Dataset {
  readonly name: string
  /** Number of examples, at least 1. */
  readonly size: number
  readonly inputs: Column
  readonly targets: Column
  /** Where targets are class indices: they are integers from 0 to `classes - 1`. */
  readonly classes?: number
}

function select(dataset: Dataset, rows: Uint32Array, name: string): Dataset {
  const { inputs, targets } = dataset
  return { ...dataset, name, size: rows.length, inputs: selected(inputs, rows), targets: selected(targets, rows) }
}

/** The examples `from` to `to - 1`, without copying them. Throws OptionError unless 0 <= from < to <= size. */
export function subset(dataset: Dataset, from: number, to: number): Dataset {
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || from >= to || to > dataset.size) {
    throw new OptionError(
      `subset: expected whole numbers 0 <= from < to <= ${dataset.size} (the size of ${dataset.name}), got ${from} and ${to}`,
    )
  }
  const rows = Uint32Array.from({ length: to - from }, (_, i) => from + i)
  return select(dataset, rows, `${dataset.name}[${from}..${to - 1}]`)
}

/** The first `count` examples. Throws OptionError unless 1 <= count <= size. */
export function take(dataset: Dataset, count: number): Dataset {
  if (!Number.isInteger(count) || count < 1 || count > dataset.size) {
    throw new OptionError(`take: expected 1 to ${dataset.size} examples of ${dataset.name}, got ${count}`)
  }
  return subset(dataset, 0, count)
}

/**
 * Two data sets without a common example, drawn at random: the first holds round(fraction * size) examples.
 *
 * The draw depends on (seed, size) alone. Throws OptionError where one of the two would be empty.
 */
export function split(dataset: Dataset, fraction: number, seed: number): [first: Dataset, second: Dataset] {
  const first = Math.round(fraction * dataset.size)
  if (!(first >= 1 && first < dataset.size)) {
    throw new OptionError(
      `split: expected a fraction between 0 and 1 that leaves examples on both sides, got ${fraction} of ${dataset.size}`,
    )
  }
  const order = permutation(dataset.size, random(seed, 'data.split'))
  return [
    select(dataset, order.subarray(0, first), `${dataset.name}[${fraction}]`),
    select(dataset, order.subarray(first), `${dataset.name}[rest]`),
  ]
}

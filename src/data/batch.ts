import { DataError, OptionError } from '../errors.ts'
import { permutation, random } from '../random.ts'
import { allocate as fresh, type TensorData, type TensorType } from '../tensor.ts'
import type { Column, Dataset } from './dataset.ts'

/** A position in the endless sequence of batches: the epoch, and the next batch within it, both from 0. */
export interface Cursor {
  readonly epoch: number
  readonly index: number
}

/** A few examples as one step takes them; both arrays are the receiver's own and can be transferred. */
export interface Batch {
  /** Row-major `[size, ...dataset.inputs.shape]`. */
  readonly inputs: Float32Array | Int32Array
  /** Row-major `[size, ...dataset.targets.shape]`. */
  readonly targets: Float32Array | Int32Array
  readonly size: number
  readonly epoch: number
  readonly index: number
  /** Where to go on after this batch. */
  readonly next: Cursor
}

export interface RemainderOptions {
  /** Skip the last batch of an epoch where it holds a single example, whose batch statistics mean nothing; default false. */
  readonly dropRemainderOfOne?: boolean
}

export interface BatchOptions extends RemainderOptions {
  readonly batchSize: number
  readonly seed: number
  /** Draw a new order for every epoch; default true. */
  readonly shuffle?: boolean
  /** Position of the first batch; default the start of epoch 0. */
  readonly from?: Cursor
  /** Where the arrays of a batch come from; default fresh memory. */
  readonly allocate?: Allocate
}

/** Gives an array of a type; every element of it will be written. */
export type Allocate = (type: TensorType) => TensorData

/** Batches per epoch: ceil(size / batchSize), a remainder of one left out on demand. Throws as `batches`. */
export function countBatches(dataset: Dataset, batchSize: number, options: RemainderOptions = {}): number {
  checkSizes(dataset, batchSize)
  if (batchSize > dataset.size) {
    throw new OptionError(
      `batches: batchSize ${batchSize} is larger than the data set ${dataset.name}, which has ${dataset.size} examples; choose at most that many`,
    )
  }
  const remainder = dataset.size % batchSize
  const whole = Math.floor(dataset.size / batchSize)
  return remainder === 0 || (remainder === 1 && options.dropRemainderOfOne === true) ? whole : whole + 1
}

/**
 * Batches without end, epoch after epoch; the last batch of an epoch may be smaller.
 *
 * The order within epoch e depends on (seed, e) alone, so that starting at `batch.next` gives exactly what would have
 * followed. Throws OptionError where the batch size is no whole number >= 1 or exceeds the data set, or `from` is no
 * position in it; DataError where the data set is empty.
 */
export function batches(dataset: Dataset, options: BatchOptions): Generator<Batch, never, undefined> {
  const { batchSize, seed, shuffle = true, from = { epoch: 0, index: 0 }, allocate = fresh } = options
  const count = countBatches(dataset, batchSize, options)
  if (!isIndex(from.epoch, 2 ** 32) || !isIndex(from.index, count)) {
    throw new OptionError(
      `batches: expected a cursor with epoch >= 0 and index from 0 to ${count - 1}, got epoch ${from.epoch} and index ${from.index}`,
    )
  }
  const orderOf = (epoch: number): Uint32Array =>
    shuffle ? permutation(dataset.size, random(seed, 'data.order', epoch)) : inSequence(dataset.size)

  function* walk(): Generator<Batch, never, undefined> {
    let start = from.index
    for (let epoch = from.epoch; ; epoch++) {
      yield* epochOf(dataset, orderOf(epoch), batchSize, count, { epoch, index: start }, allocate)
      start = 0
    }
  }
  return walk()
}

/** The whole data set once, in its own order, for evaluation; only the last batch may be smaller than `batchSize`. */
export function inOrder(
  dataset: Dataset,
  batchSize: number,
  allocate: Allocate = fresh,
): Generator<Batch, void, undefined> {
  checkSizes(dataset, batchSize)
  const order = inSequence(dataset.size)
  return epochOf(dataset, order, batchSize, Math.ceil(dataset.size / batchSize), { epoch: 0, index: 0 }, allocate)
}

function* epochOf(
  dataset: Dataset,
  order: Uint32Array,
  batchSize: number,
  count: number,
  { epoch, index: first }: Cursor,
  allocate: Allocate,
): Generator<Batch, void, undefined> {
  for (let index = first; index < count; index++) {
    const rows = order.subarray(index * batchSize, (index + 1) * batchSize)
    const next = index + 1 < count ? { epoch, index: index + 1 } : { epoch: epoch + 1, index: 0 }
    const inputs = gathered(dataset.inputs, rows, allocate)
    const targets = gathered(dataset.targets, rows, allocate)
    yield { inputs, targets, size: rows.length, epoch, index, next }
  }
}

function gathered(column: Column, rows: Uint32Array, allocate: Allocate): Float32Array | Int32Array {
  const into = allocate({ dtype: column.dtype, shape: [rows.length, ...column.shape] }) as Float32Array | Int32Array
  column.gather(rows, into)
  return into
}

function inSequence(size: number): Uint32Array {
  return Uint32Array.from({ length: size }, (_, i) => i)
}

function checkSizes(dataset: Dataset, batchSize: number): void {
  if (!Number.isSafeInteger(batchSize) || batchSize < 1) {
    throw new OptionError(`batches: expected batchSize to be a whole number >= 1, got ${batchSize}`)
  }
  if (dataset.size < 1) throw new DataError(`batches: expected ${dataset.name} to hold at least one example, got none`)
}

function isIndex(value: number, bound: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < bound
}

import type { Dataset } from '../../data/dataset.ts'
import { OptionError } from '../../errors.ts'
import { needPositive } from '../../nn/options.ts'
import { reshape } from '../../ops/reshape.ts'
import { type HostTensor, sizeOf, tensor } from '../../tensor.ts'
import { plus, type Vector } from '../linear-algebra.ts'
import { columnMeans, ridge } from '../ridge.ts'
import { snapshotOf, type Subject, traceInside } from './inside.ts'
import { type PassOptions, withPasses } from './passes.ts'
import { depthsOf } from './stack-taps.ts'

export interface DecoderOptions extends PassOptions {
  /** Examples the decoders are fitted on, the first ones; the rest is for testing. Default: four fifths. */
  readonly fit?: number
  /** Of the ridge regression, see `ridge`. Default 1e-3. */
  readonly strength?: number
}

/** What can be read, linearly, out of the stream at one depth. */
export interface Decoded {
  /** The tap: `input`, `blocks.0.stream`, ... */
  readonly path: string
  /** R^2 of the net's input: 1 is all of it, 0 no more than its mean tells. */
  readonly input: number
  /** Share of right labels; null where the targets are no classes. */
  readonly labels: number | null
}

function rowsOf({ data, shape: [n, width] }: HostTensor): Vector[] {
  return Array.from({ length: n! }, (_, i) => Float64Array.from(data.subarray(i * width!, (i + 1) * width!)))
}

/** The examples of one side of a data set as rows. */
function examples(side: Dataset['inputs'], size: number): HostTensor {
  const width = sizeOf(side.shape)
  const data = side.dtype === 'int32' ? new Int32Array(size * width) : new Float32Array(size * width)
  side.gather(
    Uint32Array.from({ length: size }, (_, i) => i),
    data,
  )
  return tensor(data, [size, width])
}

const squared = (a: Vector, b: Vector): number => plus(a, b, -1).reduce((sum, x) => sum + x * x, 0)

/** `1 - sum |y - y_hat|^2 / sum |y - mean y|^2` over all rows and columns. */
function explained(actual: readonly Vector[], decoded: readonly Vector[]): number {
  const mean = columnMeans(actual)
  const left = actual.reduce((sum, row, i) => sum + squared(row, decoded[i]!), 0)
  return 1 - left / actual.reduce((sum, row) => sum + squared(row, mean), 0)
}

const largest = (row: Vector): number => row.indexOf(Math.max(...row))

/**
 * How much of the input, and of the label, the stream still holds at every depth, as far as an affine map can tell: ridge
 * regressions from the stream (all its tokens and features) to the input (R^2) and to the labels (one-hot, accuracy),
 * fitted on the first examples, tested on the rest.
 *
 * For real inputs of some dozen to a few hundred features of the stream. Throws OptionError where `fit` leaves no example.
 *
 * Source: Alain & Bengio 2016 (linear probes), arXiv:1610.01644.
 */
export async function decode(subject: Subject, data: Dataset, options: DecoderOptions = {}): Promise<Decoded[]> {
  const { fit = Math.floor(0.8 * data.size), strength = 1e-3 } = options
  needPositive('decode', 'fit', fit)
  if (fit >= data.size) throw new OptionError(`decode: fit must be below the ${data.size} examples, got ${fit}`)
  if (data.inputs.dtype !== 'float32')
    throw new OptionError(
      `decode: expected real inputs, ${data.name} has ${data.inputs.dtype}. Decode tokens as labels`,
    )
  const snapshot = await snapshotOf(subject)
  const measure = (size: number) => {
    const traced = traceInside(snapshot, size, options.mode ?? 'evaluate')
    const streams = depthsOf(traced.taps).map(
      ([path, value]) => [path, reshape(value, [size, sizeOf(value.shape) / size])] as const,
    )
    return { traced, outputs: Object.fromEntries(streams) }
  }
  const streams = new Map<string, Vector[]>()
  await withPasses(snapshot, data, options, measure, async (passes) => {
    for await (const { results } of passes.each())
      for (const [path, stream] of Object.entries(results))
        streams.set(path, [...(streams.get(path) ?? []), ...rowsOf(stream)])
  })
  const inputs = rowsOf(examples(data.inputs, data.size))
  const labels = data.targets.dtype === 'int32' && data.targets.shape.length === 0 ? data.targets : null
  const classes = labels && rowsOf(examples(labels, data.size)).map((row) => row[0]!)
  const count = classes && Math.max(...classes) + 1
  const oneHot = classes?.map((label) => Float64Array.from({ length: count! }, (_, i) => Number(i === label)))
  return Array.from(streams, ([path, rows]) => {
    const through = (targets: readonly Vector[]): Float64Array[] =>
      rows.slice(fit).map(ridge(rows.slice(0, fit), targets.slice(0, fit), strength))
    const right = oneHot && through(oneHot).filter((row, i) => largest(row) === classes![fit + i]).length
    return {
      path,
      input: explained(inputs.slice(fit), through(inputs)),
      labels: right === undefined ? null : right / (data.size - fit),
    }
  })
}

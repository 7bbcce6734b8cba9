import type { Dataset } from '../data/dataset.ts'
import { DataError } from '../errors.ts'
import { graph } from '../graph/graph.ts'
import type { Traced } from '../graph/scope.ts'
import type { Value } from '../graph/value.ts'
import { sizeOf, type TensorType } from '../tensor.ts'
import { blocksOf } from './labels.ts'

/** Tokens of an example; null where it is no row of them. */
export const tokensPerExample = ({ dtype, shape }: TensorType): number | null =>
  dtype === 'int32' && shape.length === 1 ? shape[0]! : null

/** Rows of the largest trained table in which a net looks up its inputs, or a part of them; null where there is none. */
export function tableRows({ input, output, parameters }: Traced): number | null {
  const tables = new Map(Array.from(parameters.values(), ({ role, value }) => [value, role === 'embed']))
  const ids = new Set<Value>([input])
  let rows = 0
  for (const { inputs, outputs } of graph({ output }).nodes) {
    if (!inputs.some((value) => ids.has(value))) continue
    const [first] = outputs
    if (inputs.length === 1 && first!.dtype === 'int32') ids.add(first!)
    for (const value of inputs) if (tables.get(value)) rows = Math.max(rows, value.shape[0]!)
  }
  return rows === 0 ? null : rows
}

/** Throws DataError, naming value and example, for a token outside 0 to `rows - 1`; the first one here is example `from`. */
export function needIds(where: string, ids: ArrayLike<number>, perExample: number, rows: number, from = 0): void {
  for (let at = 0; at < ids.length; at++) {
    const id = ids[at]!
    if (id >= 0 && id < rows) continue
    throw new DataError(
      `${where}: expected tokens from 0 to ${rows - 1}, got ${id} in example ${from + Math.floor(at / perExample)}. Encode with the tokenizer that the net was made for`,
    )
  }
}

/** The same of all examples of a data set. */
export function needDatasetIds(where: string, { name, size, inputs }: Dataset, rows: number): void {
  const perExample = sizeOf(inputs.shape)
  for (const { from, data } of blocksOf(inputs, size)) needIds(`${where}: ${name}`, data, perExample, rows, from)
}

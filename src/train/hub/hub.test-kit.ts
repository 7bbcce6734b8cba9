import { loadCases, type Tensors } from '../../../test/fixtures/load.ts'
import type { JsonObject } from '../../files/json.ts'
import type { Metadata, Weights } from '../../files/weights.ts'
import { type HostTensor, type Shape, sizeOf } from '../../tensor.ts'

/** How `test/fixtures/hub.py` draws a tensor. */
interface Drawn {
  readonly shape: Shape
  readonly seed: number
  readonly mean: number
  readonly scale: number
}

type GgufTensor =
  | { readonly of: string; readonly rows?: readonly number[]; readonly transposed?: boolean }
  | { readonly values: readonly number[] }

export interface HubCase {
  readonly name: string
  readonly config: JsonObject
  readonly tensors: Readonly<Record<string, Drawn>>
  readonly inputs: Tensors
  readonly cotangent: Drawn
  readonly outputs: Tensors
  readonly gradients: Tensors
  readonly gguf?: {
    readonly metadata: Readonly<Record<string, Metadata>>
    readonly tensors: Readonly<Record<string, GgufTensor>>
  }
}

export const hubCases: readonly HubCase[] = loadCases<HubCase>('hub')

export const hubCase = (name: string): HubCase => hubCases.find((one) => one.name === name)!

export interface Held {
  readonly shape: Shape
  readonly data: Float32Array
}

export function draw({ shape, seed, mean, scale }: Drawn): Held {
  let x = seed
  const data = Float32Array.from({ length: sizeOf(shape) }, () => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0
    return mean + (scale * ((x >>> 24) - 128)) / 128
  })
  return { shape, data }
}

/** The tensors of a case under the names of its file. */
export const tensorsOf = ({ tensors }: HubCase): Record<string, Held> =>
  Object.fromEntries(Object.entries(tensors).map(([name, rule]) => [name, draw(rule)]))

const matrix = ({ shape, data }: Held): number[][] =>
  Array.from({ length: shape[0]! }, (_, row) => Array.from(data.subarray(row * shape[1]!, (row + 1) * shape[1]!)))

/** The same as llama.cpp's converter writes them. */
export function ggufTensorsOf(one: HubCase): Record<string, Held> {
  const held = tensorsOf(one)
  const written = (order: GgufTensor): Held => {
    if ('values' in order) return { shape: [order.values.length], data: Float32Array.from(order.values) }
    const source = held[order.of]!
    if (order.transposed) {
      const rows = matrix(source)
      const columns = rows[0]!.map((_, column) => rows.map((row) => row[column]!))
      return { shape: [...source.shape].reverse(), data: Float32Array.from(columns.flat()) }
    }
    if (order.rows === undefined) return source
    const width = source.data.length / source.shape[0]!
    const rows = order.rows.map((row) => Array.from(source.data.subarray(row * width, (row + 1) * width)))
    return { shape: source.shape, data: Float32Array.from(rows.flat()) }
  }
  return Object.fromEntries(Object.entries(one.gguf!.tensors).map(([name, order]) => [name, written(order)]))
}

/** An open file that lies in memory. */
export const weightsIn = (
  tensors: Readonly<Record<string, Held>>,
  metadata: Readonly<Record<string, Metadata>> = {},
): Weights => ({
  names: Object.keys(tensors),
  metadata,
  type: (name) => ({ shape: tensors[name]!.shape, stored: 'F32', file: 'model.safetensors' }),
  read: (name) => tensors[name]!.data,
  close: () => undefined,
})

export const host = ({ shape, data }: Held): HostTensor => ({ dtype: 'float32', shape, data })

import { type Parameter, type Trace, trainedOf } from '../../graph/scope.ts'
import { input, type Value } from '../../graph/value.ts'
import type { Tensors } from '../../runtime/engine.ts'
import { type HostTensor, sizeOf, tensor } from '../../tensor.ts'
import type { Vector } from '../linear-algebra.ts'

/** All trained tensors of a net as one vector. */
export class WeightSpace {
  readonly parameters: readonly Parameter[]
  readonly size: number

  constructor(net: Pick<Trace, 'parameters'>) {
    this.parameters = trainedOf(net)
    this.size = this.parameters.reduce((total, { value }) => total + sizeOf(value.shape), 0)
  }

  get leaves(): Value[] {
    return this.parameters.map(({ value }) => value)
  }

  /** One value per parameter under names of its own, as `split` gives them. */
  named(kind: string, values: readonly Value[]): Record<string, Value> {
    return Object.fromEntries(this.parameters.map(({ path }, i) => [`${kind} ${path}`, values[i]!]))
  }

  /** Leaves for a vector that is fed as `split(kind, vector)`. */
  inputs(kind: string): Value[] {
    return this.parameters.map(({ path, value }) => input(`${kind} ${path}`, 'float32', value.shape))
  }

  /** One vector out of tensors by path, or of one kind. */
  join(tensors: Readonly<Record<string, Vector>>, kind = ''): Float64Array {
    const vector = new Float64Array(this.size)
    let at = 0
    for (const { path, value } of this.parameters) {
      vector.set(tensors[kind === '' ? path : `${kind} ${path}`]!, at)
      at += sizeOf(value.shape)
    }
    return vector
  }

  /** The trained tensors among those of a net. */
  of(weights: Tensors): Float64Array {
    return this.join(
      Object.fromEntries(Object.entries(weights).map(([path, { data }]) => [path, data as Float32Array])),
    )
  }

  /** Tensors by path, or of one kind, out of one vector. */
  split(vector: Vector, kind = ''): Record<string, HostTensor> {
    let at = 0
    return Object.fromEntries(
      this.parameters.map(({ path, value: { shape } }) => {
        const start = at
        at += sizeOf(shape)
        return [kind === '' ? path : `${kind} ${path}`, tensor(new Float32Array(vector.subarray(start, at)), shape)]
      }),
    )
  }
}

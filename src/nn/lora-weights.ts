import { OptionError } from '../errors.ts'
import { trace } from '../graph/scope.ts'
import { type HostTensor, sameShape, tensor, type TensorType, typeText } from '../tensor.ts'
import type { LoraNet } from './lora.ts'

type Tensors = Readonly<Record<string, HostTensor>>

/** The two matrices of an adapter: a `[rank, in]`, b `[out, rank]`. */
export interface Adapter {
  readonly a: HostTensor
  readonly b: HostTensor
}

/** The adapters among weights, by the path of their linear layer. Throws OptionError for half of one. */
export function adaptersOf(weights: Tensors): Map<string, Adapter> {
  const paths = Object.keys(weights).flatMap((name) => /^(.+)\.lora\.[AB]$/.exec(name)?.[1] ?? [])
  const pairs = [...new Set(paths)].map((path): [string, Adapter] => {
    const [a, b] = [weights[`${path}.lora.A`], weights[`${path}.lora.B`]]
    if (a && b) return [path, { a, b }]
    throw new OptionError(`lora: expected A and B for '${path}', got ${a ? 'A' : 'B'} alone`)
  })
  return new Map(pairs)
}

/** `W + factor B A`, summed in float64. */
function merged(weight: HostTensor, { a, b }: Adapter, factor: number): HostTensor {
  const [outputs, inputs] = weight.shape as [number, number]
  const rank = a.shape[0]!
  const row = new Float64Array(inputs)
  const data = new Float32Array(outputs * inputs)
  for (let i = 0; i < outputs; i++) {
    row.fill(0)
    for (let k = 0; k < rank; k++) {
      const share = b.data[i * rank + k]!
      for (let j = 0; j < inputs; j++) row[j]! += share * a.data[k * inputs + j]!
    }
    for (let j = 0; j < inputs; j++) data[i * inputs + j] = weight.data[i * inputs + j]! + factor * row[j]!
  }
  return tensor(data, weight.shape)
}

/**
 * Weights of the net without adapters that computes the same: `W + (alpha / rank) B A` in place of each adapted `W`, all
 * else as it is. `inputs` is the type of one example.
 *
 * Throws OptionError for an adapter whose weight is not there or does not fit, and for a weight that its layer sees through a
 * transform (weight and spectral norm), where no such weight need exist.
 */
export function mergeLora({ base, lora }: LoraNet, inputs: TensorType, weights: Tensors): Record<string, HostTensor> {
  const { parameters } = trace(base, inputs.dtype, [2, ...inputs.shape], 'evaluate')
  const result = Object.fromEntries(Object.entries(weights).filter(([name]) => !/\.lora\.[AB]$/.test(name)))
  for (const [path, adapter] of adaptersOf(weights)) {
    const name = `${path}.weight`
    const weight = result[name]
    if (weight === undefined) throw new OptionError(`mergeLora: '${path}' has an adapter, but the net has no '${name}'`)
    if (parameters.get(name)?.transform) {
      throw new OptionError(
        `mergeLora: '${name}' is seen through a transform, so nothing can be added to what is stored; keep the adapters apart`,
      )
    }
    const [outputs = 0, columns = 0] = weight.shape
    const { a, b } = adapter
    if (!sameShape(a.shape, [lora.rank, columns]) || !sameShape(b.shape, [outputs, lora.rank])) {
      throw new OptionError(
        `mergeLora: '${path}' needs A [${lora.rank}, ${columns}] and B [${outputs}, ${lora.rank}], got ${typeText(a)} and ${typeText(b)}`,
      )
    }
    result[name] = merged(weight, adapter, lora.alpha / lora.rank)
  }
  return result
}

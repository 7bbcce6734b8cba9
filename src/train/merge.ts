import type { Layer } from '../graph/scope.ts'
import { type ModelSpec, specOf } from '../models/spec.ts'
import { modelOf } from '../models/table.ts'
import type { LoraNet } from '../nn/lora.ts'
import { mergeLora } from '../nn/lora-weights.ts'
import type { HostTensor, TensorType } from '../tensor.ts'

/** A net and its trained tensors and running statistics, by path. */
export interface Weighted {
  readonly net: Layer
  readonly weights: Readonly<Record<string, HostTensor>>
}

const isLora = (net: Layer): net is LoraNet => 'base' in net && 'lora' in net

/** The specification of what `models.freeze` was given, where the net came from there. */
function frozenBase(net: Layer): ModelSpec | null {
  const spec = specOf(net)
  return spec?.name === 'freeze' ? (spec.options.base as ModelSpec) : null
}

/**
 * The same net without what only its training needed: adapters are merged, frozen parameters are parameters like any
 * other. `inputs` is the type of one example. Throws OptionError as `nn.mergeLora`.
 */
export function merged({ net, weights }: Weighted, inputs: TensorType): Weighted {
  if (isLora(net)) return merged({ net: net.base, weights: mergeLora(net, inputs, weights) }, inputs)
  const base = frozenBase(net)
  return base === null ? { net, weights } : merged({ net: modelOf(base), weights }, inputs)
}

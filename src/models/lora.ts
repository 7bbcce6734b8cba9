import { lora as adapted, type LoraNet, type LoraOptions } from '../nn/lora.ts'
import type { SpecifiedNet } from './spec.ts'

/** `nn.lora` of a model that a run folder can make again, adapters and all. */
export function lora(base: SpecifiedNet, options: LoraOptions = {}): SpecifiedNet & LoraNet {
  const net = adapted(base, options)
  return Object.assign(net, { spec: { name: 'lora', options: { base: base.spec, ...net.lora } } })
}

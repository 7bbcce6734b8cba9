import { array, boolean } from 'zod'
import { count, nameIn, only } from '../config.ts'
import { allMaps, trunkOf } from '../net.ts'
import type { Family } from './family.ts'
import { checkRotary, describeRotary, optionsOf, refusesRotary, rotaryConfig, rotaryWeights } from './rotary.ts'

const fields = {
  architectures: array(nameIn(['LlamaForCausalLM'])).optional(),
  attention_bias: boolean('true or false').default(false),
  mlp_bias: boolean('true or false').default(false),
  pretraining_tp: only(1),
}

const flag = [false, true]

/** Llama 2 and 3, TinyLlama, SmolLM2. Source: Touvron et al. 2023, arXiv:2302.13971; transformers' `LlamaForCausalLM`. */
export const llama: Family = {
  type: 'llama',
  describe(config, where) {
    const given = checkRotary(config, fields, where)
    return describeRotary(
      given,
      { bias: { attention: given.attention_bias ? allMaps : [], feedForward: given.mlp_bias } },
      where,
    )
  },
  refuses(spec) {
    const biases = [[], allMaps].flatMap((attentionBias) =>
      flag.map((feedForwardBias) => ({ attentionBias, feedForwardBias })),
    )
    const reason = refusesRotary(spec, biases)
    if (reason !== null) return reason
    const { width, heads } = trunkOf(optionsOf(spec))
    return width % heads === 0 ? null : `${heads} heads do not divide width ${width}`
  },
  config(spec, context) {
    const { attentionBias, feedForwardBias } = trunkOf(optionsOf(spec))
    return {
      architectures: ['LlamaForCausalLM'],
      model_type: 'llama',
      ...rotaryConfig(spec, context),
      attention_bias: attentionBias.length > 0,
      mlp_bias: feedForwardBias,
    }
  },
  weights: () => rotaryWeights,
}

const mistralFields = {
  architectures: array(nameIn(['MistralForCausalLM'])).optional(),
  num_key_value_heads: count.default(8),
  sliding_window: count.nullable().default(4096),
}

/** A context of at most its window. Source: Jiang et al. 2023, arXiv:2310.06825; transformers' `MistralForCausalLM`. */
export const mistral: Family = {
  type: 'mistral',
  describe(config, where) {
    const given = checkRotary(config, mistralFields, where)
    return describeRotary(
      given,
      { bias: { attention: [], feedForward: false }, window: given.sliding_window ?? undefined },
      where,
    )
  },
  refuses: (spec) => refusesRotary(spec, [{ attentionBias: [], feedForwardBias: false }]),
  config: (spec, context) => ({
    architectures: ['MistralForCausalLM'],
    model_type: 'mistral',
    ...rotaryConfig(spec, context),
    sliding_window: null,
  }),
  weights: () => rotaryWeights,
}

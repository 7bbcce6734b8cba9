import { array, boolean, type infer as Infer, int, type ZodObject } from 'zod'
import type { ModelSpec } from '../../../models/spec.ts'
import type { AttentionMap } from '../../../nn/attention.ts'
import { count, nameIn, only } from '../config.ts'
import { allMaps, trunkOf } from '../net.ts'
import type { Family } from './family.ts'
import { checkRotary, describeRotary, optionsOf, refusesRotary, rotaryConfig, rotaryWeights } from './rotary.ts'

const windowFields = {
  use_sliding_window: boolean('true or false').default(false),
  sliding_window: count.default(4096),
  max_window_layers: int('an integer').default(28),
  layer_types: array(nameIn(['full_attention', 'sliding_attention'])).optional(),
  use_mrope: only(false),
}

/** How far back the tokens of the most short-sighted layer see, where one does not see all. */
function windowOf(config: Infer<ZodObject<typeof windowFields>>, layers: number): number | undefined {
  const { use_sliding_window: windowed, max_window_layers: first, layer_types: types } = config
  const slides = types === undefined ? first < layers : types.includes('sliding_attention')
  return windowed && slides ? config.sliding_window : undefined
}

const inputs: readonly AttentionMap[] = ['query', 'key', 'value']

const qwen2Fields = { ...windowFields, architectures: array(nameIn(['Qwen2ForCausalLM'])).optional() }

/** Qwen 2 and 2.5: biases on queries, keys and values. Source: Yang et al. 2024, arXiv:2407.10671; transformers' `Qwen2ForCausalLM`. */
export const qwen2: Family = {
  type: 'qwen2',
  describe(config, where) {
    const given = checkRotary(config, qwen2Fields, where)
    const window = windowOf(given, given.num_hidden_layers)
    return describeRotary(given, { bias: { attention: inputs, feedForward: false }, window }, where)
  },
  refuses: (spec) => refusesRotary(spec, [{ attentionBias: inputs, feedForwardBias: false }]),
  config: (spec, context) => ({
    architectures: ['Qwen2ForCausalLM'],
    model_type: 'qwen2',
    ...rotaryConfig(spec, context),
    use_sliding_window: false,
  }),
  weights: () => rotaryWeights,
}

const qwen3Fields = {
  ...windowFields,
  architectures: array(nameIn(['Qwen3ForCausalLM'])).optional(),
  head_dim: count.default(128),
  attention_bias: boolean('true or false').default(false),
}

const qwen3Biases = [[], allMaps].map((attentionBias) => ({ attentionBias, feedForwardBias: false }))
const biased = (spec: ModelSpec): boolean => trunkOf(optionsOf(spec)).attentionBias.length > 0

/** An RMS norm on every head of queries and keys. Source: Yang et al. 2025, arXiv:2505.09388; transformers' `Qwen3ForCausalLM`. */
export const qwen3: Family = {
  type: 'qwen3',
  describe(config, where) {
    const given = checkRotary(config, qwen3Fields, where)
    const bias = { attention: given.attention_bias ? allMaps : [], feedForward: false }
    const window = windowOf(given, given.num_hidden_layers)
    return describeRotary(given, { bias, headNorms: true, window }, where)
  },
  refuses: (spec) => refusesRotary(spec, qwen3Biases, true),
  config: (spec, context) => ({
    architectures: ['Qwen3ForCausalLM'],
    model_type: 'qwen3',
    ...rotaryConfig(spec, context),
    attention_bias: biased(spec),
    use_sliding_window: false,
  }),
  weights: () => rotaryWeights,
}

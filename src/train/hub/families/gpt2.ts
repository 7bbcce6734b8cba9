import { array, boolean, strictObject } from 'zod'
import { resolveWiring, type Wiring } from '../../../nn/wiring/wiring.ts'
import type { GptOptions } from '../../../models/gpt.ts'
import type { ModelSpec } from '../../../models/spec.ts'
import { activationField, activationOf, hubActivation } from '../activations.ts'
import { checkConfig, count, nameIn, only, positive } from '../config.ts'
import { allMaps, difference, trunkOf } from '../net.ts'
import type { WeightTable } from '../weight-table.ts'
import { type Family, noTokens } from './family.ts'

const fields = {
  architectures: array(nameIn(['GPT2LMHeadModel'])).optional(),
  vocab_size: count,
  n_positions: count,
  n_ctx: count.optional(),
  n_embd: count,
  n_layer: count,
  n_head: count,
  n_inner: count.optional(),
  activation_function: activationField.default('gelu_new'),
  layer_norm_epsilon: positive.default(1e-5),
  tie_word_embeddings: boolean('true or false').default(true),
  pruned_heads: strictObject({}, 'no pruned heads').optional(),
  scale_attn_weights: only(true),
  scale_attn_by_inverse_layer_idx: only(false),
  reorder_and_upcast_attn: only(false),
  add_cross_attention: only(false),
  is_encoder_decoder: only(false),
}

export const gpt2Wiring = (epsilon: number): Wiring => ({ norm: { name: 'layer', epsilon }, placement: 'pre' })

const block = 'blocks.{i}'
const attention = `${block}.attention`
const inputs = ['query', 'key', 'value'].map((map) => `${attention}.${map}`)

const weights: WeightTable = {
  tensors: {
    'transformer.wte.weight': 'embed.weight',
    'transformer.wpe.weight': 'positions.weight',
    'transformer.h.{i}.ln_1.weight': `${attention}.norm.gain`,
    'transformer.h.{i}.ln_1.bias': `${attention}.norm.bias`,
    'transformer.h.{i}.attn.c_attn.weight': { paths: inputs.map((path) => `${path}.weight`), transposed: true },
    'transformer.h.{i}.attn.c_attn.bias': { paths: inputs.map((path) => `${path}.bias`) },
    'transformer.h.{i}.attn.c_proj.weight': { paths: [`${attention}.out.weight`], transposed: true },
    'transformer.h.{i}.attn.c_proj.bias': `${attention}.out.bias`,
    'transformer.h.{i}.ln_2.weight': `${block}.mlp.norm.gain`,
    'transformer.h.{i}.ln_2.bias': `${block}.mlp.norm.bias`,
    'transformer.h.{i}.mlp.c_fc.weight': { paths: [`${block}.mlp.up.weight`], transposed: true },
    'transformer.h.{i}.mlp.c_fc.bias': `${block}.mlp.up.bias`,
    'transformer.h.{i}.mlp.c_proj.weight': { paths: [`${block}.mlp.down.weight`], transposed: true },
    'transformer.h.{i}.mlp.c_proj.bias': `${block}.mlp.down.bias`,
    'transformer.ln_f.weight': 'finalNorm.gain',
    'transformer.ln_f.bias': 'finalNorm.bias',
    'lm_head.weight': 'head.weight',
  },
  repeats: { 'lm_head.weight': 'transformer.wte.weight' },
  ignored: (name) => /^transformer\.h\.\d+\.attn\.(bias|masked_bias)$/.test(name),
  rename: (name) => (/^(wte|wpe|h|ln_f)\./.test(name) ? `transformer.${name}` : name),
}

const optionsOf = ({ options }: ModelSpec): GptOptions => options as unknown as GptOptions

/** Source: Radford et al. 2019; transformers' `GPT2LMHeadModel`, whose maps are stored `[in, out]`. */
export const gpt2: Family = {
  type: 'gpt2',
  describe(config, where) {
    const given = checkConfig(config, fields, where)
    const options: GptOptions = {
      layers: given.n_layer,
      width: given.n_embd,
      heads: given.n_head,
      hidden: given.n_inner ?? 4 * given.n_embd,
      vocabulary: given.vocab_size,
      context: given.n_positions,
      activation: activationOf(given.activation_function),
      tied: given.tie_word_embeddings,
      wiring: gpt2Wiring(given.layer_norm_epsilon),
    }
    return { spec: { name: 'gpt', options: { ...options } }, context: given.n_positions }
  },
  refuses(spec) {
    if (spec.name !== 'gpt') return `it is models.${spec.name}`
    const options = optionsOf(spec)
    const net = trunkOf(options)
    return difference(
      { ...net, softcap: options.softcap },
      {
        positions: 'learned',
        feedForward: 'plain',
        keyValueHeads: net.heads,
        headSize: net.width / net.heads,
        attentionBias: allMaps,
        feedForwardBias: true,
        softcap: undefined,
        wiring: resolveWiring(gpt2Wiring(net.epsilon)),
      },
    )
  },
  config(spec, context) {
    const options = optionsOf(spec)
    const net = trunkOf(options)
    return {
      architectures: ['GPT2LMHeadModel'],
      model_type: 'gpt2',
      vocab_size: net.vocabulary,
      n_positions: context,
      n_embd: net.width,
      n_layer: options.layers,
      n_head: net.heads,
      n_inner: net.hidden,
      activation_function: hubActivation(net.activation),
      layer_norm_epsilon: net.epsilon,
      tie_word_embeddings: options.tied ?? false,
      attn_pdrop: net.dropout,
      resid_pdrop: 0,
      embd_pdrop: 0,
      ...noTokens,
    }
  },
  weights: () => weights,
}

import { boolean, type infer as Infer, looseObject, type ZodObject, type ZodType } from 'zod'
import type { JsonObject } from '../../../files/json.ts'
import type { GptOptions } from '../../../models/gpt.ts'
import type { ModelSpec } from '../../../models/spec.ts'
import { resolveWiring, type Wiring } from '../../../nn/wiring/wiring.ts'
import { activationField, activationOf, hubActivation } from '../activations.ts'
import { checkConfig, count, only, positive } from '../config.ts'
import { difference, type Trunk, trunkOf } from '../net.ts'
import { hubRope, type RopeConfig, rotaryOf } from '../rope.ts'
import type { WeightTable } from '../weight-table.ts'
import { type Described, noTokens } from './family.ts'

/** What the relatives of Llama have in common in `config.json`. */
export interface RotaryConfig extends RopeConfig {
  readonly vocab_size: number
  readonly hidden_size: number
  readonly intermediate_size: number
  readonly num_hidden_layers: number
  readonly num_attention_heads: number
  readonly num_key_value_heads?: number | undefined
  readonly head_dim?: number | undefined
  readonly hidden_act: string
  readonly rms_norm_eps: number
  readonly tie_word_embeddings: boolean
}

const fields = {
  vocab_size: count,
  hidden_size: count,
  intermediate_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  num_key_value_heads: count.optional(),
  head_dim: count.optional(),
  hidden_act: activationField.default('silu'),
  rms_norm_eps: positive.default(1e-6),
  max_position_embeddings: count,
  rope_theta: positive.optional(),
  rope_scaling: looseObject({}, 'an object').optional(),
  rope_parameters: looseObject({}, 'an object').optional(),
  rope_interleaved: only(false),
  partial_rotary_factor: only(1),
  tie_word_embeddings: boolean('true or false').default(false),
  is_encoder_decoder: only(false),
  add_cross_attention: only(false),
}

/** A configuration with the fields of a relative's own besides. Throws DataError as `checkConfig`. */
export const checkRotary = <F extends Readonly<Record<string, ZodType>>>(
  config: JsonObject,
  own: F,
  where: string,
): RotaryConfig & Infer<ZodObject<F>> =>
  checkConfig(config, { ...fields, ...own }, where) as unknown as RotaryConfig & Infer<ZodObject<F>>

export const rotaryWiring = (epsilon: number, headNorms = false): Wiring => ({
  norm: { name: 'rms', epsilon },
  placement: 'pre',
  qkNorm: headNorms && { name: 'rms', epsilon },
})

/** The net of a relative of Llama; `window` is how far back its tokens see, where they do not see all. */
export function describeRotary(
  config: RotaryConfig,
  own: {
    readonly bias: NonNullable<GptOptions['bias']>
    readonly headNorms?: boolean
    readonly window?: number | undefined
  },
  where: string,
): Described {
  const { hidden_size: width, num_attention_heads: heads } = config
  const context = Math.min(config.max_position_embeddings, own.window ?? Infinity)
  const options: GptOptions = {
    layers: config.num_hidden_layers,
    width,
    heads,
    keyValueHeads: config.num_key_value_heads ?? heads,
    headSize: config.head_dim ?? width / heads,
    hidden: config.intermediate_size,
    vocabulary: config.vocab_size,
    context,
    positions: 'rotary',
    rotary: rotaryOf(config, where),
    feedForward: 'gated',
    activation: activationOf(config.hidden_act),
    bias: own.bias,
    tied: config.tie_word_embeddings,
    wiring: rotaryWiring(config.rms_norm_eps, own.headNorms),
  }
  return { spec: { name: 'gpt', options: { ...options } }, context }
}

export const optionsOf = ({ options }: ModelSpec): GptOptions => options as unknown as GptOptions

/** Why a net is no relative of Llama with these biases; see `Family.refuses`. */
export function refusesRotary(
  spec: ModelSpec,
  biases: readonly Pick<Trunk, 'attentionBias' | 'feedForwardBias'>[],
  headNorms = false,
): string | null {
  if (spec.name !== 'gpt') return `it is models.${spec.name}`
  const options = optionsOf(spec)
  const trunk = trunkOf(options)
  const net = { ...trunk, softcap: options.softcap, 'rotary.share': trunk.rotary.share ?? 1 }
  const wanted = (bias: Pick<Trunk, 'attentionBias' | 'feedForwardBias'>): string | null =>
    difference(net, {
      positions: 'rotary',
      'rotary.share': 1,
      feedForward: 'gated',
      ...bias,
      softcap: undefined,
      wiring: resolveWiring(rotaryWiring(trunk.epsilon, headNorms)),
    })
  const reasons = biases.map(wanted)
  return reasons.includes(null) ? null : reasons[0]!
}

/** The fields that all relatives of Llama write. */
export function rotaryConfig(spec: ModelSpec, context: number): JsonObject {
  const options = optionsOf(spec)
  const net = trunkOf(options)
  return {
    vocab_size: net.vocabulary,
    hidden_size: net.width,
    intermediate_size: net.hidden,
    num_hidden_layers: options.layers,
    num_attention_heads: net.heads,
    num_key_value_heads: net.keyValueHeads,
    head_dim: net.headSize,
    hidden_act: hubActivation(net.activation),
    rms_norm_eps: net.epsilon,
    tie_word_embeddings: options.tied ?? false,
    max_position_embeddings: context,
    ...hubRope(net.rotary),
    attention_dropout: net.dropout,
    ...noTokens,
  }
}

const attention = 'blocks.{i}.attention'
const mlp = 'blocks.{i}.mlp'

/** The tensors of all relatives of Llama. */
export const rotaryWeights: WeightTable = {
  tensors: {
    'model.embed_tokens.weight': 'embed.weight',
    'model.layers.{i}.input_layernorm.weight': `${attention}.norm.gain`,
    'model.layers.{i}.self_attn.q_proj.weight': `${attention}.query.weight`,
    'model.layers.{i}.self_attn.q_proj.bias': `${attention}.query.bias`,
    'model.layers.{i}.self_attn.q_norm.weight': `${attention}.norms.query.gain`,
    'model.layers.{i}.self_attn.k_proj.weight': `${attention}.key.weight`,
    'model.layers.{i}.self_attn.k_proj.bias': `${attention}.key.bias`,
    'model.layers.{i}.self_attn.k_norm.weight': `${attention}.norms.key.gain`,
    'model.layers.{i}.self_attn.v_proj.weight': `${attention}.value.weight`,
    'model.layers.{i}.self_attn.v_proj.bias': `${attention}.value.bias`,
    'model.layers.{i}.self_attn.o_proj.weight': `${attention}.out.weight`,
    'model.layers.{i}.self_attn.o_proj.bias': `${attention}.out.bias`,
    'model.layers.{i}.post_attention_layernorm.weight': `${mlp}.norm.gain`,
    'model.layers.{i}.mlp.gate_proj.weight': `${mlp}.gate.weight`,
    'model.layers.{i}.mlp.gate_proj.bias': `${mlp}.gate.bias`,
    'model.layers.{i}.mlp.up_proj.weight': `${mlp}.up.weight`,
    'model.layers.{i}.mlp.up_proj.bias': `${mlp}.up.bias`,
    'model.layers.{i}.mlp.down_proj.weight': `${mlp}.down.weight`,
    'model.layers.{i}.mlp.down_proj.bias': `${mlp}.down.bias`,
    'model.norm.weight': 'finalNorm.gain',
    'lm_head.weight': 'head.weight',
  },
  repeats: { 'lm_head.weight': 'model.embed_tokens.weight' },
  ignored: (name) => /^model\.(layers\.\d+\.self_attn\.)?rotary_emb\.inv_freq$/.test(name),
}

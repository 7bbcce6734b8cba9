import { boolean, type infer as Infer, int, looseObject, number, type ZodObject } from 'zod'
import { DataError } from '../../errors.ts'
import { checkJson, quote } from '../../files/json.ts'
import type { Weights } from '../../files/weights.ts'
import type { GptOptions } from '../../models/gpt.ts'
import type { AttentionMap } from '../../nn/attention.ts'
import type { RotaryOptions, RotaryScaling } from '../../nn/rotary.ts'
import { checkConfig, count, nameIn, only, positive } from './config.ts'
import type { Described } from './families/family.ts'
import { gpt2Wiring } from './families/gpt2.ts'
import { rotaryWiring } from './families/rotary.ts'
import type { TextTokens } from './generation.ts'
import { ggufGpt2, ggufRotary } from './gguf-weights.ts'
import type { WeightTable } from './weight-table.ts'

const sizes = {
  block_count: count,
  context_length: count,
  embedding_length: count,
  feed_forward_length: count,
  'attention.head_count': count,
  vocab_size: count.optional(),
}
const gpt2Fields = { ...sizes, 'attention.head_count_kv': count.optional(), 'attention.layer_norm_epsilon': positive }
const rotaryFields = {
  ...sizes,
  'attention.head_count_kv': count.optional(),
  'attention.layer_norm_rms_epsilon': positive,
  'attention.key_length': count.optional(),
  'attention.value_length': count.optional(),
  'attention.sliding_window': int('a number of tokens').nonnegative('a number of tokens').default(0),
  'attention.causal': only(true),
  'rope.dimension_count': count.optional(),
  'rope.freq_base': positive.default(10000),
  'rope.scaling.type': nameIn(['none', 'linear']).default('none'),
  'rope.scaling.factor': number('a number').optional(),
  'rope.scaling.original_context_length': int('a number of tokens').optional(),
  'rope.scaling.finetuned': boolean('true or false').optional(),
  tensor_data_layout: only('Meta AI original pth'),
  expert_count: only(0),
  expert_used_count: only(0),
}

interface Found extends Described {
  readonly table: WeightTable
}

/** Metadata is float32: the shortest decimal number that it stands for. */
function decimal(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === Math.fround(value)) return short
  }
  return value
}

const scaledHeads = 'rope_freqs.weight'
const llama3 = { type: 'llama3', low: 1, high: 4, context: 8192 } as const

/** llama.cpp stores how much slower each pair turns; only what its converter makes of a Llama 3.1 to 3.3 is known here. */
function scalingOf(weights: Weights, base: number, size: number, where: string): RotaryScaling | undefined {
  if (!weights.names.includes(scaledHeads)) return undefined
  const slower = weights.read(scaledHeads)
  const factor = decimal(slower.reduce((most, next) => Math.max(most, next), 1))
  if (factor === 1 && slower.every((value) => value === 1)) return undefined
  const expected = (i: number): number => {
    const turns = (base ** ((-2 * i) / size) * llama3.context) / (2 * Math.PI)
    const kept = Math.min(1, Math.max(0, (turns - llama3.low) / (llama3.high - llama3.low)))
    return 1 / (kept + (1 - kept) / factor)
  }
  const wrong = slower.findIndex((value, i) => !(Math.abs(value / expected(i) - 1) < 1e-4))
  if (slower.length === size / 2 && wrong < 0) return { ...llama3, factor }
  throw new DataError(`${where}: tensor "${scaledHeads}" is not the scaling of Llama 3 (low 1, high 4, context 8192)`)
}

function rotaryOf(
  given: Infer<ZodObject<typeof rotaryFields>>,
  weights: Weights,
  size: number,
  where: string,
): RotaryOptions {
  const base = decimal(given['rope.freq_base'])
  const [type, factor = 1] = [given['rope.scaling.type'], given['rope.scaling.factor']]
  const linear = type === 'linear' && factor !== 1
  const scaling = scalingOf(weights, base, size, where)
  if (linear && scaling !== undefined)
    throw new DataError(`${where}: expected "rope.scaling.type" linear or the tensor "${scaledHeads}", got both`)
  if (linear) return { base, scaling: { type, factor: decimal(factor) } }
  return scaling === undefined ? { base } : { base, scaling }
}

/** What the tensors tell that the metadata does not. */
function shared(weights: Weights, where: string): { readonly vocabulary: number; readonly tied: boolean } {
  if (!weights.names.includes('token_embd.weight'))
    throw new DataError(`${where}: tensor "token_embd.weight" is missing`)
  return { vocabulary: weights.type('token_embd.weight').shape[0] ?? 0, tied: !weights.names.includes('output.weight') }
}

const maps = { query: 'attn_q', key: 'attn_k', value: 'attn_v', out: 'attn_output' } as const

function describeRotary(
  architecture: string,
  metadata: Readonly<Record<string, unknown>>,
  weights: Weights,
  where: string,
): Found {
  const given = checkConfig(metadata, rotaryFields, where, architecture)
  const [width, heads] = [given.embedding_length, given['attention.head_count']]
  const keyValueHeads = given['attention.head_count_kv'] ?? heads
  const headSize = given['attention.key_length'] ?? width / heads
  for (const key of ['attention.value_length', 'rope.dimension_count'] as const) {
    if ((given[key] ?? headSize) !== headSize)
      throw new DataError(
        `${where}: "${architecture}.${key}" is ${given[key]}, expected the ${headSize} features of a head`,
      )
  }
  const holds = (name: string): boolean => weights.names.includes(`blk.0.${name}.bias`)
  const attention = Object.entries(maps).flatMap(([map, name]) => (holds(name) ? [map as AttentionMap] : []))
  const context = Math.min(given.context_length, given['attention.sliding_window'] || Infinity)
  const options: GptOptions = {
    layers: given.block_count,
    width,
    heads,
    keyValueHeads,
    headSize,
    hidden: given.feed_forward_length,
    ...shared(weights, where),
    context,
    positions: 'rotary',
    rotary: rotaryOf(given, weights, headSize, where),
    feedForward: 'gated',
    activation: 'silu',
    bias: { attention, feedForward: holds('ffn_up') },
    wiring: rotaryWiring(decimal(given['attention.layer_norm_rms_epsilon']), architecture === 'qwen3'),
  }
  const turned = architecture === 'llama' ? { query: heads, key: keyValueHeads } : null
  return { spec: { name: 'gpt', options: { ...options } }, context, table: ggufRotary(turned) }
}

function describeGpt2(
  architecture: string,
  metadata: Readonly<Record<string, unknown>>,
  weights: Weights,
  where: string,
): Found {
  const given = checkConfig(metadata, gpt2Fields, where, architecture)
  const options: GptOptions = {
    layers: given.block_count,
    width: given.embedding_length,
    heads: given['attention.head_count'],
    hidden: given.feed_forward_length,
    ...shared(weights, where),
    context: given.context_length,
    activation: 'geluTanh',
    wiring: gpt2Wiring(decimal(given['attention.layer_norm_epsilon'])),
  }
  return { spec: { name: 'gpt', options: { ...options } }, context: given.context_length, table: ggufGpt2 }
}

const names = ['llama', 'qwen2', 'qwen3', 'gpt2'] as const
const field = { 'general.architecture': nameIn(names) }

/**
 * The net of a GGUF file of llama, qwen2, qwen3 or gpt2, and where its tensors belong. Throws DataError for metadata that
 * is not known or means another computation.
 */
export function describeGguf(weights: Weights, where: string): Found {
  const { metadata } = weights
  const harmless = /^(general|tokenizer|quantize|split)\./
  const { 'general.architecture': architecture } = checkConfig(
    { 'general.architecture': metadata['general.architecture'] },
    field,
    where,
  )
  const own = Object.entries(metadata).flatMap(([key, value]) => {
    if (harmless.test(key)) return []
    if (key.startsWith(`${architecture}.`)) return [[key.slice(architecture.length + 1), value] as const]
    throw new DataError(
      `${where}: metadata ${quote(key)} is not known here. Remove it if the model computes the same without`,
    )
  })
  const describe = architecture === 'gpt2' ? describeGpt2 : describeRotary
  return describe(architecture, Object.fromEntries(own), weights, where)
}

const token = int('expected a token').nonnegative('expected a token').optional()
const tokenFields = looseObject({
  'tokenizer.ggml.bos_token_id': token,
  'tokenizer.ggml.eos_token_id': token,
  'tokenizer.ggml.eot_token_id': token,
  'tokenizer.ggml.padding_token_id': token,
})

/** The tokens that begin, end and fill up its texts. */
export function ggufTokens({ metadata }: Weights, where: string): TextTokens {
  const given = checkJson({ ...metadata }, tokenFields, where)
  const ends = [given['tokenizer.ggml.eos_token_id'], given['tokenizer.ggml.eot_token_id']]
  return {
    bos: given['tokenizer.ggml.bos_token_id'] ?? null,
    eos: [...new Set(ends.flatMap((id) => id ?? []))],
    pad: given['tokenizer.ggml.padding_token_id'] ?? null,
  }
}

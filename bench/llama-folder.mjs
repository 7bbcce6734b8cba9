import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { byteLetters } from '../dist/data/tokenizer/byte-level.js'
import { writeSafetensorsFile } from '../dist/files/safetensors-stream.js'
import { uniform } from './data.mjs'

/** `config.json` of SmolLM2-135M. Source: Allal et al. 2025, arXiv:2502.02737. */
export const smolLM2 = {
  architectures: ['LlamaForCausalLM'],
  attention_bias: false,
  attention_dropout: 0,
  bos_token_id: 0,
  eos_token_id: 0,
  hidden_act: 'silu',
  hidden_size: 576,
  initializer_range: 0.041666666666666664,
  intermediate_size: 1536,
  is_llama_config: true,
  max_position_embeddings: 8192,
  mlp_bias: false,
  model_type: 'llama',
  num_attention_heads: 9,
  num_hidden_layers: 30,
  num_key_value_heads: 3,
  pretraining_tp: 1,
  rms_norm_eps: 1e-5,
  rope_interleaved: false,
  rope_scaling: null,
  rope_theta: 100000,
  tie_word_embeddings: true,
  torch_dtype: 'bfloat16',
  transformers_version: '4.40.1',
  use_cache: true,
  vocab_size: 49152,
}

/** Names and shapes of the tensors as transformers' `LlamaForCausalLM` stores them, its head tied. */
function shapesOf(config) {
  const { hidden_size: width, intermediate_size: hidden, num_attention_heads: heads } = config
  const grouped = (width / heads) * config.num_key_value_heads
  const block = {
    'input_layernorm.weight': [width],
    'self_attn.q_proj.weight': [width, width],
    'self_attn.k_proj.weight': [grouped, width],
    'self_attn.v_proj.weight': [grouped, width],
    'self_attn.o_proj.weight': [width, width],
    'post_attention_layernorm.weight': [width],
    'mlp.gate_proj.weight': [hidden, width],
    'mlp.up_proj.weight': [hidden, width],
    'mlp.down_proj.weight': [width, hidden],
  }
  const blocks = Array.from({ length: config.num_hidden_layers }, (_, i) =>
    Object.entries(block).map(([name, shape]) => [`model.layers.${i}.${name}`, shape]),
  )
  const table = ['model.embed_tokens.weight', [config.vocab_size, width]]
  return [table, ...blocks.flat(), ['model.norm.weight', [width]]]
}

/** A byte-level BPE of `vocabulary` tokens: the bytes, and pairs of them. */
function tokenizerJson(/** @type {number} */ vocabulary) {
  const pairs = byteLetters.flatMap((left) => byteLetters.map((right) => [left, right]))
  const merges = pairs.slice(0, vocabulary - byteLetters.length)
  const tokens = [...byteLetters, ...merges.map(([left, right]) => left + right)]
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }
  const model = {
    ...{ type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null },
    ...{ fuse_unk: false, byte_fallback: false, ignore_merges: false },
    ...{ vocab: Object.fromEntries(tokens.map((token, id) => [token, id])), merges },
  }
  const around = { normalizer: null, pre_tokenizer: byteLevel, post_processor: null, decoder: byteLevel }
  return { version: '1.0', truncation: null, padding: null, added_tokens: [], ...around, model }
}

/** Writes a Hugging Face folder of that shape, random weights as bfloat16. @returns its number of parameters */
export function writeLlamaFolder(/** @type {string} */ folder, config = smolLM2) {
  mkdirSync(folder, { recursive: true })
  const sizeOf = (/** @type {number[]} */ shape) => shape.reduce((size, n) => size * n, 1)
  const shapes = shapesOf(config)
  const range = Math.sqrt(3) * config.initializer_range
  const weights = shapes.map(([name, shape], i) => ({
    ...{ name, shape, dtype: 'BF16' },
    read: () => (shape.length === 1 ? uniform(sizeOf(shape), 0.9, 1.1, i) : uniform(sizeOf(shape), -range, range, i)),
  }))
  writeSafetensorsFile(join(folder, 'model.safetensors'), weights, { format: 'pt' })
  const write = (/** @type {string} */ name, content) => writeFileSync(join(folder, name), JSON.stringify(content))
  write('config.json', config)
  write('tokenizer.json', tokenizerJson(config.vocab_size))
  return shapes.reduce((total, [, shape]) => total + sizeOf(shape), 0)
}

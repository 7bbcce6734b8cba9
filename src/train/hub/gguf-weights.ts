import type { Rows, WeightTable } from './weight-table.ts'

const attention = 'blocks.{i}.attention'
const mlp = 'blocks.{i}.mlp'

/** llama.cpp's names for the tensors of Llama and its relatives; `turned` is the order of rows of query and key. */
export const ggufRotary = (turned: { readonly query: number; readonly key: number } | null): WeightTable => {
  const inOrder = (map: 'query' | 'key', name: string): string | Rows => {
    const path = `${attention}.${map}.${name}`
    return turned === null ? path : { paths: [path], interleaved: turned[map] }
  }
  return {
    tensors: {
      'token_embd.weight': 'embed.weight',
      'blk.{i}.attn_norm.weight': `${attention}.norm.gain`,
      'blk.{i}.attn_q.weight': inOrder('query', 'weight'),
      'blk.{i}.attn_q.bias': inOrder('query', 'bias'),
      'blk.{i}.attn_q_norm.weight': `${attention}.norms.query.gain`,
      'blk.{i}.attn_k.weight': inOrder('key', 'weight'),
      'blk.{i}.attn_k.bias': inOrder('key', 'bias'),
      'blk.{i}.attn_k_norm.weight': `${attention}.norms.key.gain`,
      'blk.{i}.attn_v.weight': `${attention}.value.weight`,
      'blk.{i}.attn_v.bias': `${attention}.value.bias`,
      'blk.{i}.attn_output.weight': `${attention}.out.weight`,
      'blk.{i}.attn_output.bias': `${attention}.out.bias`,
      'blk.{i}.ffn_norm.weight': `${mlp}.norm.gain`,
      'blk.{i}.ffn_gate.weight': `${mlp}.gate.weight`,
      'blk.{i}.ffn_gate.bias': `${mlp}.gate.bias`,
      'blk.{i}.ffn_up.weight': `${mlp}.up.weight`,
      'blk.{i}.ffn_up.bias': `${mlp}.up.bias`,
      'blk.{i}.ffn_down.weight': `${mlp}.down.weight`,
      'blk.{i}.ffn_down.bias': `${mlp}.down.bias`,
      'output_norm.weight': 'finalNorm.gain',
      'output.weight': 'head.weight',
    },
    repeats: {},
    ignored: (name) => name === 'rope_freqs.weight',
  }
}

const inputs = ['query', 'key', 'value'].map((map) => `${attention}.${map}`)

/** llama.cpp's names for the tensors of GPT-2, whose maps it stores `[out, in]`. */
export const ggufGpt2: WeightTable = {
  tensors: {
    'token_embd.weight': 'embed.weight',
    'position_embd.weight': 'positions.weight',
    'blk.{i}.attn_norm.weight': `${attention}.norm.gain`,
    'blk.{i}.attn_norm.bias': `${attention}.norm.bias`,
    'blk.{i}.attn_qkv.weight': { paths: inputs.map((path) => `${path}.weight`) },
    'blk.{i}.attn_qkv.bias': { paths: inputs.map((path) => `${path}.bias`) },
    'blk.{i}.attn_output.weight': `${attention}.out.weight`,
    'blk.{i}.attn_output.bias': `${attention}.out.bias`,
    'blk.{i}.ffn_norm.weight': `${mlp}.norm.gain`,
    'blk.{i}.ffn_norm.bias': `${mlp}.norm.bias`,
    'blk.{i}.ffn_up.weight': `${mlp}.up.weight`,
    'blk.{i}.ffn_up.bias': `${mlp}.up.bias`,
    'blk.{i}.ffn_down.weight': `${mlp}.down.weight`,
    'blk.{i}.ffn_down.bias': `${mlp}.down.bias`,
    'output_norm.weight': 'finalNorm.gain',
    'output_norm.bias': 'finalNorm.bias',
    'output.weight': 'head.weight',
  },
  repeats: {},
  ignored: () => false,
}

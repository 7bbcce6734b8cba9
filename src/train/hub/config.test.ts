import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../files/json.ts'
import { modelOf } from '../../models/table.ts'
import type { Described } from './families/family.ts'
import { familyOfConfig } from './families/table.ts'
import { hubCase } from './hub.test-kit.ts'

const read = (config: JsonObject): Described => familyOfConfig(config, 'config.json').describe(config, 'config.json')

const of = (name: string) => {
  const { config } = hubCase(name)
  return (fields: JsonObject) => () => read({ ...config, ...fields })
}

const gpt2 = {
  activation_function: 'gelu_new',
  architectures: ['GPT2LMHeadModel'],
  attn_pdrop: 0.1,
  bos_token_id: 50256,
  embd_pdrop: 0.1,
  eos_token_id: 50256,
  initializer_range: 0.02,
  layer_norm_epsilon: 1e-5,
  model_type: 'gpt2',
  n_ctx: 1024,
  n_embd: 768,
  n_head: 12,
  n_layer: 12,
  n_positions: 1024,
  resid_pdrop: 0.1,
  summary_activation: null,
  summary_first_dropout: 0.1,
  summary_proj_to_labels: true,
  summary_type: 'cls_index',
  summary_use_proj: true,
  task_specific_params: { 'text-generation': { do_sample: true, max_length: 50 } },
  vocab_size: 50257,
}

const smolLm2 = {
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

const llama32 = {
  ...smolLm2,
  bos_token_id: 128000,
  eos_token_id: [128001, 128008, 128009],
  head_dim: 64,
  hidden_size: 2048,
  intermediate_size: 8192,
  max_position_embeddings: 131072,
  mlp_bias: false,
  num_attention_heads: 32,
  num_hidden_layers: 16,
  num_key_value_heads: 8,
  rope_scaling: {
    factor: 32,
    high_freq_factor: 4,
    low_freq_factor: 1,
    original_max_position_embeddings: 8192,
    rope_type: 'llama3',
  },
  rope_theta: 500000,
  vocab_size: 128256,
}

const qwen25 = {
  architectures: ['Qwen2ForCausalLM'],
  attention_dropout: 0,
  bos_token_id: 151643,
  eos_token_id: 151643,
  hidden_act: 'silu',
  hidden_size: 896,
  initializer_range: 0.02,
  intermediate_size: 4864,
  max_position_embeddings: 32768,
  max_window_layers: 24,
  model_type: 'qwen2',
  num_attention_heads: 14,
  num_hidden_layers: 24,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-6,
  rope_theta: 1000000,
  sliding_window: 32768,
  tie_word_embeddings: true,
  torch_dtype: 'bfloat16',
  transformers_version: '4.40.1',
  use_cache: true,
  use_mrope: false,
  use_sliding_window: false,
  vocab_size: 151936,
}

const qwen3 = {
  ...qwen25,
  architectures: ['Qwen3ForCausalLM'],
  attention_bias: false,
  head_dim: 128,
  hidden_size: 1024,
  intermediate_size: 3072,
  max_position_embeddings: 40960,
  max_window_layers: 28,
  model_type: 'qwen3',
  num_attention_heads: 16,
  num_hidden_layers: 28,
  num_key_value_heads: 8,
  rope_scaling: null,
  sliding_window: null,
}
const { use_mrope: _, ...qwen3Published } = qwen3

const mistral = {
  architectures: ['MistralForCausalLM'],
  hidden_act: 'silu',
  hidden_size: 4096,
  intermediate_size: 14336,
  max_position_embeddings: 32768,
  model_type: 'mistral',
  num_attention_heads: 32,
  num_hidden_layers: 32,
  num_key_value_heads: 8,
  rms_norm_eps: 1e-5,
  rope_theta: 10000,
  sliding_window: 4096,
  tie_word_embeddings: false,
  vocab_size: 32000,
}

const miniLm = {
  _name_or_path: 'nreimers/MiniLM-L6-H384-uncased',
  architectures: ['BertModel'],
  attention_probs_dropout_prob: 0.1,
  gradient_checkpointing: false,
  hidden_act: 'gelu',
  hidden_dropout_prob: 0.1,
  hidden_size: 384,
  initializer_range: 0.02,
  intermediate_size: 1536,
  layer_norm_eps: 1e-12,
  max_position_embeddings: 512,
  model_type: 'bert',
  num_attention_heads: 12,
  num_hidden_layers: 6,
  pad_token_id: 0,
  position_embedding_type: 'absolute',
  transformers_version: '4.8.2',
  type_vocab_size: 2,
  use_cache: true,
  vocab_size: 30522,
}

test.each([
  ['gpt2', gpt2, { layers: 12, width: 768, hidden: 3072, tied: true, activation: 'geluTanh' }, 1024],
  ['SmolLM2-135M', smolLm2, { layers: 30, keyValueHeads: 3, headSize: 64, rotary: { base: 100000 }, tied: true }, 8192],
  [
    'Llama-3.2-1B',
    llama32,
    { rotary: { base: 500000, scaling: { type: 'llama3', factor: 32, low: 1, high: 4, context: 8192 } } },
    131072,
  ],
  ['Qwen2.5-0.5B', qwen25, { bias: { attention: ['query', 'key', 'value'], feedForward: false } }, 32768],
  ['Qwen3-0.6B', qwen3Published, { headSize: 128, rotary: { base: 1000000 } }, 40960],
  ['Mistral-7B-v0.1, within its window', mistral, { tied: false, context: 4096 }, 4096],
  ['all-MiniLM-L6-v2', miniLm, { outputs: 'hidden', padding: 0, types: 2 }, 512],
])('the published %s is read', (_name, config, options, context) => {
  const described = read(config)
  expect(described.spec.options).toMatchObject(options)
  expect(described.context).toBe(context)
  expect(() => modelOf(described.spec)).not.toThrow()
})

describe('what changes the computation is refused by name', () => {
  test.each<[string, JsonObject, string]>([
    [
      'bert, padding',
      { architectures: ['BertForTokenClassification'] },
      '"architectures.0" is "BertForTokenClassification", expected BertModel, BertForMaskedLM, BertForPreTraining or BertForSequenceClassification',
    ],
    [
      'bert, padding',
      { architectures: null },
      '"architectures" is null, expected one of BertModel, BertForMaskedLM, BertForPreTraining, BertForSequenceClassification',
    ],
    ['bert, padding', { is_decoder: true }, '"is_decoder" is true, expected false'],
    [
      'bert, padding',
      { position_embedding_type: 'relative_key' },
      '"position_embedding_type" is "relative_key", expected absolute',
    ],
    [
      'gpt2',
      { activation_function: 'quick_gelu' },
      '"activation_function" is "quick_gelu", expected gelu, gelu_new, gelu_pytorch_tanh, gelu_fast, gelu_python, silu, swish, relu, tanh or sigmoid',
    ],
    ['gpt2', { add_cross_attention: true }, '"add_cross_attention" is true, expected false'],
    [
      'gpt2',
      { architectures: ['GPT2ForSequenceClassification'] },
      '"architectures.0" is "GPT2ForSequenceClassification", expected GPT2LMHeadModel',
    ],
    ['gpt2', { n_head: 2.5 }, '"n_head" is 2.5, expected a positive integer'],
    ['gpt2', { n_head: null }, '"n_head" is null, expected a positive integer'],
    [
      'gpt2',
      { pruned_heads: { '1': [0, 2] } },
      '"pruned_heads.1" is [0,2], which is not known here and may change what the model computes. Remove it if it does not',
    ],
    ['gpt2', { reorder_and_upcast_attn: true }, '"reorder_and_upcast_attn" is true, expected false'],
    ['gpt2', { scale_attn_by_inverse_layer_idx: true }, '"scale_attn_by_inverse_layer_idx" is true, expected false'],
    ['gpt2', { scale_attn_weights: false }, '"scale_attn_weights" is false, expected true'],
    ['llama', { attention_bias: 'yes' }, '"attention_bias" is "yes", expected true or false'],
    ['llama', { partial_rotary_factor: 0.5 }, '"partial_rotary_factor" is 0.5, expected 1'],
    ['llama', { pretraining_tp: 2 }, '"pretraining_tp" is 2, expected 1'],
    [
      'llama',
      { quantization_config: { quant_method: 'gptq', bits: 4 } },
      '"quantization_config" is {"quant_method":"gptq","bits":4}, which is not known here and may change what the model computes. Remove it if it does not',
    ],
    [
      'llama',
      { residual_multiplier: 0.5 },
      '"residual_multiplier" is 0.5, which is not known here and may change what the model computes. Remove it if it does not',
    ],
    ['llama', { rope_interleaved: true }, '"rope_interleaved" is true, expected false'],
    [
      'llama',
      { rope_scaling: { rope_type: 'linear', factor: 4, mscale: 2 } },
      '"rope_scaling.mscale" is 2, which is not known here and may change what the model computes. Remove it if it does not',
    ],
    [
      'llama',
      { rope_scaling: { rope_type: 'llama3', factor: 8, low_freq_factor: 1 } },
      '"rope_scaling.high_freq_factor" is missing, expected a positive number for llama3',
    ],
    [
      'llama',
      { rope_scaling: { rope_type: 'yarn', factor: 4 } },
      '"rope_scaling.rope_type" is "yarn", expected default, linear or llama3',
    ],
    [
      'llama',
      { rope_scaling: { type: 'dynamic', factor: 4 } },
      '"rope_scaling.type" is "dynamic", expected default, linear or llama3',
    ],
    [
      'llama',
      { rope_scaling: { type: 'linear', factor: 4 }, rope_parameters: { rope_type: 'default' } },
      'expected "rope_scaling" or "rope_parameters", got both. Remove one',
    ],
    [
      'llama',
      { rope_scaling: { type: 'linear' } },
      '"rope_scaling.factor" is missing, expected a positive number for linear',
    ],
    ['mistral', { sliding_window: 'all' }, '"sliding_window" is "all", expected a positive integer'],
    [
      'qwen2',
      { layer_types: ['full_attention', 'linear_attention'] },
      '"layer_types.1" is "linear_attention", expected full_attention or sliding_attention',
    ],
    ['qwen3', { attention_bias: 1 }, '"attention_bias" is 1, expected true or false'],
  ])('%s: %j', (name, fields, message) => {
    expect(of(name)(fields)).toThrow(message)
  })

  test('a model of no family', () => {
    expect(() => read({ model_type: 'phi3' })).toThrowErrorMatchingInlineSnapshot(
      `[DataError: config.json: "model_type" is "phi3", expected gpt2, llama, mistral, qwen2, qwen3 or bert]`,
    )
    expect(() => read({})).toThrowErrorMatchingInlineSnapshot(
      `[DataError: config.json: "model_type" is missing, expected gpt2, llama, mistral, qwen2, qwen3 or bert]`,
    )
  })
})

describe('a sliding window', () => {
  test('that is off, or no shorter than the context, changes nothing', () => {
    expect(of('qwen2')({ sliding_window: 3 })().context).toBe(64)
    expect(of('mistral')({ sliding_window: null })().context).toBe(64)
    expect(of('mistral')({ sliding_window: 100 })().context).toBe(64)
  })

  test('limits the context: within it a token sees all the same', () => {
    expect(of('qwen2')({ sliding_window: 3, use_sliding_window: true, max_window_layers: 1 })().context).toBe(3)
    expect(of('qwen2')({ sliding_window: 3, use_sliding_window: true, max_window_layers: 2 })().context).toBe(64)
    const layer_types = ['full_attention', 'sliding_attention']
    expect(of('qwen3')({ sliding_window: 3, use_sliding_window: true, layer_types })().context).toBe(3)
  })
})

test("the number of labels is that of a classifier's outputs, 2 where it is not said", () => {
  const outputs = (fields: JsonObject): unknown =>
    of('bert, classifier, padding and token types')(fields)().spec.options.outputs
  expect(outputs({})).toBe(3)
  expect(outputs({ id2label: null })).toBe(2)
  expect(outputs({ id2label: null, num_labels: 5 })).toBe(5)
})

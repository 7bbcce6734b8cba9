import { describe, expect, test } from 'vitest'
import type { Metadata, Weights } from '../../files/weights.ts'
import { familyOfConfig } from './families/table.ts'
import { describeGguf, ggufTokens } from './gguf-config.ts'
import { ggufTensorsOf, type Held, hubCase, hubCases, tensorsOf, weightsIn } from './hub.test-kit.ts'
import { parameterShapes } from './read-model.ts'
import { matchWeights, readParameters } from './stored-weights.ts'
import { storedTensors } from './weight-table.ts'

type Values = Record<string, unknown>

const read = (
  weights: Weights,
  table: Parameters<typeof storedTensors>[0],
  spec: Parameters<typeof parameterShapes>[0],
): Values => {
  const stored = storedTensors(table, spec.options.layers as number, parameterShapes(spec))
  return Object.fromEntries(readParameters(weights, table, stored, matchWeights(weights, table, stored, 'x.gguf')))
}

describe.each(hubCases.filter(({ gguf }) => gguf !== undefined))('$name', (one) => {
  const weights = weightsIn(ggufTensorsOf(one), one.gguf!.metadata)
  const family = familyOfConfig(one.config, '')
  const hub = family.describe(one.config, '')
  const found = describeGguf(weights, 'x.gguf')

  test('is the net of config.json', () => {
    expect(found.spec).toEqual(hub.spec)
    expect(found.context).toBe(hub.context)
  })

  test('has its weights', () => {
    expect(read(weights, found.table, found.spec)).toEqual(
      read(weightsIn(tensorsOf(one)), family.weights(hub.spec), hub.spec),
    )
  })
})

const describing =
  (
    name: string,
    metadata: Record<string, Metadata>,
    change: (tensors: Record<string, Held>) => void = () => undefined,
  ) =>
  () => {
    const one = hubCase(name)
    const tensors = ggufTensorsOf(one)
    change(tensors)
    return describeGguf(weightsIn(tensors, { ...one.gguf!.metadata, ...metadata }), 'x.gguf')
  }

test('metadata about the file, its tokenizer or its quantization is passed over', () => {
  const metadata = {
    'general.name': 'x',
    'tokenizer.ggml.model': 'gpt2',
    'quantize.imatrix.file': 'y',
    'split.count': 1,
  }
  expect(describing('llama', metadata)().spec).toEqual(describing('llama', {})().spec)
})

test('a sliding window limits the context', () => {
  expect(describing('llama', { 'llama.attention.sliding_window': 5 })().context).toBe(5)
  expect(describing('llama', { 'llama.attention.sliding_window': 0 })().context).toBe(64)
})

describe('what changes the computation is refused by name', () => {
  test.each<[string, Record<string, Metadata>, string]>([
    [
      'gpt2',
      { 'gpt2.attention.layer_norm_epsilon': 0 },
      '"gpt2.attention.layer_norm_epsilon" is 0, expected a positive number',
    ],
    [
      'llama, llama3 scaling, tied',
      { 'llama.rope.freq_base': 10000 },
      'tensor "rope_freqs.weight" is not the scaling of Llama 3 (low 1, high 4, context 8192)',
    ],
    [
      'llama, llama3 scaling, tied',
      { 'llama.rope.scaling.type': 'linear', 'llama.rope.scaling.factor': 2 },
      'expected "rope.scaling.type" linear or the tensor "rope_freqs.weight", got both',
    ],
    [
      'llama',
      { 'clip.vision': true },
      'metadata "clip.vision" is not known here. Remove it if the model computes the same without',
    ],
    [
      'llama',
      { 'general.architecture': 'gemma2' },
      '"general.architecture" is "gemma2", expected llama, qwen2, qwen3 or gpt2',
    ],
    [
      'llama',
      { 'llama.attention.head_count': [4, 4] },
      '"llama.attention.head_count" is [4,4], expected a positive integer',
    ],
    [
      'llama',
      { 'llama.attention.value_length': 8 },
      '"llama.attention.value_length" is 8, expected the 4 features of a head',
    ],
    ['llama', { 'llama.expert_count': 8 }, '"llama.expert_count" is 8, expected 0'],
    [
      'llama',
      { 'llama.logit_scale': 2 },
      '"llama.logit_scale" is 2, which is not known here and may change what the model computes. Remove it if it does not',
    ],
    [
      'llama',
      { 'llama.rope.dimension_count': 2 },
      '"llama.rope.dimension_count" is 2, expected the 4 features of a head',
    ],
    ['llama', { 'llama.rope.scaling.type': 'yarn' }, '"llama.rope.scaling.type" is "yarn", expected none or linear'],
  ])('%s: %j', (name, fields, message) => {
    expect(describing(name, fields)).toThrow(message)
  })

  test('a file without an embedding', () => {
    expect(
      describing('llama', {}, (tensors) => delete tensors['token_embd.weight']),
    ).toThrowErrorMatchingInlineSnapshot(`[DataError: x.gguf: tensor "token_embd.weight" is missing]`)
  })

  test('factors that are all 1 scale nothing', () => {
    const scaling = describing('llama, llama3 scaling, tied', {}, (tensors) =>
      tensors['rope_freqs.weight']!.data.fill(1),
    )
    expect(scaling().spec.options.rotary).toEqual({ base: 500000 })
  })
})

test('the tokens of its texts', () => {
  const metadata = {
    'tokenizer.ggml.bos_token_id': 1,
    'tokenizer.ggml.eos_token_id': 2,
    'tokenizer.ggml.eot_token_id': 7,
  }
  expect(ggufTokens(weightsIn({}, metadata), 'x.gguf')).toEqual({ bos: 1, eos: [2, 7], pad: null })
})

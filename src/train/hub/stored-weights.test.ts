import { describe, expect, test } from 'vitest'
import type { ModelSpec } from '../../models/spec.ts'
import { familyOfConfig } from './families/table.ts'
import { type Held, hubCase, tensorsOf, weightsIn } from './hub.test-kit.ts'
import { parameterShapes } from './read-model.ts'
import { matchWeights, readParameters } from './stored-weights.ts'
import { storedTensors } from './weight-table.ts'
import { hubWeights } from './write-weights.ts'

type Change = (tensors: Record<string, Held>) => void

/** The parameters that are read out of a case's file after it was changed. */
function readChanged(name: string, change: Change): { spec: ModelSpec; parameters: Map<string, Float32Array> } {
  const { config, ...one } = hubCase(name)
  const tensors = tensorsOf({ config, ...one })
  change(tensors)
  const family = familyOfConfig(config, '')
  const { spec } = family.describe(config, '')
  const weights = weightsIn(tensors)
  const table = family.weights(spec)
  const stored = storedTensors(table, spec.options.layers as number, parameterShapes(spec))
  const read = readParameters(weights, table, stored, matchWeights(weights, table, stored, 'config.json'))
  return { spec, parameters: new Map(Array.from(read, ([path, { data }]) => [path, data as Float32Array])) }
}

const reading = (name: string, change: Change) => () => readChanged(name, change)

const renamed =
  (rename: (name: string) => string): Change =>
  (tensors) => {
    const all = Object.entries(tensors)
    for (const [name] of all) Reflect.deleteProperty(tensors, name)
    for (const [name, held] of all) tensors[rename(name)] = held
  }

const same = (name: string, change: Change): void => {
  expect(readChanged(name, change).parameters).toEqual(readChanged(name, () => undefined).parameters)
}

describe('every tensor is accounted for', () => {
  test('one that is missing', () => {
    expect(
      reading('llama', (tensors) => delete tensors['model.layers.1.mlp.up_proj.weight']),
    ).toThrowErrorMatchingInlineSnapshot(
      `[DataError: config.json: tensor "model.layers.1.mlp.up_proj.weight" is missing, expected [20, 16]]`,
    )
  })

  test('one that belongs nowhere', () => {
    expect(
      reading('llama', (tensors) => (tensors['model.layers.0.self_attn.q_proj.bias'] = tensors['model.norm.weight']!)),
    ).toThrowErrorMatchingInlineSnapshot(
      `[DataError: model.safetensors: tensor "model.layers.0.self_attn.q_proj.bias" has no place in the net of this configuration]`,
    )
    expect(
      reading('llama', (tensors) => (tensors['model.layers.2.input_layernorm.weight'] = tensors['model.norm.weight']!)),
    ).toThrowErrorMatchingInlineSnapshot(
      `[DataError: model.safetensors: tensor "model.layers.2.input_layernorm.weight" has no place in the net of this configuration]`,
    )
  })

  test('one of another shape', () => {
    expect(
      reading('gpt2', (tensors) => {
        const { data } = tensors['transformer.h.0.mlp.c_fc.weight']!
        tensors['transformer.h.0.mlp.c_fc.weight'] = { shape: [48, 12], data }
      }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[DataError: model.safetensors: tensor "transformer.h.0.mlp.c_fc.weight": expected [12, 48], got [48, 12]]`,
    )
  })

  test('a number that is not finite', () => {
    expect(
      reading('qwen3', (tensors) => (tensors['model.norm.weight']!.data[3] = NaN)),
    ).toThrowErrorMatchingInlineSnapshot(`[DataError: model.safetensors: tensor "model.norm.weight": element 3 is NaN]`)
  })
})

describe('tied tensors', () => {
  const head: Change = (tensors) => {
    const { shape, data } = tensors['model.embed_tokens.weight']!
    tensors['lm_head.weight'] = { shape, data: data.slice() }
  }

  test('may be repeated', () => {
    same('qwen2', head)
    same('bert, masked language model', (tensors) => {
      tensors['cls.predictions.decoder.weight'] = tensors['bert.embeddings.word_embeddings.weight']!
      tensors['cls.predictions.decoder.bias'] = tensors['cls.predictions.bias']!
    })
  })

  test('that differ are refused', () => {
    const differing: Change = (tensors) => {
      head(tensors)
      tensors['lm_head.weight']!.data[17] = 5
    }
    expect(reading('qwen2', differing)).toThrowErrorMatchingInlineSnapshot(
      `[DataError: model.safetensors: tensor "lm_head.weight" differs from "model.embed_tokens.weight", but the configuration ties the two]`,
    )
  })

  test('of another shape are refused', () => {
    expect(
      reading('qwen2', (tensors) => (tensors['lm_head.weight'] = tensors['model.norm.weight']!)),
    ).toThrowErrorMatchingInlineSnapshot(
      `[DataError: model.safetensors: tensor "lm_head.weight": expected [17, 16], got [16]]`,
    )
  })
})

describe('other names for the same', () => {
  test('GPT-2 without its prefix, with the buffers of old files', () => {
    same('gpt2', (tensors) => {
      renamed((name) => name.replace('transformer.', ''))(tensors)
      tensors['h.0.attn.bias'] = { shape: [1, 1, 9, 9], data: new Float32Array(81) }
      tensors['h.1.attn.masked_bias'] = { shape: [], data: new Float32Array(1) }
    })
  })

  test('Llama with the buffers of old files', () => {
    same('llama', (tensors) => {
      tensors['model.layers.0.self_attn.rotary_emb.inv_freq'] = { shape: [2], data: new Float32Array(2) }
    })
  })

  test('BERT with and without prefix, with gamma and beta, a pooler and position ids', () => {
    same('bert, padding', (tensors) => {
      renamed(
        (name) =>
          `bert.${name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta')}`,
      )(tensors)
      tensors['bert.embeddings.position_ids'] = { shape: [1, 9], data: new Float32Array(9) }
      tensors['bert.pooler.dense.weight'] = { shape: [12, 12], data: new Float32Array(144) }
    })
    same('bert, masked language model', (tensors) => {
      tensors['bert.pooler.dense.bias'] = { shape: [12], data: new Float32Array(12) }
      tensors['cls.seq_relationship.weight'] = { shape: [2, 12], data: new Float32Array(24) }
    })
  })

  test('the same tensor under two names is refused', () => {
    expect(
      reading('gpt2', (tensors) => (tensors['ln_f.bias'] = tensors['transformer.ln_f.bias']!)),
    ).toThrowErrorMatchingInlineSnapshot(
      `[DataError: model.safetensors: tensors "transformer.ln_f.bias" and "ln_f.bias" are the same. Remove one]`,
    )
  })

  test('a classifier needs its pooler', () => {
    expect(
      reading('bert, classifier, padding and token types', (tensors) => delete tensors['bert.pooler.dense.bias']),
    ).toThrowErrorMatchingInlineSnapshot(
      `[DataError: config.json: tensor "bert.pooler.dense.bias" is missing, expected [12]]`,
    )
  })
})

test('a tensor is made when its turn comes', () => {
  const { spec, parameters } = readChanged('gpt2', () => undefined)
  const asked: string[] = []
  const sources = hubWeights(spec, (path) => {
    asked.push(path)
    return parameters.get(path)!
  })
  expect(asked).toEqual([])
  sources.find(({ name }) => name === 'transformer.h.0.attn.c_attn.weight')!.read()
  expect(asked).toEqual(['query', 'key', 'value'].map((map) => `blocks.0.attention.${map}.weight`))
})

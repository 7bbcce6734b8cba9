import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ggufFile, type GgufValue } from '../../../test/gguf.ts'
import { DataError } from '../../errors.ts'
import type { JsonObject } from '../../files/json.ts'
import { writeSafetensorsFile } from '../../files/safetensors-stream.ts'
import type { Metadata } from '../../files/weights.ts'
import { ggufTensorsOf, hubCase, tensorsOf } from './hub.test-kit.ts'
import { familyOfNet } from './families/table.ts'
import { type HubModel, readModel } from './read-model.ts'
import { hubWeights } from './write-weights.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'residua-hub-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (name: string, content: unknown): void => writeFileSync(join(folder, name), JSON.stringify(content))

function writeCase(name: string, config: JsonObject = {}): void {
  const one = hubCase(name)
  write('config.json', { ...one.config, ...config })
  const sources = Object.entries(tensorsOf(one)).map(([name, { shape, data }]) => ({ name, shape, read: () => data }))
  writeSafetensorsFile(join(folder, 'model.safetensors'), sources)
}

/** What a model holds, its files closed. */
function readAll(path: string): { model: HubModel; parameters: Map<string, unknown> } {
  const model = readModel(path)
  const parameters = new Map(model.tensors())
  model.close()
  return { model, parameters }
}

test('a folder, and the same model written again', () => {
  writeCase('llama')
  const { model, parameters } = readAll(folder)
  expect(model.inputs).toEqual({ dtype: 'int32', shape: [64] })
  expect(parameters.size).toBe(21)
  const { spec, context } = model
  const sources = hubWeights(spec, (path) => (parameters.get(path) as { data: Float32Array }).data)
  writeSafetensorsFile(join(folder, 'model.safetensors'), sources)
  write('config.json', familyOfNet(spec).config(spec, context))
  const again = readAll(folder)
  expect(again.model.spec).toEqual(spec)
  expect(again.parameters).toEqual(parameters)
})

test('a GGUF file holds the same as the folder', () => {
  const name = 'llama, llama3 scaling, tied'
  const one = hubCase(name)
  const valued = (value: Metadata): GgufValue =>
    typeof value === 'string' ? [8, value] : Number.isInteger(value) ? [4, Number(value)] : [6, Number(value)]
  const metadata = Object.entries(one.gguf!.metadata).map(([key, value]): [string, GgufValue] => [
    key,
    key.endsWith('freq_base') ? [6, Number(value)] : valued(value),
  ])
  const tensors = Object.entries(ggufTensorsOf(one)).map(([tensor, { shape, data }]) => ({
    name: tensor,
    sizes: [...shape].reverse(),
    type: 0,
    data: new Uint8Array(data.buffer),
  }))
  const path = join(folder, 'model.gguf')
  writeFileSync(path, ggufFile({ metadata: [...metadata, ['tokenizer.ggml.eos_token_id', [4, 3]]], tensors }))
  writeCase(name)
  const [gguf, hub] = [readAll(path), readAll(folder)]
  expect(gguf.model.spec).toEqual(hub.model.spec)
  expect(gguf.parameters).toEqual(hub.parameters)
  expect(gguf.model.tokens).toEqual({ bos: null, eos: [3], pad: null })
})

describe('the tokens of its texts', () => {
  test('stand in generation_config.json, or else in config.json', () => {
    writeCase('llama', { bos_token_id: 1, eos_token_id: 2, pad_token_id: null })
    expect(readModel(folder).tokens).toEqual({ bos: 1, eos: [2], pad: null })
    write('generation_config.json', { eos_token_id: [2, 5], temperature: 0.6 })
    expect(readModel(folder).tokens).toEqual({ bos: 1, eos: [2, 5], pad: null })
  })

  test('that are none are refused', () => {
    writeCase('llama', { eos_token_id: 'end' })
    expect(() => readModel(folder)).toThrow(
      `${join(folder, 'config.json')}: "eos_token_id": expected a token or a list of tokens`,
    )
  })
})

describe('the tokenizer', () => {
  const tokenizer = {
    added_tokens: [
      { id: 0, content: '[PAD]' },
      { id: 2, content: '[SEP]' },
    ],
  }

  test('comes as text', () => {
    writeCase('llama')
    expect(readModel(folder).tokenizer).toBeNull()
    write('tokenizer.json', tokenizer)
    const { tokenizer: text, spec } = readModel(folder)
    expect(text).toBe(JSON.stringify(tokenizer))
    expect(spec.options.separator).toBeUndefined()
  })

  test('tells a BERT where a segment ends', () => {
    writeCase('bert, padding')
    expect(readModel(folder).spec.options.separator).toBeUndefined()
    write('tokenizer.json', tokenizer)
    expect(readModel(folder).spec.options.separator).toBe(2)
  })
})

describe('what cannot be is refused', () => {
  const refused = (): string => {
    try {
      readModel(folder)
    } catch (error) {
      return String(error).replaceAll(folder, '.')
    }
    return 'read'
  }

  test.each<[JsonObject, string]>([
    [{ num_hidden_layers: 1e9 }, './config.json: 1000000000 layers, but the file holds 21 tensors'],
    [{ num_key_value_heads: 3 }, './config.json: attention: keyValueHeads must divide the 4 heads, got 3'],
    [
      { head_dim: 3 },
      "./config.json: rotary 'blocks.0.attention': expected an even number of features that turn, got 1 of 3",
    ],
    [{ head_dim: 1e9 }, './config.json: heads of 1000000000 features, but no tensor of the file has more than 20 rows'],
    [{ num_attention_heads: 5 }, './config.json: gpt: headSize must be a positive integer, got 3.2'],
    [
      { vocab_size: 1e15 },
      './model.safetensors: tensor "lm_head.weight": expected [1000000000000000, 16], got [17, 16]',
    ],
    [
      { intermediate_size: 21 },
      './model.safetensors: tensor "model.layers.0.mlp.down_proj.weight": expected [16, 21], got [16, 20]',
    ],
  ])('%j', (config, message) => {
    writeCase('llama', config)
    expect(refused()).toBe(`DataError: ${message}`)
  })

  test('a configuration that is none', () => {
    writeCase('llama')
    writeFileSync(join(folder, 'config.json'), '{"model_type":"llama","model_type":"gpt2"}')
    expect(refused()).toMatchInlineSnapshot(`"DataError: ./config.json: the key "model_type" stands there twice"`)
    writeFileSync(join(folder, 'config.json'), '[]')
    expect(refused()).toMatchInlineSnapshot(`"DataError: ./config.json: expected a JSON object"`)
    writeFileSync(join(folder, 'config.json'), '{')
    expect(refused()).toContain('DataError: ./config.json: expected JSON')
    rmSync(join(folder, 'config.json'))
    expect(refused()).toMatchInlineSnapshot(
      `"DataError: ./config.json: cannot read (ENOENT). It is missing: check the path"`,
    )
  })

  test('any other value in a configuration is read or refused, with a DataError', () => {
    for (const name of ['gpt2 untied', 'llama', 'qwen3', 'bert, padding']) {
      writeCase(name)
      const { config } = hubCase(name)
      const keys = [...Object.keys(config), 'rope_scaling', 'rope_parameters', 'layer_types', 'head_dim', 'id2label']
      const value = fc.oneof(fc.jsonValue(), fc.integer(), fc.constantFrom(1e9, 1e15, 1e300, '', [], {}))
      const change = fc.dictionary(fc.constantFrom(...keys), value, { minKeys: 1, maxKeys: 2 })
      fc.assert(
        fc.property(change, (fields) => {
          write('config.json', { ...config, ...fields })
          try {
            readModel(folder).close()
          } catch (error) {
            expect(error).toBeInstanceOf(DataError)
          }
        }),
        { seed: 1, numRuns: 300 },
      )
    }
  })
})

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Tokenizer } from '../../data/tokenizer/tokenizer.ts'
import { OptionError } from '../../errors.ts'
import { writeAtomic } from '../../files/atomic.ts'
import { diskError } from '../../files/disk.ts'
import { displayJson, type JsonObject } from '../../files/json.ts'
import { writeSafetensorsFile } from '../../files/safetensors-stream.ts'
import type { Layer } from '../../graph/scope.ts'
import { specOf } from '../../models/spec.ts'
import { choose } from '../../nn/options.ts'
import type { HostTensor } from '../../tensor.ts'
import { type CacheAxes, decoderOnnx } from '../generation/decoder-onnx.ts'
import { merged } from '../merge.ts'
import { familyOfNet } from './families/table.ts'
import { hubWeights } from './write-weights.ts'

/** A folder that others read: Transformers.js (ONNX with a cache), or Hugging Face's transformers (safetensors). */
export type FolderFormat = 'transformers.js' | 'hugging-face'

/** A trained net as a folder is made of it. */
export interface Exported {
  readonly net: Layer
  /** Longest sequence, in tokens. */
  readonly context: number
  /** Trained tensors and running statistics, by path. */
  readonly weights: Readonly<Record<string, HostTensor>>
  readonly tokenizer: Tokenizer | null
  /** Tokens that end a text. */
  readonly ends: readonly number[]
  readonly metadata: Readonly<Record<string, string>>
}

/** The configuration of the net's family; of any other net that of a Llama with the same cache, which is all that is read. */
function configFor({ net, context }: Exported, caches: readonly CacheAxes[], vocabulary: number): JsonObject {
  const own = specOf(net) ?? { name: 'custom', options: {} }
  try {
    return familyOfNet(own).config(own, context)
  } catch (error) {
    if (!(error instanceof OptionError)) throw error
  }
  const [{ heads, size }] = caches as [CacheAxes]
  if (caches.some((cache) => cache.heads !== heads || cache.size !== size))
    throw new OptionError('export: Transformers.js needs heads of one number and size in all layers')
  return {
    model_type: 'llama',
    architectures: ['LlamaForCausalLM'],
    num_hidden_layers: caches.length / 2,
    num_attention_heads: heads,
    num_key_value_heads: heads,
    head_dim: size,
    hidden_size: heads * size,
    max_position_embeddings: context,
    vocab_size: vocabulary,
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw diskError('write', folder, error)
  }
}

/** The files that tell others how text becomes tokens and where it ends. */
function textFiles({ tokenizer, ends, context }: Exported): Record<string, JsonObject> {
  if (tokenizer === null) return {}
  const { separator } = tokenizer
  const [end = separator] = ends
  const pad = end ?? 0 // any token serves: nothing attends to it
  const special = end === null ? {} : { eos_token: tokenizer.decode([end]) }
  const ids = end === null ? {} : { eos_token_id: ends.length > 1 ? [...ends] : end, bos_token_id: end }
  const surrounded = (tokenizer.withSpecialTokens?.('') ?? []).length > 0
  return {
    'tokenizer.json': tokenizer.toJson(),
    'tokenizer_config.json': {
      tokenizer_class: 'PreTrainedTokenizerFast',
      model_max_length: context,
      clean_up_tokenization_spaces: false,
      padding_side: 'left',
      pad_token: tokenizer.decode([pad]),
      ...special,
      ...(surrounded ? { add_bos_token: true } : {}),
    },
    'generation_config.json': { ...ids, pad_token_id: pad, max_length: context },
  }
}

function writeJson(folder: string, files: Readonly<Record<string, JsonObject>>): void {
  for (const [name, content] of Object.entries(files)) writeAtomic(join(folder, name), `${displayJson(content, 2)}\n`)
}

/** Weights of the net, tied ones once, as a folder of Hugging Face names them. */
function writeHuggingFace(folder: string, exported: Exported): void {
  const { net, context, weights, metadata } = exported
  const spec = specOf(net)
  if (spec === null)
    throw new OptionError('export: a net of your own is in no family of transformers; export it as ONNX')
  const sized = { ...spec, options: { context, ...spec.options } } // a net that leaves it open took it from its data
  const config = familyOfNet(sized).config(sized, context)
  const sources = hubWeights(sized, (path) => weights[path]!.data as Float32Array)
  writeSafetensorsFile(join(folder, 'model.safetensors'), sources, { format: 'pt', ...metadata })
  writeJson(folder, { ...textFiles(exported), 'config.json': config })
}

function writeTransformersJs(folder: string, exported: Exported): void {
  const { net, context, weights, metadata, tokenizer } = exported
  const { model, caches, vocabulary } = decoderOnnx(net, { context, weights, metadata })
  const config = configFor(exported, caches, vocabulary)
  const known = { 'transformers.js_config': { dtype: 'fp32' } }
  if (tokenizer !== null && tokenizer.vocabulary > vocabulary)
    throw new OptionError(`export: the tokenizer has ${tokenizer.vocabulary} tokens, the net ${vocabulary}`)
  makeFolder(join(folder, 'onnx'))
  writeAtomic(join(folder, 'onnx', 'model.onnx'), model)
  writeJson(folder, { ...textFiles(exported), 'config.json': { ...config, ...known } })
}

const writers: Readonly<Record<FolderFormat, (folder: string, exported: Exported) => void>> = {
  'transformers.js': writeTransformersJs,
  'hugging-face': writeHuggingFace,
}

/**
 * Writes a trained net, its adapters merged, into a folder, which may exist: `transformers.js` makes `onnx/model.onnx`
 * with key/value cache, `hugging-face` `model.safetensors` under the names of its family, both with `config.json` and, of
 * text, `generation_config.json`, `tokenizer_config.json` and `tokenizer.json`.
 *
 * Throws OptionError for a net that the format cannot hold, DataError where the disk refuses.
 */
export function exportFolder(format: FolderFormat, folder: string, exported: Exported): void {
  const write = choose('exportFolder', writers, format)
  makeFolder(folder)
  const plain = { ...exported, ...merged(exported, { dtype: 'int32', shape: [1] }) }
  write(folder, plain)
}

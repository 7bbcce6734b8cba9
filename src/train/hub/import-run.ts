import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { clock } from '../../clock.ts'
import { readTokenizer } from '../../data/tokenizer/read.ts'
import type { Tokenizer } from '../../data/tokenizer/tokenizer.ts'
import { DataError, OptionError } from '../../errors.ts'
import { discard, syncFolder, temporaryName } from '../../files/atomic.ts'
import { diskError } from '../../files/disk.ts'
import { type JsonObject, parseJson } from '../../files/json.ts'
import type { WeightSource } from '../../files/safetensors-stream.ts'
import { trace } from '../../graph/scope.ts'
import type { ModelSpec } from '../../models/spec.ts'
import { modelOf } from '../../models/table.ts'
import { type HostTensor, sizeOf, type TensorType } from '../../tensor.ts'
import { writeFirstCheckpoint } from '../files/first-checkpoint.ts'
import { createRun } from '../files/run-folder.ts'
import { start } from '../session.ts'
import { versions } from '../versions.ts'
import { families } from './families/table.ts'
import { type HubModel, readModel } from './read-model.ts'

/** Longest example of an imported run, in tokens: its mask is a constant of training graphs. Writing goes by the net's context. */
const mostTokens = 1024

export interface ImportOptions {
  /** The run folder to make; it must not exist, or be empty. */
  readonly run: string
  /** Called for every parameter that was read, with the number read so far. */
  readonly onProgress?: (parameters: number) => void
}

/** What was found and is a run now. */
export interface Imported {
  readonly run: string
  /** `model_type` of the family that the net is exported as; null for none. */
  readonly family: string | null
  readonly spec: ModelSpec
  readonly parameters: number
  /** Longest sequence, in tokens. */
  readonly context: number
  /** Null where no `tokenizer.json` lies beside the weights. */
  readonly tokenizer: Tokenizer | null
  /** Tokens that end a text. */
  readonly ends: readonly number[]
}

/** What the net is trained for, as far as its outputs tell. */
function targetsOf(spec: ModelSpec, inputs: TensorType): { readonly loss: string; readonly targets: TensorType } {
  const { output } = trace(modelOf(spec), inputs.dtype, [1, ...inputs.shape])
  const shape = output.shape.slice(1)
  if (spec.name === 'bert' && (spec.options.outputs ?? 'hidden') === 'hidden')
    return { loss: 'meanSquaredError', targets: { dtype: 'float32', shape } }
  return { loss: 'crossEntropy', targets: { dtype: 'int32', shape: shape.slice(0, -1) } }
}

/** The tokenizer beside the weights; its separator is the first token that ends a text where it names none itself. */
function tokenizerOf({ tokenizer: json, tokens, spec }: HubModel, where: string): Tokenizer | null {
  if (json === null) return null
  const tokenizer = readTokenizer(parseJson(json, where), where)
  const { vocabulary } = spec.options as { readonly vocabulary: number }
  if (tokenizer.vocabulary > vocabulary)
    throw new DataError(`${where}: expected at most the ${vocabulary} tokens of the net, got ${tokenizer.vocabulary}`)
  return { ...tokenizer, separator: tokenizer.separator ?? tokens.eos[0] ?? null }
}

function configOf(path: string, model: HubModel, tokenizer: Tokenizer | null): JsonObject {
  const { spec, context, tokens } = model
  const inputs: TensorType = { dtype: 'int32', shape: [Math.min(context, mostTokens)] }
  const { loss, targets } = targetsOf(spec, inputs)
  const text = tokenizer && { tokenizer: tokenizer.name, separator: tokenizer.separator, ends: [...tokens.eos] }
  const config = {
    model: modelOf(spec).spec,
    inputs,
    targets,
    loss,
    metrics: {},
    optimizer: { name: 'none' },
    seed: 0,
    train: basename(path),
    imported: path,
    ...(text === null ? {} : { text }),
  }
  return JSON.parse(JSON.stringify(config)) as JsonObject
}

/** All parameters, float32; each is given up once it is written. */
function sourcesOf(model: HubModel, onProgress: (parameters: number) => void): WeightSource[] {
  const tensors = new Map<string, HostTensor>()
  let parameters = 0
  for (const [path, tensor] of model.tensors()) {
    tensors.set(path, tensor)
    parameters += tensor.data.length
    onProgress(parameters)
  }
  return Array.from(tensors, ([name, { shape }]) => ({
    name,
    shape,
    read: () => {
      const { data } = tensors.get(name)!
      tensors.delete(name)
      return data as Float32Array
    },
  }))
}

function needFree(run: string): void {
  if (!existsSync(run) || readdirSync(run).length === 0) return
  throw new OptionError(`${run}: expected no such folder or an empty one. Choose another as run`)
}

/**
 * Makes a run, at step 0 and without a past, of a published model: a Hugging Face folder or a `.gguf` file. It appears
 * whole, and `load`, `loadText` and `finetune` take it.
 *
 * Throws DataError as `readModel` does, for a weight that is not finite and for a tokenizer with more tokens than the net;
 * OptionError where `run` is in use.
 */
export function importRun(path: string, { run, onProgress = () => undefined }: ImportOptions): Imported {
  needFree(run)
  const model = readModel(path)
  const temporary = join(dirname(run), temporaryName())
  try {
    const { spec, context, tokens } = model
    const folder = path.endsWith('.gguf') ? dirname(path) : path
    const tokenizer = tokenizerOf(model, join(folder, 'tokenizer.json'))
    const sources = sourcesOf(model, onProgress)
    const parameters = sources.reduce((total, { shape }) => total + sizeOf(shape), 0)
    mkdirSync(dirname(run), { recursive: true })
    const begun = createRun(temporary, {
      config: configOf(path, model, tokenizer),
      run: { id: basename(run), seed: 0, versions: versions() },
      now: clock.date,
      tokenizer: tokenizer && model.tokenizer,
    })
    try {
      writeFirstCheckpoint(temporary, sources, { ...start, cursor: { ...start.cursor } })
      begun.writeSummary({ state: 'done', step: 0, parameters, imported: path })
      begun.setState('done')
    } finally {
      begun.close()
    }
    renameSync(temporary, run)
    syncFolder(dirname(run))
    const family = families.find((one) => one.refuses(spec) === null)?.type ?? null
    return { run, family, spec, parameters, context, tokenizer, ends: tokens.eos }
  } catch (error) {
    discard(temporary)
    throw diskError('write', run, error)
  } finally {
    model.close()
  }
}

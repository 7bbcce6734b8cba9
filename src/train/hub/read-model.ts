import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { array, int, looseObject, string } from 'zod'
import { DataError, OptionError, ShapeError } from '../../errors.ts'
import { readText } from '../../files/disk.ts'
import { openGguf } from '../../files/gguf.ts'
import { checkJson, duplicateKey, isJsonObject, type JsonObject, parseJson, quote } from '../../files/json.ts'
import { openWeights } from '../../files/open-weights.ts'
import type { Weights } from '../../files/weights.ts'
import { trace } from '../../graph/scope.ts'
import type { ModelSpec } from '../../models/spec.ts'
import { modelOf } from '../../models/table.ts'
import type { HostTensor, Shape, TensorType } from '../../tensor.ts'
import type { Described } from './families/family.ts'
import { familyOfConfig } from './families/table.ts'
import { type TextTokens, textTokens } from './generation.ts'
import { describeGguf, ggufTokens } from './gguf-config.ts'
import { matchWeights, readParameters } from './stored-weights.ts'
import { storedTensors, type WeightTable } from './weight-table.ts'

/** A published model, its tensors still on disk. */
export interface HubModel extends Described {
  /** One example of what the net reads, at its longest. */
  readonly inputs: TensorType
  /** The text of the `tokenizer.json` beside it, where there is one. */
  readonly tokenizer: string | null
  readonly tokens: TextTokens
  /** All parameters by path, read from one tensor of the file at a time. Throws DataError for what a file may hold wrong. */
  tensors(): Generator<[path: string, tensor: HostTensor], void>
  /** Closes the files. */
  close(): void
}

function readJsonObject(path: string): JsonObject {
  const content = readText(path)
  const value = parseJson(content, path)
  const twice = duplicateKey(content)
  if (twice !== undefined) throw new DataError(`${path}: the key ${quote(twice)} stands there twice`)
  if (isJsonObject(value)) return value
  throw new DataError(`${path}: expected a JSON object`)
}

const readTextIf = (path: string): string | null => (existsSync(path) ? readText(path) : null)

/** Shapes of a net's parameters by path. Throws OptionError and ShapeError for sizes that do not fit each other. */
export const parameterShapes = (spec: ModelSpec): Map<string, Shape> =>
  new Map(Array.from(trace(modelOf(spec), 'int32', [1, 1]).parameters, ([path, { value }]) => [path, value.shape]))

/** The same of a net that a file describes. Its tensors bound what tracing the net takes. */
function describedShapes(spec: ModelSpec, weights: Weights, where: string): Map<string, Shape> {
  const { layers, headSize = 1 } = spec.options as { readonly layers: number; readonly headSize?: number }
  const count = weights.names.length
  if (layers > count) throw new DataError(`${where}: ${layers} layers, but the file holds ${count} tensors`)
  const rows = weights.names.reduce((most, name) => Math.max(most, weights.type(name).shape[0] ?? 0), 0)
  if (headSize > rows)
    throw new DataError(`${where}: heads of ${headSize} features, but no tensor of the file has more than ${rows} rows`)
  try {
    return parameterShapes(spec)
  } catch (error) {
    if (error instanceof OptionError || error instanceof ShapeError)
      throw new DataError(`${where}: ${error.message}`, { cause: error })
    throw error
  }
}

interface Found extends Described {
  readonly weights: Weights
  readonly table: WeightTable
  readonly tokenizer: string | null
  readonly tokens: TextTokens
}

function modelFrom({ weights, table, spec, context, tokenizer, tokens }: Found, where: string): HubModel {
  const { layers } = spec.options as { readonly layers: number }
  const stored = storedTensors(table, layers, describedShapes(spec, weights, where))
  const files = matchWeights(weights, table, stored, where)
  return {
    spec,
    context,
    inputs: { dtype: 'int32', shape: [context] },
    tokenizer,
    tokens,
    tensors: () => readParameters(weights, table, stored, files),
    close: () => weights.close(),
  }
}

const addedTokens = looseObject({ added_tokens: array(looseObject({ id: int(), content: string() })).optional() })

/** A BERT that tells segments apart by the `[SEP]` of its tokenizer, if that has one. */
function withSeparator(spec: ModelSpec, tokenizer: string | null, where: string): ModelSpec {
  if (spec.name !== 'bert' || tokenizer === null || spec.options.types === 1) return spec
  const { added_tokens: added = [] } = checkJson(parseJson(tokenizer, where), addedTokens, where)
  const separator = added.find(({ content }) => content === '[SEP]')?.id
  return separator === undefined ? spec : { ...spec, options: { ...spec.options, separator } }
}

function readFolder(folder: string): HubModel {
  const path = join(folder, 'config.json')
  const config = readJsonObject(path)
  const family = familyOfConfig(config, path)
  const { spec, context } = family.describe(config, path)
  const generation = join(folder, 'generation_config.json')
  const tokens = textTokens([
    ...(existsSync(generation) ? [[generation, readJsonObject(generation)] as const] : []),
    [path, config],
  ])
  const file = join(folder, 'tokenizer.json')
  const tokenizer = readTextIf(file)
  const weights = openWeights(folder)
  return closedOnError(weights, () => {
    const separated = withSeparator(spec, tokenizer, file)
    return modelFrom({ spec: separated, context, table: family.weights(spec), weights, tokenizer, tokens }, path)
  })
}

function readGguf(path: string): HubModel {
  const weights = openGguf(path)
  return closedOnError(weights, () => {
    const tokenizer = readTextIf(join(dirname(path), 'tokenizer.json'))
    return modelFrom({ ...describeGguf(weights, path), weights, tokenizer, tokens: ggufTokens(weights, path) }, path)
  })
}

function closedOnError<T>(weights: Weights, use: () => T): T {
  try {
    return use()
  } catch (error) {
    weights.close()
    throw error
  }
}

/**
 * The model in a folder of Hugging Face (`config.json` beside safetensors, in one piece or several) or in a `.gguf` file.
 *
 * Everything in the configuration and every tensor is accounted for before a weight is read. Throws DataError for a
 * configuration that means a net other than those of the table of families, and for a tensor that is missing, has another
 * shape or belongs nowhere.
 */
export const readModel = (path: string): HubModel => (path.endsWith('.gguf') ? readGguf(path) : readFolder(path))

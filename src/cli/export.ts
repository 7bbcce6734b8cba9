import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { array, enum as oneOf, int, looseObject, nullable, object, optional, record, string, unknown } from 'zod'
import { DataError, OptionError } from '../errors.ts'
import { discard, temporaryName, writeAtomic } from '../files/atomic.ts'
import { diskError } from '../files/disk.ts'
import { checkJson, type JsonObject } from '../files/json.ts'
import { writeSafetensors } from '../files/safetensors.ts'
import type { ModelSpec } from '../models/spec.ts'
import { choose } from '../nn/options.ts'
import type { EngineOptions } from '../runtime/engine.ts'
import { load } from '../train/compile.ts'
import { readRun } from '../train/files/run-folder.ts'
import type { FolderFormat } from '../train/hub/export-folder.ts'
import type { Model } from '../train/model.ts'
import { checkDecoder } from './check-decoder.ts'
import { type Checked, checkOnnx, type ModelInput } from './check-onnx.ts'
import { addEngineFlags, type EngineFlags, engineOf, jsonFlag } from './options.ts'
import { figure, print, printJson } from './output.ts'

interface Flags extends EngineFlags {
  readonly out: string
  readonly format?: string
  readonly json?: true
}

const examples = `
An ONNX file has an open batch axis, the input 'inputs' and the output 'output'. It is tried in a session of its own
against predict before it takes its name; so is the decoder of Transformers.js, against a short prompt. Adapters are merged
into the weights they belong to, unless they are what is asked for.

Formats:
  onnx             a net as one file (default for a name in .onnx)
  safetensors      its weights under their own names (default for a name in .safetensors)
  adapters         of a fine-tuned run, what was trained beside the frozen weights, as safetensors
  transformers.js  a folder for text generation in @huggingface/transformers: ONNX with a key/value cache, tokenizer
  hugging-face     a folder for Python's transformers: safetensors under its names, config, tokenizer

Examples:
  residua export runs/flowers --out flowers.onnx
  residua export runs/flowers --out flowers.safetensors
  residua export runs/first --format transformers.js --out out/first
  residua export runs/tuned --format adapters --out adapters.safetensors`

/** `residua export`: the trained net, or its weights, in a format that others read. */
export function exportCommand(): Command {
  const command = new Command('export')
    .description('write a trained model as ONNX, as safetensors, or as a folder that others read')
    .argument('<run>', 'run folder')
    .requiredOption('--out <path>', 'file in .onnx or .safetensors, or folder')
    .option('--format <name>', Object.keys(formats).join(', '))
  return addEngineFlags(command).addOption(jsonFlag('the result')).addHelpText('after', examples).action(exportRun)
}

/** What a format makes of a run. */
interface Format {
  /** What its file ends in; null: it is a folder. */
  readonly extension: '.onnx' | '.safetensors' | null
  readonly write: (model: Model, path: string) => Promise<void>
  readonly check?: (path: string, model: Model, input: ModelInput, engine: EngineOptions) => Promise<Checked>
}

const writeFile = (model: Model, path: string): Promise<void> => model.export(path)
const folderOf = (format: FolderFormat): Pick<Format, 'extension' | 'write'> => ({
  extension: null,
  write: (model, path) => model.exportFolder(path, format),
})

async function writeAdapters(model: Model, path: string): Promise<void> {
  if (model.trainedCount === model.parameterCount)
    throw new OptionError('export: the run has no adapters: all its weights were trained; take --format safetensors')
  writeAtomic(
    path,
    writeSafetensors(await model.weights('trained'), { producer: 'residua', model: JSON.stringify(model.spec) }),
  )
}

const formats: Readonly<Record<string, Format>> = {
  onnx: { extension: '.onnx', write: writeFile, check: checkOnnx },
  safetensors: { extension: '.safetensors', write: writeFile },
  adapters: { extension: '.safetensors', write: writeAdapters },
  'transformers.js': { ...folderOf('transformers.js'), check: checkDecoder },
  'hugging-face': folderOf('hugging-face'),
}

function formatOf({ format, out }: Flags): Format {
  if (format !== undefined) {
    const chosen = choose('--format', formats, format)
    const { extension } = chosen
    if (extension === null || out.endsWith(extension)) return chosen
    throw new OptionError(`--out: expected a file that ends in ${extension}, got '${out}'`)
  }
  const [, named] = Object.entries(formats).find(([name]) => out.endsWith(`.${name}`)) ?? []
  if (named !== undefined && named.extension !== null) return named
  throw new OptionError(`--out: expected a file that ends in .onnx or .safetensors, got '${out}'; else give --format`)
}

const configSchema = looseObject({
  inputs: object({ dtype: oneOf(['float32', 'int32']), shape: array(int().positive()) }),
  model: nullable(object({ name: string(), options: record(string(), unknown()) })),
})
const optionsSchema = looseObject({ vocabulary: optional(int().positive()), base: optional(configSchema.shape.model) })

/** Number of tokens of a net, or of the one it is built around. */
function vocabularyOf(spec: ModelSpec | null, where: string): number | null {
  if (spec === null) return null
  const { vocabulary, base = null } = checkJson(spec.options, optionsSchema, where)
  return vocabulary ?? vocabularyOf(base, where)
}

function inputOf(config: JsonObject, where: string): ModelInput {
  const { inputs, model } = checkJson(config, configSchema, where)
  return { ...inputs, vocabulary: vocabularyOf(model, where) }
}

/** Throws where nothing can be written to `out`. */
function needPlace(out: string, { extension }: Format): void {
  if (extension !== null && !existsSync(dirname(out)))
    throw new DataError(`${out}: there is no folder '${dirname(out)}'; create it first`)
  if (extension === null && existsSync(out) && !(statSync(out).isDirectory() && readdirSync(out).length === 0))
    throw new OptionError(`${out}: expected no such folder or an empty one. Choose another as --out`)
}

const sizeOnDisk = (path: string): number =>
  statSync(path).isDirectory()
    ? readdirSync(path).reduce((total, name) => total + sizeOnDisk(join(path, name)), 0)
    : statSync(path).size

async function exportRun(folder: string, flags: Flags): Promise<void> {
  const { out } = flags
  const format = formatOf(flags)
  needPlace(out, format)
  const input = inputOf(readRun(folder).config, `${folder}/config.json`)
  const model = await load(folder, engineOf(flags))
  const unchecked = join(dirname(out), `${temporaryName()}${format.extension ?? ''}`)
  let checked: Checked | null = null
  try {
    mkdirSync(dirname(out), { recursive: true })
    await format.write(model, unchecked)
    checked = (await format.check?.(unchecked, model, input, engineOf(flags))) ?? null
    renameSync(unchecked, out)
  } catch (error) {
    discard(unchecked)
    throw diskError('write', out, error)
  }
  const bytes = sizeOnDisk(out)
  if (flags.json) {
    const place = format.extension === null ? { folder: out } : { file: out }
    printJson({ ...place, bytes, step: model.step, parameters: model.parameterCount, checked })
    return
  }
  print(`${out}: ${bytes} bytes, ${model.parameterCount} parameters, step ${model.step}`)
  if (checked === null) return
  const { batchSizes, promptTokens, largestDifference } = checked
  const tried =
    promptTokens === undefined ? `batches of ${batchSizes.join(' and ')}` : `a prompt of ${promptTokens} tokens`
  print(`checked in a session of its own with ${tried}: at most ${figure(largestDifference)} away from predict`)
}

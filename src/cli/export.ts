import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { array, enum as oneOf, int, looseObject, nullable, object, optional, record, string, unknown } from 'zod'
import { DataError, OptionError } from '../errors.ts'
import { discard, temporaryName, writeAtomic } from '../files/atomic.ts'
import { diskError } from '../files/disk.ts'
import { checkJson, type JsonObject } from '../files/json.ts'
import { writeSafetensors } from '../files/safetensors.ts'
import type { Language } from '../lab/claims/claim.ts'
import type { DataTable } from '../lab/study/export.ts'
import type { ModelSpec } from '../models/spec.ts'
import { choose } from '../nn/options.ts'
import type { EngineOptions } from '../runtime/engine.ts'
import { load } from '../train/compile.ts'
import { readRun } from '../train/files/run-folder.ts'
import type { FolderFormat } from '../train/hub/export-folder.ts'
import type { Model } from '../train/model.ts'
import { checkDecoder } from './check-decoder.ts'
import { type Checked, checkOnnx, type ModelInput } from './check-onnx.ts'
import { csvOf, probeTable, resultTable } from './export-csv.ts'
import { exportWords } from './export-words.ts'
import { addEngineFlags, type EngineFlags, engineOf, jsonFlag, langFlag } from './options.ts'
import { print, printJson } from './output.ts'

interface Flags extends EngineFlags {
  readonly out: string
  readonly format?: string
  readonly lang: Language
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
  csv              the cells of a study, or the steps of a run, one a row (default for a name in .csv)
  probes           what the probes of a run recorded, one value a row, as .csv

A .csv file that exists is not replaced. Its numbers are written in full; a name that begins with = + - or @ gets an
apostrophe before it, so that no spreadsheet takes it for a formula.

Examples:
  residua export runs/flowers --out flowers.onnx
  residua export runs/flowers --out flowers.safetensors
  residua export runs/first --format transformers.js --out out/first
  residua export runs/tuned --format adapters --out adapters.safetensors
  residua export runs/studies/depth-32 --out cells.csv
  residua export runs/first --format probes --out probes.csv`

/** `residua export`: the trained net, its weights, or what was measured, in a format that others read. */
export function exportCommand(): Command {
  const command = new Command('export')
    .description('write a trained model as ONNX, as safetensors, or as a folder that others read; results as CSV')
    .argument('<folder>', 'of a run; as CSV, of a study too')
    .requiredOption('--out <path>', 'file in .onnx, .safetensors or .csv, or folder')
    .option('--format <name>', Object.keys(formats).join(', '))
  return addEngineFlags(command)
    .addOption(langFlag())
    .addOption(jsonFlag('the result'))
    .addHelpText('after', examples)
    .action(exportFolder)
}

/** What a format makes of the net of a run. */
interface ModelFormat {
  /** What its file ends in; null: it is a folder. */
  readonly extension: '.onnx' | '.safetensors' | null
  readonly write: (model: Model, path: string) => Promise<void>
  readonly check?: (path: string, model: Model, input: ModelInput, engine: EngineOptions) => Promise<Checked>
}

/** What a format makes of what was measured. */
interface TableFormat {
  readonly extension: '.csv'
  readonly table: (folder: string) => DataTable
}

type Format = ModelFormat | TableFormat

const writeFile = (model: Model, path: string): Promise<void> => model.export(path)
const folderOf = (format: FolderFormat): Pick<ModelFormat, 'extension' | 'write'> => ({
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
  csv: { extension: '.csv', table: resultTable },
  probes: { extension: '.csv', table: probeTable },
}

function formatOf({ format, out }: Flags): Format {
  if (format !== undefined) {
    const chosen = choose('--format', formats, format)
    const { extension } = chosen
    if (extension === null || out.endsWith(extension)) return chosen
    throw new OptionError(`--out: expected a file that ends in ${extension}, got '${out}'`)
  }
  const named = Object.values(formats).find(({ extension }) => extension !== null && out.endsWith(extension))
  if (named !== undefined) return named
  throw new OptionError(
    `--out: expected a file that ends in .onnx, .safetensors or .csv, got '${out}'; else give --format`,
  )
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
  if (extension === '.csv' && existsSync(out))
    throw new OptionError(`${out}: expected no such file. Choose another as --out`)
}

const sizeOnDisk = (path: string): number =>
  statSync(path).isDirectory()
    ? readdirSync(path).reduce((total, name) => total + sizeOnDisk(join(path, name)), 0)
    : statSync(path).size

async function exportFolder(folder: string, flags: Flags): Promise<void> {
  const format = formatOf(flags)
  needPlace(flags.out, format)
  if ('table' in format) exportTable(format.table(folder), flags)
  else await exportModel(folder, format, flags)
}

function exportTable(table: DataTable, { out, lang, json }: Flags): void {
  const { columns, rows, missing } = table
  writeAtomic(out, csvOf(table))
  if (json) {
    printJson({ file: out, bytes: sizeOnDisk(out), columns, rows: rows.length, missing })
    return
  }
  const say = exportWords[lang]
  print(`${out}: ${say.table(rows.length, columns.length)}`)
  if (missing > 0) print(say.missing(missing))
}

async function exportModel(folder: string, format: ModelFormat, flags: Flags): Promise<void> {
  const { out, lang, json } = flags
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
  if (json) {
    const place = format.extension === null ? { folder: out } : { file: out }
    printJson({ ...place, bytes, step: model.step, parameters: model.parameterCount, checked })
    return
  }
  const say = exportWords[lang]
  print(`${out}: ${say.model(bytes, model.parameterCount, model.step)}`)
  if (checked !== null) print(say.checked(checked))
}

/** Where `--data` leads: MNIST, Fashion-MNIST, a CSV file, or for language models a text. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { array, nullable, strictObject, string, type ZodType } from 'zod'
import { type CsvOptions, parseCsv, type Table } from '../data/csv.ts'
import { type Dataset, split } from '../data/dataset.ts'
import { fashionMnist } from '../data/fashion-mnist.ts'
import { readBytes } from '../data/file.ts'
import { mnist, type SourceOptions, type TrainAndTest } from '../data/mnist.ts'
import type { Tokenizer } from '../data/tokenizer/tokenizer.ts'
import { DataError, OptionError } from '../errors.ts'
import type { ImageOptions } from '../nn/image.ts'
import { choose } from '../nn/options.ts'
import { firstLine, isNumber, maxTableBytes } from './rows.ts'
import { openText, type TextNote, type TextRequest } from './text-source.ts'

export const tasks = ['classify', 'regress'] as const
export type Task = (typeof tasks)[number]

/** What a run remembers of its CSV file. */
export interface TableNote {
  readonly sha256: string
  readonly target: string
  readonly features: readonly string[]
  /** Names of the classes by index; null where the target is a number. */
  readonly labels: readonly string[] | null
}

export const tableNoteSchema: ZodType<TableNote> = strictObject({
  sha256: string(),
  target: string(),
  features: array(string()),
  labels: nullable(array(string())),
})

/** Data to train on and to measure with. */
export interface Source {
  readonly train: Dataset
  /** Examples that training does not see; null where none were held out. */
  readonly heldOut: Dataset | null
  readonly task: Task
  /** Outputs that a net needs: one per class or token, or one number. */
  readonly outputs: number
  /** Sizes of an example that is an image; else null. */
  readonly image: ImageOptions | null
  readonly table: TableNote | null
  readonly text?: TextNote
}

/** What tells the data of a run from others. */
export type SourceNote = Pick<Source, 'table' | 'text'>

export interface SourceRequest {
  readonly data: string
  /** Where the files of a named data set lie; null: in its npm package. */
  readonly dataFolder: string | null
  /** Null: decided by the target column. */
  readonly task: Task | null
  /** Share of a CSV file or a text that is held out; null: a fifth of a file, a tenth of a text. */
  readonly holdOut: number | null
  readonly seed: number
  /** What language models read. */
  readonly gpt?: TextRequest['gpt']
}

type Open = (options?: SourceOptions) => Promise<TrainAndTest>
const named: Readonly<Record<string, Open>> = { mnist, 'fashion-mnist': fashionMnist }

/** What the named data sets hold. */
const image: ImageOptions = { channels: 1, height: 28, width: 28 }

const isNamed = (data: string): boolean => Object.hasOwn(named, data) || !/[./\\:]/.test(data)

/** A short name for run folders. */
export const dataName = (data: string): string =>
  (splitPath(data).path.split(/[\\/]/).at(-1) ?? '').replace(/\.[^.]*$/, '').replace(/[^\w-]+/g, '-') || 'data'

/** `file.csv:target`; a file whose own name holds the colon comes first. */
function splitPath(data: string): { path: string; target: string | undefined } {
  const [, path, target] = existsSync(data) ? [] : (/^(.+):([^:\\/]+)$/.exec(data) ?? [])
  return { path: path ?? data, target }
}

/** Whole numbers with more different values than this are quantities, not classes. */
const mostNumericClasses = 20

const looksLikeClasses = (labels: readonly string[]): boolean =>
  labels.some((label) => !isNumber(label)) ||
  (labels.length <= mostNumericClasses && labels.every((label) => /^\d+$/.test(label)))

interface ReadTable {
  readonly table: Table
  readonly target: string
  readonly sha256: string
}

async function readTable(path: string, asked: string | undefined, task: Task | null): Promise<ReadTable> {
  const bytes = await readBytes(path, maxTableBytes)
  const first = firstLine(bytes, path)
  const header = !first.every(isNumber)
  const target = asked ?? (header ? first.at(-1) : String(first.length - 1)) ?? ''
  const options: CsvOptions = { target, header, classes: true }
  const classes = task === 'regress' ? null : parseCsv(bytes, path, options)
  const classify = classes !== null && (task === 'classify' || looksLikeClasses(classes.labels ?? []))
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (classify) return { table: classes, target, sha256 }
  const numbers = parseCsv(bytes, path, { ...options, classes: false })
  return { table: { ...numbers, targets: { ...numbers.targets, shape: [1] } }, target, sha256 }
}

/** The text of a language model: its outputs are the tokens. */
async function textSource(request: TextRequest, tokenizer?: Tokenizer): Promise<Source> {
  const { train, validation, vocabulary, note } = await openText(request, tokenizer)
  return { train, heldOut: validation, task: 'classify', outputs: vocabulary, image: null, table: null, text: note }
}

/**
 * Opens the data of a training; `tokenizer` stands in for the one that the request names. Throws OptionError for an
 * unknown name or target, DataError for a bad file.
 */
export async function openSource(request: SourceRequest, tokenizer?: Tokenizer): Promise<Source> {
  const { data, dataFolder, task, holdOut, seed, gpt } = request
  if (gpt) return textSource({ data, dataFolder, holdOut, gpt }, tokenizer)
  if (isNamed(data)) {
    const open = choose('--data', named, data)
    const { train, test } = await open(dataFolder === null ? {} : { folder: dataFolder })
    if (task === 'regress') throw new OptionError(`--task: ${data} has classes, it cannot be a regression`)
    return { train, heldOut: test, task: 'classify', outputs: train.classes ?? 0, image, table: null }
  }
  if (dataFolder !== null) throw new OptionError(`--data-folder: it is of mnist and fashion-mnist, got ${data}`)
  const { path, target: asked } = splitPath(data)
  const { table, target, sha256 } = await readTable(path, asked, task)
  const labels = table.labels ?? null
  const share = holdOut ?? 0.2
  const [train, heldOut] = share > 0 ? split(table, 1 - share, seed) : [table, null]
  return {
    train,
    heldOut,
    task: labels ? 'classify' : 'regress',
    outputs: labels?.length ?? 1,
    image: null,
    table: { sha256, target, features: table.features, labels },
  }
}

/** The data of a run that went before. Throws DataError where its file was changed since. */
export async function reopenSource(
  request: SourceRequest,
  { table, text }: SourceNote,
  tokenizer?: Tokenizer,
): Promise<Source> {
  const source = await openSource(request, tokenizer)
  if (source.table?.sha256 !== table?.sha256 || source.text?.sha256 !== text?.sha256) {
    throw new DataError(`${request.data}: it was changed since the run began. Restore the file, or start a new run`)
  }
  return source
}

/** All examples of a CSV file, or the test examples of a named set, with classes numbered as in a run. */
export async function openExamples(data: string, recorded: TableNote | null, task: Task): Promise<Dataset> {
  if (isNamed(data)) return (await choose('--data', named, data)()).test
  const { path, target } = splitPath(data)
  const { table } = await readTable(path, target ?? recorded?.target, task)
  if (recorded && table.features.join('\n') !== recorded.features.join('\n')) {
    throw new DataError(
      `${path}: expected the columns ${recorded.features.join(', ')} of the training, got ${table.features.join(', ')}`,
    )
  }
  return recorded?.labels && table.labels ? relabelled(table, table.labels, recorded.labels) : table
}

/** Classes get the numbers they had in training. */
function relabelled(table: Table, labels: readonly string[], trained: readonly string[]): Dataset {
  const index = labels.map((label) => trained.indexOf(label))
  const unknown = labels[index.indexOf(-1)]
  if (unknown !== undefined) {
    throw new DataError(`${table.name}: expected the classes ${trained.join(', ')} of the training, got ${unknown}`)
  }
  const { targets } = table
  const gather: typeof targets.gather = (rows, into) => {
    targets.gather(rows, into)
    into.forEach((label, at) => (into[at] = index[label]!))
  }
  return { ...table, targets: { ...targets, gather }, classes: trained.length }
}

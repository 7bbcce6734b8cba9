import { Command } from 'commander'
import type { Dataset } from '../data/dataset.ts'
import type { Tokenizer } from '../data/tokenizer/tokenizer.ts'
import { OptionError } from '../errors.ts'
import { load } from '../train/compile.ts'
import { LanguageModel } from '../train/language-model.ts'
import { addEngineFlags, type EngineFlags, engineOf, jsonFlag } from './options.ts'
import { pairs, print, printJson } from './output.ts'
import { readTrainedRun, type TrainedRun } from './run.ts'
import { openExamples, reopenSource } from './source.ts'
import { openHeldOut } from './text-source.ts'

interface Flags extends EngineFlags {
  readonly data?: string
  readonly json?: true
}

const examples = `
Examples:
  residua eval runs/flowers
  residua eval runs/flowers --data more-flowers.csv --json
  residua eval runs/first
  residua eval runs/first --data another-book.txt

A language model is measured in nats per token (loss, or crossEntropy where the loss has more in it), bits per byte of the
text, and perplexity.`

/** `residua eval`: loss and metrics of a run's model. */
export function evalCommand(): Command {
  const command = new Command('eval')
    .description('measure loss and metrics of a trained model')
    .argument('<run>', 'run folder')
    .option(
      '--data <source>',
      'mnist, fashion-mnist or file.csv[:column]; of a language model what train gpt takes (default: what the training held out)',
    )
  return addEngineFlags(command).addOption(jsonFlag('the figures')).addHelpText('after', examples).action(evaluate)
}

async function evaluate(folder: string, flags: Flags): Promise<void> {
  const run = readTrainedRun(folder)
  const model = await load(folder, engineOf(flags))
  const dataset = await examplesOf(
    folder,
    run,
    flags.data,
    model instanceof LanguageModel ? model.tokenizer : undefined,
  )
  const measured = await model.evaluate(dataset)
  const figures = { run: folder, step: model.step, data: dataset.name, examples: dataset.size, ...measured }
  if (flags.json) printJson(figures)
  else print(pairs(figures))
}

async function examplesOf(
  folder: string,
  { note, classifies, features }: TrainedRun,
  data: string | undefined,
  tokenizer: Tokenizer | undefined,
): Promise<Dataset> {
  if (data !== undefined && tokenizer) return openHeldOut(data, tokenizer, features)
  if (data !== undefined) return openExamples(data, note?.table ?? null, classifies ? 'classify' : 'regress')
  if (note === null) throw new OptionError(`${folder}: the run does not say which data it held out; give --data`)
  const { heldOut } = await reopenSource(note.settings, note, tokenizer)
  if (heldOut === null) throw new OptionError(`${folder}: the training held no examples out; give --data`)
  return heldOut
}

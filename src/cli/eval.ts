import { Command } from 'commander'
import { load } from '../train/compile.ts'
import { examplesOf } from './held-out.ts'
import { addEngineFlags, type EngineFlags, engineOf, jsonFlag } from './options.ts'
import { pairs, print, printJson } from './output.ts'

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
  const model = await load(folder, engineOf(flags))
  const dataset = await examplesOf(folder, model, flags.data)
  const measured = await model.evaluate(dataset)
  const figures = { run: folder, step: model.step, data: dataset.name, examples: dataset.size, ...measured }
  if (flags.json) printJson(figures)
  else print(pairs(figures))
}

import { Command } from 'commander'
import { OptionError } from '../errors.ts'
import { load } from '../train/compile.ts'
import { addEngineFlags, type EngineFlags, engineOf, jsonFlag } from './options.ts'
import { pairs, print, printJson } from './output.ts'
import { readTrainedRun, type TrainedRun } from './run.ts'
import { openExamples, reopenSource } from './source.ts'
import type { Dataset } from '../data/dataset.ts'

interface Flags extends EngineFlags {
  readonly data?: string
  readonly json?: true
}

const examples = `
Examples:
  residua eval runs/flowers
  residua eval runs/flowers --data more-flowers.csv --json`

/** `residua eval`: loss and metrics of a run's model. */
export function evalCommand(): Command {
  const command = new Command('eval')
    .description('measure loss and metrics of a trained model')
    .argument('<run>', 'run folder')
    .option('--data <source>', 'mnist, fashion-mnist or file.csv[:column] (default: what the training held out)')
  return addEngineFlags(command).addOption(jsonFlag('the figures')).addHelpText('after', examples).action(evaluate)
}

async function evaluate(folder: string, flags: Flags): Promise<void> {
  const dataset = await examplesOf(folder, readTrainedRun(folder), flags.data)
  const model = await load(folder, engineOf(flags))
  const measured = await model.evaluate(dataset)
  const figures = { run: folder, step: model.step, data: dataset.name, examples: dataset.size, ...measured }
  if (flags.json) printJson(figures)
  else print(pairs(figures))
}

async function examplesOf(folder: string, run: TrainedRun, data: string | undefined): Promise<Dataset> {
  const { note, classifies } = run
  if (data !== undefined) return openExamples(data, note?.table ?? null, classifies ? 'classify' : 'regress')
  if (note === null) throw new OptionError(`${folder}: the run does not say which data it held out; give --data`)
  const { heldOut } = await reopenSource(note.settings, note.table)
  if (heldOut === null) throw new OptionError(`${folder}: the training held no examples out; give --data`)
  return heldOut
}

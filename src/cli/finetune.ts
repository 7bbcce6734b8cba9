import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { Command } from 'commander'
import { OptionError } from '../errors.ts'
import type { JsonObject } from '../files/json.ts'
import { trace } from '../graph/scope.ts'
import type { SpecifiedNet } from '../models/spec.ts'
import { loadText } from '../train/compile.ts'
import { finetune, readPretrained } from '../train/finetune.ts'
import type { Recipe } from '../train/step.ts'
import { addFinetuneFlags, type FinetuneFlags, finetuneSettings, loraOf } from './finetune-flags.ts'
import { addEngineFlags, type EngineFlags, engineOf, jsonFlag } from './options.ts'
import { recipeOf } from './recipe.ts'
import { type Note, readTrainedRun } from './run.ts'
import { evaluateEveryOf, type Settings, stepsOf, stepsPerEpochOf } from './settings.ts'
import { dataName, openSource, reopenSource, type Source } from './source.ts'
import { type OutputFlags, report, runTraining } from './train-run.ts'

interface Flags extends FinetuneFlags, EngineFlags, OutputFlags {
  readonly run?: string
  readonly resume?: string
}

const examples = `
A text is read in the tokens of the run. The result is a run of its own, which every other command takes; with --lora it
holds the weights of the run besides, and export merges the adapters, or writes them alone.

Examples:
  residua finetune runs/smol --lora 8 --data moby-dick --steps 500 --run runs/tuned
  residua finetune runs/smol --lora 16 --alpha 16 --targets 'blocks.*.attention.*' 'blocks.*.mlp.*' --data data/corpus
  residua finetune runs/first --data letters.txt --learning-rate 3e-5 --epochs 3
  residua finetune --resume runs/tuned
  residua export runs/tuned --format adapters --out adapters.safetensors

Ctrl-C finishes the step, stores a checkpoint and ends; a second one ends at once.`

/** `residua finetune`: a new run from the weights of another. */
export function finetuneCommand(): Command {
  const command = new Command('finetune')
    .description('train a language model further, all its weights or adapters, into a run of its own')
    .argument('[run]', 'run folder to begin with: trained here, or imported')
  return addEngineFlags(addFinetuneFlags(command))
    .option('--run <folder>', 'the run folder to make (default: the next free runs/<run>-<data>-<n>)')
    .option('--resume <folder>', 'go on with that fine-tuning, with its settings')
    .addOption(jsonFlag('events and then the summary'))
    .option('--quiet', 'no progress on standard error')
    .addHelpText('after', examples)
    .action(tune)
}

async function tune(from: string | undefined, flags: Flags, command: Command): Promise<void> {
  if (flags.resume !== undefined) {
    needAlone(from, command)
    await resume(flags.resume, flags)
    return
  }
  if (from === undefined) throw new OptionError('finetune: give the run to begin with: residua finetune runs/smol')
  await begin(from, flags)
}

/** What a fine-tuning computes, and how often it evaluates. */
function planOf(
  settings: Settings,
  source: Source,
  net: SpecifiedNet,
): { recipe: Recipe; evaluateEvery: number | null } {
  const { dtype, shape } = source.train.inputs
  const perEpoch = stepsPerEpochOf(settings, source.train, trace(net, dtype, [2, ...shape]))
  const recipe = recipeOf(settings, source, net, stepsOf(settings, perEpoch))
  return { recipe, evaluateEvery: evaluateEveryOf(settings, perEpoch) }
}

async function begin(from: string, flags: Flags): Promise<void> {
  const adapters = loraOf(flags)
  const { net, context, tokenizer } = readPretrained(from)
  const settings = finetuneSettings(flags, net.spec, context)
  const source = await openSource(settings, tokenizer)
  const { train, table, text } = source
  const { recipe, evaluateEvery } = planOf(settings, source, net)
  const note: Note = { settings, table, ...(text && { text }) }
  const model = await finetune(from, {
    ...recipe,
    train,
    ...(adapters === undefined ? {} : { lora: adapters }),
    seed: settings.seed,
    note: JSON.parse(JSON.stringify(note)) as JsonObject,
    ...engineOf(flags),
  })
  const folder = flags.run ?? nextFolder(from, settings)
  await runTraining(model, { folder, settings, source, resume: false, evaluateEvery }, flags, 'finetune')
}

/** The run itself says what its net is, so the one it began with may be gone. */
async function resume(folder: string, flags: Flags): Promise<void> {
  const { note, state } = readTrainedRun(folder)
  if (note?.settings.model !== 'finetune')
    throw new OptionError(`${folder}: it was not begun by 'residua finetune'; try residua train --resume ${folder}`)
  if (state === 'done') {
    report(folder, flags)
    return
  }
  const { settings } = note
  const { net, tokenizer } = readPretrained(folder)
  const source = await reopenSource(settings, note, tokenizer)
  const { recipe, evaluateEvery } = planOf(settings, source, net)
  const { optimizer, recompute } = recipe
  const model = await loadText(folder, {
    ...{ optimizer, train: source.train, ...engineOf(flags) },
    ...(recompute === undefined ? {} : { recompute }),
  })
  await runTraining(model, { folder, settings, source, resume: true, evaluateEvery }, flags, 'finetune')
}

/** What may be said beside `--resume`: nothing that decides what the run computes. */
const withResume = ['resume', 'device', 'threads', 'json', 'quiet']

function needAlone(from: string | undefined, command: Command): void {
  const given = command.options.filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
  const others = given.filter((option) => !withResume.includes(option.attributeName())).map((option) => option.long!)
  const all = from === undefined ? others : [from, ...others]
  if (all.length > 0) throw new OptionError(`finetune: a resumed run keeps its settings; leave out ${all.join(', ')}`)
}

function nextFolder(from: string, { data }: Settings): string {
  const name = `runs/${basename(from)}-${dataName(data)}`
  let n = 1
  while (existsSync(`${name}-${n}`)) n++
  return `${name}-${n}`
}

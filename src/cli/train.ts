import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { OptionError } from '../errors.ts'
import type { SpecifiedNet } from '../models/spec.ts'
import { compile } from '../train/compile.ts'
import type { JsonObject } from '../files/json.ts'
import type { Model } from '../train/model.ts'
import { addEngineFlags, type EngineFlags, engineOf, jsonFlag } from './options.ts'
import { recipeOf } from './recipe.ts'
import { type Note, readTrainedRun } from './run.ts'
import { evaluateEveryOf, type Settings, stepsOf, stepsPerEpochOf } from './settings.ts'
import { dataName, openSource, reopenSource } from './source.ts'
import { addTrainFlags, settingsOf, type TrainFlags } from './train-flags.ts'
import { models, netOf } from './train-models.ts'
import { type Job, type OutputFlags, report, runTraining } from './train-run.ts'

interface Flags extends TrainFlags, EngineFlags, OutputFlags {
  readonly run?: string
  readonly resume?: string | true
}

/** What may be said beside `--resume`: nothing that decides what the run computes. */
const withResume = ['run', 'resume', 'device', 'threads', 'json', 'quiet']

const examples = `
Examples:
  residua train mlp --data mnist --depth 8 --width 64 --epochs 2
  residua train mlp --data flowers.csv:species --steps 500 --run runs/flowers
  residua train mlp --data mnist --wiring '{"skip":"none","norm":"layer","placement":"post"}'
  residua train resnet --data fashion-mnist --depth 20 --probe-every 50 --probes all
  residua train gpt --data moby-dick --sample-every 500 --prompt 'Call me'
  residua train gpt --data data/corpus --layers 6 --heads 6 --width 384 --context 256 --run runs/first
  residua train gpt --data 'books/*.txt' --tokenizer bpe:4096 --positions learned --feed-forward plain --bias --tied \\
    --activation geluTanh --wiring '{"norm":"layer","init":"gpt2"}'
  residua train --resume runs/flowers

Ctrl-C finishes the step, stores a checkpoint and ends; a second one ends at once.`

/** `residua train`: trains a model into a run folder, or goes on with one. */
export function trainCommand(): Command {
  const command = new Command('train')
    .description('train a model into a run folder, or go on with one')
    .argument('[model]', Object.keys(models).join(', '))
  return addEngineFlags(addTrainFlags(command))
    .option('--run <folder>', 'the run folder (default: the next free runs/<model>-<data>-<n>)')
    .option('--resume [folder]', 'go on with that run, with its settings')
    .addOption(jsonFlag('events and then the summary'))
    .option('--quiet', 'no progress on standard error')
    .addHelpText('after', examples)
    .action(train)
}

/** What a training starts from. */
type Start = Omit<Job, 'evaluateEvery'>

async function train(name: string | undefined, flags: Flags, command: Command): Promise<void> {
  const job = flags.resume === undefined ? await newJob(name, flags) : await oldJob(name, flags, command)
  if (job.resume && readTrainedRun(job.folder).state === 'done') {
    report(job.folder, flags)
    return
  }
  const planned = planOf(job)
  const model = await compileJob(planned, flags)
  await runTraining(model, planned, flags, 'train')
}

async function newJob(model: string | undefined, flags: Flags): Promise<Start> {
  if (model === undefined) throw new OptionError('train: give the model: residua train mlp --data mnist')
  const settings = settingsOf(model, flags)
  const source = await openSource(settings)
  return { folder: flags.run ?? nextFolder(settings), settings, source, resume: false }
}

/** The settings come from the run alone, or from the whole command said again, which must then agree. */
async function oldJob(model: string | undefined, flags: Flags, command: Command): Promise<Start> {
  const folder = flags.resume === true ? flags.run : flags.resume
  if (folder === undefined) throw new OptionError('train: give the run folder: residua train --resume runs/name')
  const { note } = readTrainedRun(folder)
  if (note === null)
    throw new OptionError(
      `${folder}: it was not begun by 'residua train'. Of an imported run begin residua finetune ${folder}; a fine-tuned one goes on with residua finetune --resume ${folder}; else resume it from its program`,
    )
  const { settings } = note
  if (model === undefined) refuseSettings(command)
  else needSame(folder, settings, settingsOf(model, flags))
  return { folder, settings, source: await reopenSource(settings, note), resume: true }
}

function refuseSettings(command: Command): void {
  const given = command.options.filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
  const settings = given.filter((option) => !withResume.includes(option.attributeName()))
  if (settings.length === 0) return
  const names = settings.map((option) => option.long).join(', ')
  throw new OptionError(`train: a resumed run keeps its settings; leave out ${names}`)
}

function needSame(folder: string, stored: Settings, wanted: Settings): void {
  const flat = ({ gpt, ...rest }: Settings): Record<string, unknown> => ({ ...rest, ...gpt })
  const [old, asked] = [flat(stored), flat(wanted)]
  const text = (value: unknown): string => JSON.stringify(value ?? null)
  const differing = Object.keys({ ...old, ...asked }).filter((key) => text(old[key]) !== text(asked[key]))
  if (differing.length === 0) return
  const list = differing.map((key) => `${key} is ${text(old[key])}, asked for ${text(asked[key])}`).join('; ')
  throw new OptionError(`${folder}: its settings differ: ${list}. Resume with the same, or choose another folder`)
}

function nextFolder({ model, data }: Settings): string {
  const name = `runs/${model}-${dataName(data)}`
  let n = 1
  while (existsSync(`${name}-${n}`)) n++
  return `${name}-${n}`
}

/** A job with its net, and the numbers of steps that follow from both. */
interface Planned extends Job {
  readonly net: SpecifiedNet
  readonly steps: number
}

function planOf(job: Start): Planned {
  const { settings, source } = job
  const { net, traced } = netOf(settings, source)
  const perEpoch = stepsPerEpochOf(settings, source.train, traced)
  return { ...job, net, steps: stepsOf(settings, perEpoch), evaluateEvery: evaluateEveryOf(settings, perEpoch) }
}

function compileJob({ settings, source, net, steps }: Planned, flags: EngineFlags): Promise<Model> {
  const { train, table, text } = source
  const note: Note = { settings, table, ...(text && { text }) }
  return compile<string>(net, {
    ...recipeOf(settings, source, net, steps),
    train,
    seed: settings.seed,
    note: JSON.parse(JSON.stringify(note)) as JsonObject,
    ...engineOf(flags),
  })
}

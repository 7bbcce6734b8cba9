/** The short trainings of `residua advise --check`: what the printed command trains, run as cells of a study. */
import { Command } from 'commander'
import { take } from '../data/dataset.ts'
import { OptionError } from '../errors.ts'
import type { JsonObject } from '../files/json.ts'
import { type ShortTraining, shortTrainer } from '../lab/short-training.ts'
import { directoryStore } from '../lab/study/directory-store.ts'
import type { PoolOptions } from '../lab/study/pool.ts'
import { resolveArm, type Setting, type Training } from '../lab/study/setting.ts'
import type { Task, TaskData } from '../lab/study/task.ts'
import { crossEntropy } from '../nn/loss.ts'
import { classEntropy } from '../train/plateau.ts'
import type { Settings } from './settings.ts'
import { openSource } from './source.ts'
import { spread } from './text-source.ts'
import { addTrainFlags, settingsOf, type TrainFlags } from './train-flags.ts'
import { netOf } from './train-models.ts'

/** What `residua train` makes of arguments, the first of which is 'train'. Throws as commander, and OptionError. */
export function settingsOfCommand(parts: readonly string[]): Settings {
  const command = addTrainFlags(new Command('train').argument('<model>')).exitOverride()
  command.configureOutput({ outputError: () => undefined }).parse(parts.slice(1), { from: 'user' })
  return settingsOf(command.args[0]!, command.opts<TrainFlags>())
}

/** Held-out examples that a short training is measured with. */
const tested = { images: 1000, windows: 256 } as const

/** The task of a command. Throws OptionError for data without classes, whose chance is not known. */
async function taskOf(settings: Settings): Promise<Task> {
  const source = await openSource(settings)
  const { train, heldOut } = source
  const chance = classEntropy(train)
  if (chance === null || heldOut === null)
    throw new OptionError(`advise: --check needs data with classes and a held-out part, got ${settings.data}`)
  const test = settings.gpt ? spread(heldOut, tested.windows) : take(heldOut, Math.min(tested.images, heldOut.size))
  const data: TaskData = { train, test, measures: { loss: { better: 'lower', chance, smallest: 0.02 } } }
  return {
    name: `train ${settings.model}`,
    options: JSON.parse(JSON.stringify(settings)) as JsonObject,
    batchSize: settings.batchSize,
    loss: crossEntropy,
    metrics: {},
    open: () => Promise.resolve(data),
    net: (_, wiring) => netOf({ ...settings, wiring }, source).net,
  }
}

/** What `residua train` uses where nothing is said: that of adamW. */
const weightDecay = 0.01

function cellOf(task: Task, settings: Settings): Setting {
  const { schedule, warmup: warmupSteps, clipNorm, batchSize, learningRate, steps, seed, wiring } = settings
  const training: Training = { schedule: schedule as 'constant', warmupSteps, clipNorm, weightDecay }
  const meaning = resolveArm({ name: 'advised', factors: {} }, task, wiring, training)
  return { task: task.name, ...meaning, batchSize, steps: steps!, learningRate, seed }
}

/** Runs what a command trains for its steps; what `folder` holds of it already is not run again. */
export async function shortTrainingOf(
  parts: readonly string[],
  folder: string,
  options: PoolOptions,
): Promise<ShortTraining> {
  const settings = settingsOfCommand(parts)
  const task = await taskOf(settings)
  const [result] = await shortTrainer(task, directoryStore(folder))([cellOf(task, settings)], options)
  return result!
}

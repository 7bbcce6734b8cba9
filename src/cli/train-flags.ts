/** The options of `residua train`, and the settings they mean. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { OptionError } from '../errors.ts'
import { activationNamed, type ActivationName } from '../nn/activation.ts'
import { choose } from '../nn/options.ts'
import { resolveWiring, type Wiring } from '../nn/wiring/wiring.ts'
import { readText } from '../train/files/disk.ts'
import { parseJson } from '../train/files/json.ts'
import { count, decimal } from './options.ts'
import { rules, schedules } from './optimizer.ts'
import type { Settings } from './settings.ts'
import { tasks, type Task } from './source.ts'

/** Values of the options below, as commander gives them. */
export interface TrainFlags {
  readonly data?: string
  readonly task?: Task
  readonly holdOut: number
  readonly depth: number
  readonly width: number
  readonly hidden?: number
  readonly activation: string
  readonly dropout: number
  readonly wiring: Wiring
  readonly optimizer: string
  readonly learningRate?: number
  readonly schedule: string
  readonly warmup: number
  readonly momentum?: number
  readonly weightDecay?: number
  readonly clipNorm?: number
  readonly epochs?: number
  readonly steps?: number
  readonly batchSize: number
  readonly accumulate: number
  readonly evaluateEvery?: number
  readonly checkpointEvery: number
  readonly probeEvery: number
  readonly earlyStopping?: number
  readonly seed: number
}

const number = (flags: string, text: string, parse: (value: string) => number, preset?: number): Option => {
  const option = new Option(flags, text).argParser(parse)
  return preset === undefined ? option : option.default(preset)
}

const nameIn =
  (flag: string, names: Readonly<Record<string, unknown>>) =>
  (name: string): string => {
    choose(flag, names, name)
    return name
  }

function readActivation(name: string): string {
  activationNamed(name as ActivationName)
  return name
}

/** A wiring as JSON, or `@file` that holds it. */
function readWiring(text: string): Wiring {
  const json = text.startsWith('@') ? readText(text.slice(1)) : text
  let wiring: Wiring
  try {
    wiring = parseJson(json, '--wiring') as Wiring
  } catch {
    throw new InvalidArgumentError(`Expected JSON such as '{"skip":"identity","norm":"layer","placement":"pre"}'.`)
  }
  return resolveWiring(wiring)
}

const fraction = decimal('from 0 to below 1', (value) => value >= 0 && value < 1)
const nonNegative = decimal('>= 0', (value) => value >= 0)
const positive = decimal('> 0', (value) => value > 0)

/** Adds the options that decide what a training computes. */
export function addTrainFlags(command: Command): Command {
  const options = [
    new Option(
      '--data <source>',
      'mnist, fashion-mnist, or a CSV file and its column to predict: file.csv[:column] (default: its last column)',
    ),
    new Option(
      '--task <kind>',
      'for CSV files (default: classify where the column holds words or at most 20 different whole numbers)',
    ).choices(tasks),
    number('--hold-out <share>', 'share of a CSV file that is kept for evaluation', fraction, 0.2),
    number('--depth <n>', 'residual blocks of two layers each', count(1, 10_000), 2),
    number('--width <n>', 'width of the stream', count(1, 65_536), 128),
    number('--hidden <n>', 'width inside the blocks (default: the width)', count(1, 65_536)),
    new Option('--activation <name>', 'relu, gelu, geluTanh, silu, tanh, sigmoid')
      .argParser(readActivation)
      .default('relu'),
    number('--dropout <rate>', 'share of hidden units dropped', fraction, 0),
    new Option('--wiring <json>', 'skip, norm and placement as JSON, or @file')
      .argParser(readWiring)
      .default(resolveWiring({}), 'identity skip, layer norm, pre'),
    new Option('--optimizer <name>', Object.keys(rules).join(', '))
      .argParser(nameIn('--optimizer', rules))
      .default('adamW'),
    number('--learning-rate <rate>', 'highest learning rate (default: 0.001, with sgd 0.01)', positive),
    new Option('--schedule <name>', Object.keys(schedules).join(', '))
      .argParser(nameIn('--schedule', schedules))
      .default('constant'),
    number('--warmup <steps>', 'steps in which the learning rate rises from 0', count(0), 0),
    number('--momentum <m>', 'of sgd (default: 0)', fraction),
    number('--weight-decay <rate>', 'on matrices, never on norms and biases (default: adamW 0.01, sgd 0)', nonNegative),
    number('--clip-norm <limit>', 'largest global norm of the gradient (default: no limit)', positive),
    number('--epochs <n>', 'passes over the data (default: 2)', count(1)),
    number('--steps <n>', 'updates, instead of epochs', count(1)),
    number('--batch-size <n>', 'examples per batch', count(1), 32),
    number('--accumulate <n>', 'batches per update', count(1), 1),
    number(
      '--evaluate-every <steps>',
      'evaluate on the held-out examples (default: after each epoch, at most 20 times)',
      count(1),
    ),
    number('--checkpoint-every <steps>', 'store a checkpoint', count(1), 500),
    number('--probe-every <steps>', 'measure stream and gradient over depth; 0: never', count(0), 0),
    number('--early-stopping <n>', 'end after n evaluations without a lower loss', count(1)),
    number('--seed <n>', 'decides initial values, data order and noise', count(0), 0),
  ]
  for (const option of options) command.addOption(option)
  return command
}

/** The settings that flags mean. Throws OptionError where they contradict each other. */
export function settingsOf(model: string, flags: TrainFlags): Settings {
  const { data, epochs, steps, optimizer } = flags
  if (data === undefined) throw new OptionError('train: give the data: --data mnist, fashion-mnist or a CSV file')
  if (epochs !== undefined && steps !== undefined) throw new OptionError('train: give either --epochs or --steps')
  return {
    model,
    data,
    task: flags.task ?? null,
    holdOut: flags.holdOut,
    depth: flags.depth,
    width: flags.width,
    hidden: flags.hidden ?? flags.width,
    activation: flags.activation,
    dropout: flags.dropout,
    wiring: flags.wiring,
    optimizer,
    learningRate: flags.learningRate ?? choose('--optimizer', rules, optimizer).learningRate,
    schedule: flags.schedule,
    warmup: flags.warmup,
    momentum: flags.momentum ?? null,
    weightDecay: flags.weightDecay ?? null,
    clipNorm: flags.clipNorm ?? null,
    epochs: steps === undefined ? (epochs ?? 2) : null,
    steps: steps ?? null,
    batchSize: flags.batchSize,
    accumulate: flags.accumulate,
    evaluateEvery: flags.evaluateEvery ?? null,
    checkpointEvery: flags.checkpointEvery,
    probeEvery: flags.probeEvery,
    earlyStopping: flags.earlyStopping ?? null,
    seed: flags.seed,
  }
}

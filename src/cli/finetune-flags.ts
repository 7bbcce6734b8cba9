/** The options of `residua finetune`, and the settings they mean. */
import { Command } from 'commander'
import { OptionError } from '../errors.ts'
import type { ModelSpec } from '../models/spec.ts'
import type { GptOptions } from '../models/gpt.ts'
import type { LoraOptions } from '../nn/lora.ts'
import { trunkOf } from '../train/hub/net.ts'
import { count } from './options.ts'
import type { Settings } from './settings.ts'
import { addTrainFlags, settingsOf, type TrainFlags } from './train-flags.ts'
import type { NetFlags } from './train-models.ts'
import { parsed, positive } from './train-option.ts'

/** Values of the options below, as commander gives them. */
export interface FinetuneFlags extends TrainFlags {
  readonly lora?: number | true
  readonly alpha?: number
  readonly targets?: readonly string[]
}

/** Options of `residua train` that mean the same here: those that say nothing of the net. */
const shared: readonly (keyof TrainFlags)[] = [
  ...(['data', 'dataFolder', 'holdOut', 'context', 'zLoss', 'recompute', 'evaluateOn'] as const),
  ...(['sampleEvery', 'prompt', 'sampleTokens', 'optimizer', 'learningRate', 'schedule', 'warmup'] as const),
  ...(['momentum', 'weightDecay', 'clipNorm', 'epochs', 'steps', 'batchSize', 'accumulate'] as const),
  ...(['evaluateEvery', 'checkpointEvery', 'probeEvery', 'probes', 'earlyStopping', 'seed'] as const),
]

/** What is said otherwise here. */
const texts: Partial<Record<keyof TrainFlags, string>> = {
  data: 'moby-dick, brown, a corpus prepared with the tokenizer of the run, or a text file, folder or glob',
  context: 'tokens of an example (default: 128, at most what the run takes)',
  learningRate: 'highest learning rate (default: 0.0001, of adapters 0.001)',
  schedule: 'constant, cosine, linear (default: cosine)',
  warmup: 'steps in which the learning rate rises from 0 (default: 100, at most a tenth of the steps)',
  clipNorm: 'largest global norm of the gradient; 0: no limit (default: 1)',
  epochs: 'passes over the data, instead of steps',
  steps: 'updates (default: 2000)',
  batchSize: 'examples per batch (default: 8)',
}

/** Adds the options that decide what a fine-tuning computes. */
export function addFinetuneFlags(command: Command): Command {
  command
    .addOption(parsed('--lora [rank]', 'train adapters of this rank and leave the weights as they are', count(1)))
    .addOption(parsed('--alpha <a>', 'what adapters add is multiplied by alpha / rank (default: 2 rank)', positive))
    .option(
      '--targets <patterns...>',
      "linear layers that get an adapter, such as 'blocks.*.attention.*'; all: those of every block (default: queries and values)",
    )
  for (const option of addTrainFlags(new Command()).options) {
    const name = option.attributeName() as keyof TrainFlags
    if (!shared.includes(name)) continue
    option.description = texts[name] ?? option.description.replace(/^gpt: /, '')
    command.addOption(option)
  }
  return command
}

/** The adapters that are asked for, if any. */
export function loraOf({ lora, alpha, targets }: FinetuneFlags): LoraOptions | undefined {
  if (lora === undefined) {
    if (alpha === undefined && targets === undefined) return undefined
    throw new OptionError('finetune: --alpha and --targets say what adapters are; give --lora')
  }
  return {
    ...(lora === true ? {} : { rank: lora }),
    ...(alpha === undefined ? {} : { alpha }),
    ...(targets === undefined ? {} : { targets: targets.join() === 'all' ? 'all' : targets }),
  }
}

/** A net as the flags of `residua train gpt` would say it. */
function flagsOf({ options }: ModelSpec): NetFlags {
  const { layers, softcap, tied = false, ...trunk } = options as unknown as GptOptions
  const { width, heads, keyValueHeads: kvHeads, headSize, hidden, dropout, wiring, ...net } = trunkOf(trunk)
  return {
    ...{ layers, width, heads, kvHeads, headSize, hidden, dropout, wiring },
    ...{ activation: net.activation, feedForward: net.feedForward, positions: net.positions },
    bias: net.attentionBias.length > 0 || net.feedForwardBias,
    ...(tied ? { tied } : {}),
    ...(softcap === undefined ? {} : { softcap }),
  }
}

/** The settings of a fine-tuning of a net that takes so many tokens. Throws OptionError where flags contradict each other. */
export function finetuneSettings(flags: FinetuneFlags, spec: ModelSpec, longest: number): Settings {
  if (spec.name !== 'gpt')
    throw new OptionError(`finetune: expected models.gpt, the run is models.${spec.name}; use finetune() in a program`)
  const adapted = loraOf(flags) !== undefined
  const { learningRate = adapted ? 1e-3 : 1e-4, context = Math.min(128, longest) } = flags
  return { ...settingsOf('gpt', { ...flags, ...flagsOf(spec), learningRate, context }), model: 'finetune' }
}

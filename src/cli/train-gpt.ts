/** What `residua train gpt` takes beside the options of every model. */
import { Option } from 'commander'
import { boolean, enum as oneOf, int, literal, nullable, number, strictObject, string, type ZodType } from 'zod'
import { OptionError } from '../errors.ts'
import { gpt } from '../models/gpt.ts'
import type { SpecifiedNet } from '../models/spec.ts'
import type { Positions } from '../models/trunk.ts'
import type { ActivationName } from '../nn/activation.ts'
import type { SampleOptions } from '../train/language-model.ts'
import { count } from './options.ts'
import type { Settings } from './settings.ts'
import { nonNegative, parsed, positive } from './train-option.ts'

const positionNames = ['learned', 'rotary', 'sinusoidal', 'none'] as const satisfies readonly Positions[]
const feedForwards = ['plain', 'gated'] as const

/** What a run stores of a language model and its text. */
export interface GptSettings {
  /** Null: that of the prepared corpus. */
  readonly tokenizer: string | null
  readonly context: number
  readonly layers: number
  readonly heads: number
  readonly keyValueHeads: number
  /** Null: width / heads. */
  readonly headSize: number | null
  readonly feedForward: (typeof feedForwards)[number]
  readonly positions: Positions
  readonly tied: boolean
  readonly bias: boolean
  readonly softcap: number | null
  readonly zLoss: number
  readonly recompute: 'blocks' | null
  /** Most windows of the held-out text that an evaluation takes while training. */
  readonly evaluateOn: number
  readonly sample: Required<Pick<SampleOptions, 'every' | 'prompt' | 'tokens'>> | null
}

const size = int().positive()

export const gptSchema: ZodType<GptSettings> = strictObject({
  tokenizer: nullable(string()),
  context: size,
  layers: size,
  heads: size,
  keyValueHeads: size,
  headSize: nullable(size),
  feedForward: oneOf(feedForwards),
  positions: oneOf(positionNames),
  tied: boolean(),
  bias: boolean(),
  softcap: nullable(number()),
  zLoss: number(),
  recompute: nullable(literal('blocks')),
  evaluateOn: size,
  sample: nullable(strictObject({ every: size, prompt: string(), tokens: size })),
})

/** The options below, where they are given. */
export interface GptFlags {
  readonly tokenizer?: string
  readonly context?: number
  readonly layers?: number
  readonly heads?: number
  readonly kvHeads?: number
  readonly headSize?: number
  readonly feedForward?: GptSettings['feedForward']
  readonly positions?: Positions
  readonly tied?: true
  readonly bias?: boolean
  readonly softcap?: number
  readonly zLoss?: number
  readonly recompute?: 'blocks'
  readonly evaluateOn?: number
  readonly sampleEvery?: number
  readonly prompt?: string
  readonly sampleTokens?: number
}

/** Their names, as commander gives them. */
export const gptFlags: readonly (keyof GptFlags)[] = [
  ...(['tokenizer', 'context', 'layers', 'heads', 'kvHeads', 'headSize', 'feedForward', 'positions'] as const),
  ...([
    'tied',
    'bias',
    'softcap',
    'zLoss',
    'recompute',
    'evaluateOn',
    'sampleEvery',
    'prompt',
    'sampleTokens',
  ] as const),
]

export const gptOptions = (): Option[] => [
  new Option(
    '--tokenizer <name>',
    'gpt: char, byte, bpe:<vocabulary> or a tokenizer.json, for text that is no prepared corpus (default: char)',
  ),
  parsed('--context <n>', 'gpt: tokens of an example (default: 128)', count(1, 2 ** 20)),
  parsed('--layers <n>', 'gpt: blocks of attention and feed-forward (default: 4)', count(1, 10_000)),
  parsed('--heads <n>', 'gpt: attention heads (default: 4)', count(1, 65_536)),
  parsed(
    '--kv-heads <n>',
    'gpt: heads of keys and values, which divide the heads (default: as many)',
    count(1, 65_536),
  ),
  parsed('--head-size <n>', 'gpt: features of a head (default: width / heads)', count(1, 65_536)),
  new Option('--feed-forward <kind>', 'gpt: gated multiplies hidden units by a gate (default: gated)').choices(
    feedForwards,
  ),
  new Option('--positions <kind>', 'gpt: how places are told apart (default: rotary)').choices(positionNames),
  new Option('--tied', "gpt: logits are read out with the embedding's own table"),
  new Option('--bias', 'gpt: linear maps have biases'),
  new Option('--no-bias', 'gpt: linear maps have no biases (the default)'),
  parsed('--softcap <c>', 'gpt: logits are bounded to c tanh(x / c) (default: they are not)', positive),
  parsed(
    '--z-loss <factor>',
    'gpt: factor of the mean of (log sum exp)^2 in the loss, such as 1e-4 (default: 0)',
    nonNegative,
  ),
  new Option('--recompute <what>', 'gpt: blocks are computed again on the way back: less memory, more time').choices([
    'blocks',
  ]),
  parsed('--evaluate-on <n>', 'gpt: held-out windows that an evaluation takes while training (default: 256)', count(1)),
  parsed('--sample-every <steps>', 'gpt: write a sample after so many steps (default: never)', count(1)),
  new Option('--prompt <text>', 'gpt: what a sample begins with'),
  parsed('--sample-tokens <n>', 'gpt: tokens of a sample (default: 100)', count(1)),
]

function sampleOf({ sampleEvery: every, prompt, sampleTokens }: GptFlags): GptSettings['sample'] {
  if (every === undefined) {
    if (prompt === undefined && sampleTokens === undefined) return null
    throw new OptionError('train: --prompt and --sample-tokens say what samples are; give --sample-every')
  }
  if (prompt === undefined) throw new OptionError('train: --sample-every needs what samples begin with; give --prompt')
  return { every, prompt, tokens: sampleTokens ?? 100 }
}

/** What the flags mean, defaults filled in: a net of Llama's kind, which learns much faster than GPT-2's. Throws OptionError where they contradict each other. */
export function gptSettings(flags: GptFlags): GptSettings {
  const { heads = 4 } = flags
  return {
    tokenizer: flags.tokenizer ?? null,
    context: flags.context ?? 128,
    layers: flags.layers ?? 4,
    heads,
    keyValueHeads: flags.kvHeads ?? heads,
    headSize: flags.headSize ?? null,
    feedForward: flags.feedForward ?? 'gated',
    positions: flags.positions ?? 'rotary',
    tied: flags.tied ?? false,
    bias: flags.bias ?? false,
    softcap: flags.softcap ?? null,
    zLoss: flags.zLoss ?? 0,
    recompute: flags.recompute ?? null,
    evaluateOn: flags.evaluateOn ?? 256,
    sample: sampleOf(flags),
  }
}

/** The net of a run, for so many tokens. */
export function gptNet(
  { width, hidden, dropout, activation, wiring, ...settings }: Settings,
  vocabulary: number,
): SpecifiedNet {
  const { context, layers, heads, keyValueHeads, headSize, feedForward, positions, tied, bias, softcap } = settings.gpt!
  return gpt({
    ...{
      layers,
      heads,
      keyValueHeads,
      width,
      hidden: hidden!,
      vocabulary,
      context,
      positions,
      feedForward,
      tied,
      bias,
    },
    ...{ dropout, wiring, activation: activation as ActivationName },
    ...(headSize === null ? {} : { headSize }),
    ...(softcap === null ? {} : { softcap }),
  })
}

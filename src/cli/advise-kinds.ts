/** The nets that `residua advise` knows: their defaults, what is measured of them, and how they are trained. */
import { OptionError } from '../errors.ts'
import { type Judged, sameWiring } from '../lab/advice.ts'
import { type Stack, stackOf } from '../lab/stack.ts'
import type { NetKind } from '../lab/stored-runs.ts'
import type { Bilingual } from '../lab/verdict/bilingual.ts'
import { preActivated } from '../models/resnet.ts'
import { attention } from '../nn/attention.ts'
import { gatedFeedForward } from '../nn/gated-feed-forward.ts'
import type { Wiring } from '../nn/wiring/wiring.ts'

/** What the wizard has been told. */
export interface NetWanted {
  readonly kind: NetKind
  readonly blocks: number
  readonly width: number
  /** Of attention; null where there is none. */
  readonly heads: number | null
  /** Tokens of an example; null where there are none. */
  readonly length: number | null
  readonly batchSize: number
  readonly learningRate: number
  readonly warmupSteps: number
  readonly wiring: Wiring
  readonly data: string
}

interface AdvisedKind {
  readonly defaults: Pick<NetWanted, 'blocks' | 'width' | 'length' | 'batchSize' | 'data' | 'wiring'>
  /** Steps of a short training. */
  readonly steps: number
  readonly stack: (net: NetWanted) => Stack
  /** Model and sizes of `residua train`. */
  readonly model: (net: NetWanted) => string[]
  /** In what the trained net differs from the one asked about, or null. */
  readonly differs: Bilingual | null
}

/** What is measured is no wider and no longer than this: second moments hardly depend on either. */
const widest = 256
const longest = 128

/** Sequences that are measured at once. */
const examples = 4

const gated = (width: number): number => 8 * Math.ceil(width / 3)

const sizes = ({ blocks, width, heads, length }: NetWanted): string[] => [
  ...['--layers', String(blocks), '--width', String(width), '--heads', String(heads!), '--context', String(length!)],
  ...['--schedule', 'constant', '--clip-norm', '0'],
]

export const kinds: Readonly<Record<NetKind, AdvisedKind>> = {
  mlp: {
    defaults: { blocks: 8, width: 64, length: null, batchSize: 32, data: 'mnist', wiring: {} },
    steps: 200,
    stack: ({ blocks, width, batchSize }) =>
      stackOf({ kind: 'mlp', depth: blocks, width, tokens: Math.max(2, Math.min(batchSize, longest)) }),
    model: ({ blocks, width }) => ['mlp', '--depth', String(blocks), '--width', String(width)],
    differs: null,
  },
  decoder: {
    defaults: { blocks: 6, width: 64, length: 64, batchSize: 8, data: 'moby-dick', wiring: { norm: 'rms' } },
    steps: 250,
    stack: ({ blocks, width, heads, length }) => ({
      blocks: Array.from({ length: blocks }, () => ({
        attention: attention({ heads: heads!, causal: true, rotary: {}, bias: false }),
        feedForward: gatedFeedForward({ hidden: gated(width) }),
      })),
      input: [examples, Math.min(length!, longest), width],
    }),
    model: (net) => ['gpt', ...sizes(net)],
    differs: null,
  },
  encoder: {
    defaults: { blocks: 6, width: 64, length: 64, batchSize: 8, data: 'moby-dick', wiring: {} },
    steps: 250,
    stack: ({ blocks, width, heads, length }) =>
      stackOf({ kind: 'transformer', depth: blocks, width, heads: heads!, tokens: Math.min(length!, longest) }),
    model: (net) => ['gpt', ...sizes(net), '--feed-forward', 'plain', '--positions', 'learned', '--bias'],
    differs: {
      en: 'residua train has no encoder: the command trains a decoder of the same blocks, whose tokens see no later ones',
      zh: 'residua train 没有编码器：该命令训练由同样的块组成的解码器，其词元看不到后面的词元',
    },
  },
  resnet: {
    defaults: { blocks: 9, width: 16, length: null, batchSize: 32, data: 'mnist', wiring: preActivated },
    steps: 200,
    stack: ({ blocks, width }) => stackOf({ kind: 'resnet', depth: blocks, width }),
    model: ({ blocks, width }) => [
      ...['resnet', '--depth', String(6 * Math.ceil(blocks / 3) + 2), '--width', String(width)],
    ],
    differs: {
      en: 'the trained net has three stages of equal depth, the later two with twice the channels of the one before',
      zh: '训练的网络分三个深度相同的阶段，后两个阶段的通道数各为前一个的两倍',
    },
  },
}

export const kindNames: readonly NetKind[] = Object.keys(kinds) as NetKind[]

/** The net as it is measured: of wide ones a narrower one with heads of the same size. Throws OptionError for odd heads. */
export function measuredNet(net: NetWanted): NetWanted {
  const { width, heads } = net
  if (heads === null) return { ...net, width: Math.min(width, widest) }
  const size = width / heads
  if (!Number.isInteger(size)) throw new OptionError(`advise: heads must divide the width ${width}, got ${heads}`)
  if (net.kind === 'decoder' && size % 2 !== 0)
    throw new OptionError(`advise: rotary positions need heads of an even size, got ${size}; choose other heads`)
  if (width <= widest) return net
  const fewer = Math.max(1, Math.floor(widest / size))
  return { ...net, heads: fewer, width: fewer * size }
}

/** The command that trains a net for so many steps, without `residua`. */
export function trainArguments(net: NetWanted, steps: number): string[] {
  const { defaults, model } = kinds[net.kind]
  const { data, batchSize, learningRate, warmupSteps, wiring } = net
  const isDefault = net.kind !== 'encoder' && sameWiring(wiring, defaults.wiring)
  return [
    ...['train', ...model(net), '--data', data, '--batch-size', String(batchSize)],
    ...['--learning-rate', String(learningRate), '--warmup', String(warmupSteps), '--steps', String(steps)],
    ...(isDefault ? [] : ['--wiring', JSON.stringify(wiring)]),
  ]
}

/** The share of a training that is warm-up where one is proposed: a quarter. */
const perWarmup = 4

/** Of a training that is asked for: its quarter has two steps, the shortest warm-up in which the rate rises. */
export const fewestSteps: number = 2 * perWarmup

/** The command that trains a net as a setting has it, without `residua`; default are the steps of its kind. */
export function settingArguments(
  net: NetWanted,
  { wiring, warmup }: Pick<Judged, 'wiring' | 'warmup'>,
  asked?: number,
): string[] {
  const least = kinds[net.kind].steps
  const warmupSteps = warmup ? Math.floor((asked ?? least) / perWarmup) : net.warmupSteps
  return trainArguments({ ...net, wiring, warmupSteps }, asked ?? least + net.warmupSteps)
}

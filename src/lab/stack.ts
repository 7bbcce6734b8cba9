import { OptionError } from '../errors.ts'
import { attention } from '../nn/attention.ts'
import { convBranch } from '../nn/conv-branch.ts'
import { feedForward } from '../nn/feed-forward.ts'
import { choose, needPositive } from '../nn/options.ts'
import type { Block } from '../nn/wiring/wire.ts'
import type { Shape } from '../tensor.ts'

/** Blocks, and the shape of what enters them: tokens `[examples, time, features]`, or rows `[examples, features]`. */
export interface Stack {
  readonly blocks: readonly Block[]
  readonly input: Shape
  /** Features are on axis 1 of `[examples, features, ...places]`. Default false. */
  readonly channelsFirst?: boolean
}

/** A usual stack by its sizes. */
export interface StackShape {
  /**
   * 'mlp': relu feed-forward; 'transformer': attention without a mask, then gelu feed-forward; 'decoder': the same with
   * a causal mask; 'resnet': two convolutions of 3 x 3 with relu between.
   */
  readonly kind: StackKind
  /** Blocks. */
  readonly depth: number
  /** Features of the stream. Default 64. */
  readonly width?: number
  /** Features inside a feed-forward or convolutional branch. Default: width, of a transformer or decoder four times that. */
  readonly hidden?: number
  /** Of attention. Default: width / 16, at least 1. */
  readonly heads?: number
  /** Tokens of a sequence, examples of an mlp. Default: 32, of an mlp 64. */
  readonly tokens?: number
  /** Side of a resnet's images. Default 8. */
  readonly size?: number
}

export type StackKind = 'mlp' | 'transformer' | 'decoder' | 'resnet'

/** What enters a stack, and how each of its blocks is made. */
interface Plan {
  readonly block: () => Block
  readonly input: Shape
  readonly channelsFirst?: true
}

/** Sequences or images at once. */
const examples = 4

const transformerPlan =
  (causal: boolean) =>
  (width: number, sizes: StackShape): Plan => {
    const { hidden = 4 * width, heads = Math.max(1, Math.floor(width / 16)), tokens = 32 } = sizes
    if (width % heads !== 0) throw new OptionError(`stack: heads must divide the width ${width}, got ${heads}`)
    return {
      block: () => ({ attention: attention({ heads, causal }), feedForward: feedForward({ hidden }) }),
      input: [examples, tokens, width],
    }
  }

const plans: Readonly<Record<StackKind, (width: number, sizes: StackShape) => Plan>> = {
  mlp: (width, { hidden = width, tokens = 64 }) => ({
    block: () => feedForward({ hidden, activation: 'relu' }),
    input: [tokens, width],
  }),
  transformer: transformerPlan(false),
  decoder: transformerPlan(true),
  resnet: (width, { hidden = width, size = 8 }) => ({
    block: () => convBranch({ channels: hidden }),
    input: [examples, width, size, size],
    channelsFirst: true,
  }),
}

/** The sizes that each kind has beside depth and width. */
const takes: Readonly<Record<StackKind, readonly string[]>> = {
  mlp: ['hidden', 'tokens'],
  transformer: ['hidden', 'heads', 'tokens'],
  decoder: ['hidden', 'heads', 'tokens'],
  resnet: ['hidden', 'size'],
}

export const stackKinds: readonly StackKind[] = Object.keys(plans) as StackKind[]

/**
 * The stack of a shape. Throws OptionError for sizes that are no whole numbers, that its kind does not have, or that do
 * not fit together.
 */
export function stackOf(shape: Stack | StackShape): Stack {
  if ('blocks' in shape) return shape
  const { kind, ...sizes } = shape
  for (const [name, value] of Object.entries(sizes)) needPositive('stack', name, value)
  const plan = choose<(width: number, sizes: StackShape) => Plan>('stack.kind', plans, kind)
  const foreign = Object.keys(sizes).find((name) => !['depth', 'width', ...takes[kind]].includes(name))
  if (foreign !== undefined)
    throw new OptionError(`stack: ${kind} takes no ${foreign}; leave it out, or choose another kind`)
  const { block, ...rest } = plan(shape.width ?? 64, shape)
  return { blocks: Array.from({ length: shape.depth }, block), ...rest }
}

/** The axes of a value that tell its tokens apart: time, places, or, where there are none, examples. */
export function tokenAxes({ input, channelsFirst = false }: Stack): readonly number[] {
  if (channelsFirst) return input.slice(2).map((_, i) => i + 2)
  return [input.length - 2]
}

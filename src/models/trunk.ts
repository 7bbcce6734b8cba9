import type { Layer, Scope } from '../graph/scope.ts'
import type { Value } from '../graph/value.ts'
import { OptionError } from '../errors.ts'
import type { ActivationName } from '../nn/activation.ts'
import { attention, type AttentionMap, crossAttention } from '../nn/attention.ts'
import { withContext } from '../nn/context.ts'
import { type TiedEmbedding, tiedEmbedding } from '../nn/embedding.ts'
import { feedForward } from '../nn/feed-forward.ts'
import { gatedFeedForward } from '../nn/gated-feed-forward.ts'
import { linear } from '../nn/linear.ts'
import { choose, needPositive } from '../nn/options.ts'
import { learnedPositions, sinusoidalPositions } from '../nn/position.ts'
import type { RotaryOptions } from '../nn/rotary.ts'
import type { Stacks } from '../nn/wiring/protocol.ts'
import { type Block, wire } from '../nn/wiring/wire.ts'
import { resolveWiring, type Wiring } from '../nn/wiring/wiring.ts'
import { mul } from '../ops/arithmetic.ts'
import { equal, not } from '../ops/compare.ts'
import { gather } from '../ops/gather.ts'
import { reshape } from '../ops/reshape.ts'
import { tanh } from '../ops/unary.ts'

export type Positions = 'learned' | 'sinusoidal' | 'rotary' | 'none'

/** Where linear maps have biases. */
export interface Biases {
  /** All maps of attention, none, or these. Default true. */
  readonly attention?: boolean | readonly AttentionMap[]
  /** Default true. */
  readonly feedForward?: boolean
}

/** What every model of tokens says about its blocks. */
export interface TrunkOptions {
  /** Width of the stream. */
  readonly width: number
  readonly heads: number
  /** Heads of keys and values, each shared by `heads / keyValueHeads` heads of queries. Default: heads. */
  readonly keyValueHeads?: number
  /** Features per head. Default: width / heads. */
  readonly headSize?: number
  /** Width inside feed-forward. Default: 4 width. */
  readonly hidden?: number
  /** Number of tokens. */
  readonly vocabulary: number
  /** Longest sequence of a stack, in tokens. Default: that of the first trace. */
  readonly context?: number
  /** Default 'learned'. Rotary positions turn queries and keys of self-attention. */
  readonly positions?: Positions
  /** How rotary positions turn. */
  readonly rotary?: RotaryOptions
  /** 'gated' multiplies the hidden units by a gate (with activation 'silu' SwiGLU). Default 'plain'. */
  readonly feedForward?: 'plain' | 'gated'
  /** Default 'gelu', gated 'silu'. */
  readonly activation?: ActivationName
  /** Default true: everywhere. */
  readonly bias?: boolean | Biases
  /** Share dropped in training, of attention weights and hidden units. Default 0. */
  readonly dropout?: number
  /** The token that fills up short sequences: nothing attends to it; behind a target it must come last. Default: none does. */
  readonly padding?: number
  /** Default: pre-norm, layer. */
  readonly wiring?: Wiring
}

/** A stack of blocks: how many, what its tokens see, and what is read out of the stream that leaves it. */
export interface StackOptions {
  readonly depth: number
  readonly causal: boolean
  readonly stacks?: Stacks
  /** What is added to the embedded tokens beside their positions. */
  readonly embed?: Layer
  readonly head?: (embedding: TiedEmbedding) => Layer
}

const positionLayers: Readonly<Record<Positions, (context: number | undefined) => Layer>> = {
  learned: (context) => learnedPositions(context === undefined ? {} : { context }),
  sinusoidal: () => sinusoidalPositions(),
  rotary: () => (_, x) => x,
  none: () => (_, x) => x,
}

const feedForwards = { plain: feedForward, gated: gatedFeedForward }

/** Throws OptionError, which begins with the name of the model, for options of a trunk that cannot be. */
export function needTrunk(model: string, options: TrunkOptions): void {
  const { width, heads, vocabulary, padding, rotary, positions = 'learned' } = options
  choose(`${model}.positions`, positionLayers, positions)
  choose(`${model}.feedForward`, feedForwards, options.feedForward ?? 'plain')
  const { keyValueHeads = heads, headSize = 1, hidden = 1, context = 1 } = options
  const sizes = { width, heads, vocabulary, keyValueHeads, headSize, hidden, context }
  for (const [name, value] of Object.entries(sizes)) needPositive(model, name, value)
  if (rotary !== undefined && positions !== 'rotary')
    throw new OptionError(`${model}: rotary says how rotary positions turn, got positions '${positions}'; leave it out`)
  if (padding !== undefined && !(Number.isInteger(padding) && padding >= 0 && padding < vocabulary))
    throw new OptionError(`${model}: padding must be a token from 0 to ${vocabulary - 1}, got ${padding}`)
}

/** The branches of one block. */
function blockOf(options: TrunkOptions, causal: boolean, crossed: boolean): Block {
  const { heads, keyValueHeads = heads, headSize, width, hidden = 4 * width, dropout = 0, padding } = options
  const { feedForward: kind = 'plain', activation = kind === 'gated' ? 'silu' : 'gelu', bias = true } = options
  const biases = typeof bias === 'boolean' ? { attention: bias, feedForward: bias } : bias
  const inHeads = { heads, keyValueHeads, dropout, bias: biases.attention ?? true }
  const sized = { ...inHeads, ...(headSize === undefined ? {} : { size: headSize }) }
  const turned = options.positions === 'rotary' ? { rotary: options.rotary ?? {} } : {}
  const own = attention({ ...sized, causal, ...turned })
  const across = withContext(crossAttention(sized), ...(padding === undefined ? [0] : [0, 1]))
  const mlp = feedForwards[kind]({ hidden, activation, dropout, bias: biases.feedForward ?? true })
  if (crossed) return { attention: withContext(own), crossAttention: across, mlp }
  return { attention: own, mlp }
}

/** A stack of tokens, from their numbers to the stream that leaves it, or to what `head` reads out of that. */
export function stackOf(options: TrunkOptions, { depth, causal, stacks, embed, head }: StackOptions): Layer {
  const { vocabulary, width, context, positions = 'learned', wiring = {} } = options
  const tied = tiedEmbedding({ vocabulary, width })
  const place = positionLayers[positions](context)
  const block = blockOf(options, causal, stacks?.here === 'decoder')
  return wire(new Array<Block>(depth).fill(block), resolveWiring(wiring), {
    embed: (s, ids) => {
      const placed = place(s.in('positions'), tied.embed(s.in('embed'), ids))
      return embed?.(s, placed, ids) ?? placed
    },
    ...(head && { head: head(tied) }),
    ...(stacks && { stacks }),
  })
}

/** The mask of the tokens that are not padding, where there is such a token. */
export const maskOf = (ids: Value, padding: number | undefined): Value[] =>
  padding === undefined ? [] : [not(equal(ids, padding))]

/** How logits are read out of a stream. */
export interface LogitOptions {
  readonly vocabulary: number
  /** Whether the embedding's own table is the map. */
  readonly tied: boolean
  readonly bias: boolean
  /** Logits are bounded smoothly to (-softcap, softcap): `c tanh(x / c)`. Source: Gemma Team 2024, arXiv:2408.00118. */
  readonly softcap?: number
}

/** The tokens of `x` `[batch, time, width]` whose logits are wanted: all, or while decoding one of each sequence. */
function wanted({ decoding }: Scope, x: Value): Value {
  const [batch, time, width] = x.shape as [number, number, number]
  if (time === 1 || !decoding?.rows) return x
  return reshape(gather(reshape(x, [batch * time, width]), decoding.rows), [batch, 1, width])
}

/** The head that gives a logit per token of the vocabulary. */
export const logitsOf =
  ({ vocabulary, tied, bias, softcap }: LogitOptions) =>
  (embedding: TiedEmbedding): Layer =>
  (s: Scope, stream) => {
    const x = wanted(s, stream)
    const raw = tied ? embedding.head(s.in('embed'), x) : linear(vocabulary, { role: 'head', bias })(s.in('head'), x)
    return softcap === undefined ? raw : mul(tanh(mul(raw, 1 / softcap)), softcap)
  }

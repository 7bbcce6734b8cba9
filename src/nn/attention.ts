import { vjp } from '../autodiff/grad.ts'
import { GraphError, OptionError, ShapeError } from '../errors.ts'
import type { Layer, Scope } from '../graph/scope.ts'
import type { Value } from '../graph/value.ts'
import { add, mul, sub } from '../ops/arithmetic.ts'
import { sum } from '../ops/broadcast.ts'
import { customGradient, stopGradient } from '../ops/gradient.ts'
import { matMul } from '../ops/matmul.ts'
import { reshape, transpose } from '../ops/reshape.ts'
import { concat, split } from '../ops/slice.ts'
import { softmax } from '../ops/softmax.ts'
import { type AttentionMask, attentionMask, decodingMask } from './attention-mask.ts'
import { refuseDecoding } from './decoding.ts'
import { dropout } from './dropout.ts'
import { linear } from './linear.ts'
import { needPositive } from './options.ts'
import { rotary, type RotaryOptions } from './rotary.ts'
import { tokensOf } from './tokens.ts'
import { branch, type Branch } from './wiring/protocol.ts'

const maps = ['query', 'key', 'value', 'out'] as const
export type AttentionMap = (typeof maps)[number]

export interface CrossAttentionOptions {
  readonly heads: number
  /** Heads of keys and values, each shared by `heads / keyValueHeads` heads of queries. Default `heads`. */
  readonly keyValueHeads?: number
  /** Features per head. Default width / heads. */
  readonly size?: number
  /** Adds biases, initially 0: to all maps, to none, or to these. Default true. */
  readonly bias?: boolean | readonly AttentionMap[]
  /** Share of attention weights dropped in training. Default 0. */
  readonly dropout?: number
}

export interface AttentionOptions extends CrossAttentionOptions {
  /** A token sees itself and earlier ones only. Default false. */
  readonly causal?: boolean
  /** Turns queries and keys by their positions. Default: positions do not matter. */
  readonly rotary?: RotaryOptions
}

/** Keys and values by head, in order along axis 2, in one piece or several. */
interface Memory {
  readonly keys: readonly Value[]
  readonly values: readonly Value[]
}

/** The heads of a layer: queries from the tokens `x`, keys and values from the tokens they are of, and their attention. */
interface Heads {
  readonly query: (s: Scope, x: Value, size: number) => Value
  readonly key: (s: Scope, memory: Value, size: number) => Value
  readonly value: (s: Scope, memory: Value, size: number) => Value
  readonly sizeOf: (s: Scope, x: Value) => number
  readonly attend: (s: Scope, x: Value, query: Value, memory: Memory, mask: AttentionMask) => Value
}

/**
 * `softmax(scores) value` and its gradient with fewer passes over `[time, keys]`: the row sums of `weights * dweights`
 * equal those of `dy * y`, which are `size` instead of `keys` wide (and dropout between the two changes nothing in that).
 */
function mix(s: Scope, scores: Value, value: Value, drop: Layer): Value {
  const [batch, heads, time, keys] = scores.shape as [number, number, number, number]
  const [, groups, , size] = value.shape as [number, number, number, number]
  const rows = (heads / groups) * time
  const grouped = (x: Value): Value => reshape(x, [batch, groups, rows, x.shape.at(-1)!])

  const weights = softmax(scores)
  const watched = s.tap('weights', stopGradient(weights))
  const kept = drop(s.in('dropout'), weights)
  const mixed = reshape(matMul(grouped(kept), value), [batch, heads, time, size])
  const [y] = customGradient([mixed], [watched, scores, value], ([g]) => {
    const dy = grouped(g!)
    const dKept = reshape(matMul(dy, value, { b: true }), [batch, heads, time, keys])
    const dWeights = vjp([kept], [dKept], [weights])[0]!
    const dScores = mul(weights, sub(dWeights, sum(mul(g!, mixed), [-1], true)))
    return [dWeights, dScores, matMul(grouped(kept), dy, { a: true })]
  })
  return y!
}

/** `softmax(scores) value` where keys and values came in several pieces: without a gradient of its own. */
function mixPieces(s: Scope, scores: Value, values: readonly Value[]): Value {
  const [batch, heads, time] = scores.shape as [number, number, number]
  const [, groups, , size] = values[0]!.shape as [number, number, number, number]
  const weights = s.tap('weights', softmax(scores))
  const counts = values.map((value) => value.shape[2]!)
  const parts = split(weights, -1, counts).map((part, i) => {
    return matMul(reshape(part, [batch, groups, (heads / groups) * time, counts[i]!]), values[i]!)
  })
  return reshape(
    parts.reduce((total, part) => add(total, part)),
    [batch, heads, time, size],
  )
}

function multiHead(where: string, options: CrossAttentionOptions, place: Layer): Heads {
  const { heads, keyValueHeads = heads, bias = true } = options
  const biased: readonly string[] = bias === true ? maps : bias === false ? [] : bias
  needPositive(where, 'heads', heads)
  needPositive(where, 'keyValueHeads', keyValueHeads)
  if (heads % keyValueHeads !== 0) {
    throw new OptionError(`${where}: keyValueHeads must divide the ${heads} heads, got ${keyValueHeads}`)
  }
  if (options.size !== undefined) needPositive(where, 'size', options.size)
  const drop = dropout(options.dropout ?? 0)

  const part = (s: Scope, name: 'query' | 'key' | 'value', from: Value, count: number, size: number): Value => {
    const [batch, time] = from.shape as [number, number]
    const flat = linear(count * size, { bias: biased.includes(name), role: name })(s.in(name), from)
    return s.site(name, transpose(reshape(flat, [batch, time, count, size]), [0, 2, 1, 3]))
  }
  const sizeOf = (s: Scope, x: Value): number => {
    const [, , width] = tokensOf(where, s, x)
    const size = options.size ?? width / heads
    if (Number.isInteger(size)) return size
    throw new ShapeError(`${where} '${s.path}': ${heads} heads do not divide ${width} features; set size`)
  }
  const attend: Heads['attend'] = (s, x, query, { keys, values }, { added, sees }) => {
    const [batch, , time, size] = query.shape as [number, number, number, number]
    const grouped = reshape(query, [batch, keyValueHeads, (heads / keyValueHeads) * time, size])
    const products = keys.map((key) => {
      return reshape(matMul(grouped, key, { b: true }), [batch, heads, time, key.shape[2]!])
    })
    const logits = products.length === 1 ? products[0]! : concat(products, -1)
    const scores = s.tap('scores', added === null ? logits : add(logits, added))
    const mixed = values.length === 1 ? mix(s, scores, values[0]!, drop) : mixPieces(s, scores, values)
    const perHead = s.site('heads', sees === null ? mixed : mul(mixed, sees))
    const merged = s.site('hidden', reshape(transpose(perHead, [0, 2, 1, 3]), [batch, time, heads * size]))
    return s.site('output', linear(s.width(x), { bias: biased.includes('out'), role: 'out' })(s.in('out'), merged))
  }
  return {
    query: (s, x, size) => mul(place(s, part(s, 'query', x, heads, size)), size ** -0.5), // [batch, heads, time, size]
    key: (s, memory, size) => place(s, part(s, 'key', memory, keyValueHeads, size)), // [batch, keyValueHeads, keys, size]
    value: (s, memory, size) => part(s, 'value', memory, keyValueHeads, size),
    sizeOf,
    attend,
  }
}

/**
 * The self-attention branch: per head `softmax(q k^T / sqrt(size) + mask) v`, then `W_out` on the heads side by side.
 *
 * Called as `(s, x, keep?)` with x `[batch, time, d]` and a padding mask `keep` `[batch, time]`, bool or float, not 0
 * for tokens that may be seen. The mask is the first value of a stack's context; `withContext` chooses another. A query
 * that sees no key gets 0 from every head.
 *
 * Parameters `query`, `key`, `value`, `out`, each `.weight` `[out, in]` and `.bias`. Norm sites: `query`
 * `[batch, heads, time, size]`, `key` and `value` `[batch, keyValueHeads, time, size]` (queries and keys before the rotary
 * embedding), `heads` (the mixed values `[batch, heads, time, size]`), `hidden` `[batch, time, heads * size]` (before
 * W_out) and `output`. Taps `[batch, heads, time, time]`: `scores` (scaled and masked) and `weights` (before dropout).
 *
 * Source: Vaswani et al. 2017, arXiv:1706.03762; grouped heads: Ainslie et al. 2023, arXiv:2305.13245.
 */
export function attention(options: AttentionOptions): Branch {
  const { causal = false } = options
  const { query, key, value, sizeOf, attend } = multiHead(
    'attention',
    options,
    options.rotary ? rotary(options.rotary) : (_, x) => x,
  )
  return branch(
    'attention',
    (s, x, ...[keep]) => {
      const [batch, time] = tokensOf('attention', s, x)
      const { decoding } = s
      if (!causal) refuseDecoding('attention', s, 'a token sees later ones; make it causal')
      const size = sizeOf(s, x)
      const asked = query(s, x, size)
      const memory = { keys: s.cache('key', key(s, x, size)), values: s.cache('value', value(s, x, size)) }
      const mask =
        decoding === null ? attentionMask('attention', s, [batch, time], causal, keep) : decodingMask(s, decoding)
      return attend(s, x, asked, memory, mask)
    },
    { causal },
  )
}

/**
 * The branch in which x attends to a memory, such as what an encoder made of its tokens; else as `attention`.
 *
 * Called as `(s, x, memory, keep?)` with x `[batch, time, d]`, memory `[batch, keys, ...]` of any width and a padding
 * mask `keep` `[batch, keys]` of the memory. Throws GraphError without a memory.
 */
export function crossAttention(options: CrossAttentionOptions): Branch {
  const { query, key, value, sizeOf, attend } = multiHead('crossAttention', options, (_, x) => x)
  return branch('crossAttention', (s, x, ...[memory, keep]) => {
    if (memory === undefined) {
      throw new GraphError(`crossAttention '${s.path}': expected a memory as context, got none. Pass it to the stack`)
    }
    const [batch, keys] = tokensOf('crossAttention', s, memory)
    if (batch !== x.shape[0]) {
      throw new ShapeError(`crossAttention '${s.path}': expected a memory of ${x.shape[0]} examples as x, got ${batch}`)
    }
    const size = sizeOf(s, x)
    const asked = query(s, x, size)
    const shape = [batch, options.keyValueHeads ?? options.heads, keys, size]
    const once = (name: 'key' | 'value', make: typeof key): readonly Value[] => [
      s.remember(name, shape, () => make(s, memory, size)),
    ]
    const mask = attentionMask('crossAttention', s, [batch, keys], false, keep)
    return attend(s, x, asked, { keys: once('key', key), values: once('value', value) }, mask)
  })
}

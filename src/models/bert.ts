import { OptionError } from '../errors.ts'
import type { Layer } from '../graph/scope.ts'
import type { Value } from '../graph/value.ts'
import { type TiedEmbedding } from '../nn/embedding.ts'
import { normal, zeros } from '../nn/init.ts'
import { linear } from '../nn/linear.ts'
import { choose, needPositive } from '../nn/options.ts'
import { meanPool } from '../nn/pooling.ts'
import { partsOf, resolveWiring, type Wiring } from '../nn/wiring/wiring.ts'
import { activationNamed } from '../nn/activation.ts'
import { add } from '../ops/arithmetic.ts'
import { cast, equal, greater } from '../ops/compare.ts'
import { constant } from '../ops/constant.ts'
import { gather } from '../ops/gather.ts'
import { matMul } from '../ops/matmul.ts'
import { reshape } from '../ops/reshape.ts'
import { sliceAxis } from '../ops/slice.ts'
import { tanh } from '../ops/unary.ts'
import { specified, type SpecifiedNet } from './spec.ts'
import { maskOf, needTrunk, stackOf, type TrunkOptions } from './trunk.ts'

export interface BertOptions extends TrunkOptions {
  /** Blocks of attention and feed-forward. */
  readonly layers: number
  /** Kinds of segments a token may belong to. Default 2. */
  readonly types?: number
  /** The token that ends the first segment: what follows it is of type 1. Default: all is of type 0. */
  readonly separator?: number
  /** What is read out: a vector per token ('hidden'), logits per token ('vocabulary'), or so many outputs per sequence. Default 'hidden'. */
  readonly outputs?: 'hidden' | 'vocabulary' | number
  /** What outputs per sequence are read from: the first token through `tanh(W x + b)`, or the mean of all. Default 'first'. */
  readonly pool?: 'first' | 'mean'
}

/** As in the source. */
const original: Wiring = { norm: { name: 'layer', epsilon: 1e-12 }, placement: 'post', embedNorm: true }

/** 1 for tokens behind the first separator. Shapes: ids `[batch, time]` to int32 `[batch, time]`. */
function typesOf(ids: Value, separator: number): Value {
  const time = ids.shape[1]!
  const data = Float32Array.from({ length: time ** 2 }, (_, i) => Number(Math.floor(i / time) < i % time))
  const before = matMul(
    cast(equal(ids, separator), 'float32'),
    constant({ dtype: 'float32', shape: [time, time], data }),
  )
  return cast(greater(before, 0.5), 'int32')
}

const pools: Readonly<Record<'first' | 'mean', Layer>> = {
  first: (s, x) => {
    const [batch = 0, , width = 0] = x.shape
    const first = reshape(sliceAxis(x, 1, 0, 1), [batch, width])
    return tanh(linear(width, { init: normal(0.02) })(s.in('pool'), first))
  },
  mean: (s, x, ...mask) => meanPool()(s, x, ...mask),
}

/** The head of the masked language model: a layer and a norm, as in the blocks, before the embedding's table, with a bias of its own. */
function masked({ width, vocabulary, activation = 'gelu' }: BertOptions, norm: Layer) {
  const { apply } = activationNamed(activation)
  return (embedding: TiedEmbedding): Layer =>
    (s, x) => {
      const hidden = apply(linear(width, { init: normal(0.02) })(s.in('transform'), x))
      const logits = embedding.head(s.in('embed'), norm(s.in('transformNorm'), hidden))
      return add(logits, s.in('head').parameter('bias', [vocabulary], { role: 'bias', init: zeros }))
    }
}

/**
 * A bidirectional encoder: every token sees all. Its default wiring is the one of the source, post-norm with a norm on the
 * embedding.
 *
 * Shapes: tokens int32 `[batch, time]` to `[batch, time, width]`, `[batch, time, vocabulary]` or `[batch, outputs]`.
 * Parameters `embed.weight`, `positions.weight`, `types.weight`, `embedNorm.*`, `blocks.{i}.attention|mlp.*`, and of the
 * head `pool.*`, `head.*` or `transform.*`, `transformNorm.*`, `head.bias`.
 *
 * Source: Devlin et al. 2018, arXiv:1810.04805.
 */
export function bert(options: BertOptions): SpecifiedNet {
  const { layers, width, padding, separator, types = 2, outputs = 'hidden', pool = 'first' } = options
  needTrunk('bert', options)
  choose('bert.pool', pools, pool)
  for (const [name, value] of Object.entries({ layers, types })) needPositive('bert', name, value)
  if (typeof outputs === 'number') needPositive('bert', 'outputs', outputs)
  else choose('bert.outputs', { hidden: 0, vocabulary: 0 }, outputs)
  if (separator !== undefined && types < 2)
    throw new OptionError(`bert: separator ${separator} needs types 2 or more, got ${types}; leave it out`)
  const full = { ...options, wiring: resolveWiring(options.wiring ?? original) }
  const perSequence =
    (): Layer =>
    (s, x, ...mask) =>
      linear(outputs as number, { role: 'head', init: normal(0.02) })(s.in('head'), pools[pool](s, x, ...mask))
  const heads = { hidden: (): Layer => (_, x) => x, vocabulary: masked(options, partsOf(full.wiring).norm) }
  const stack = stackOf(full, {
    depth: layers,
    causal: false,
    embed: (s, x, ids) => {
      const table = s.in('types').parameter('weight', [types, width], { role: 'embed', init: normal(0.02) })
      return add(x, separator === undefined ? sliceAxis(table, 0, 0, 1) : gather(table, typesOf(ids, separator)))
    },
    head: typeof outputs === 'number' ? perSequence : heads[outputs],
  })
  return specified({ name: 'bert', options: full }, (s, ids) => stack(s, ids, ...maskOf(ids, padding)))
}

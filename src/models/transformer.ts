import type { Layer, Scope } from '../graph/scope.ts'
import type { Value } from '../graph/value.ts'
import { OptionError, ShapeError } from '../errors.ts'
import { linear } from '../nn/linear.ts'
import { choose, needPositive } from '../nn/options.ts'
import { meanPool } from '../nn/pooling.ts'
import { resolveWiring } from '../nn/wiring/wiring.ts'
import { sliceAxis } from '../ops/slice.ts'
import { typeText } from '../tensor.ts'
import { specified, type SpecifiedNet } from './spec.ts'
import { logitsOf, maskOf, needTrunk, stackOf, type TrunkOptions } from './trunk.ts'

export interface TransformerOptions extends TrunkOptions {
  /**
   * encoder: every token sees all; decoder: itself and earlier ones; encoderDecoder: a decoder that also attends to what
   * an encoder makes of the first `source` tokens.
   */
  readonly kind: 'encoder' | 'decoder' | 'encoderDecoder'
  /** Blocks of attention and feed-forward; of the encoder where there are two stacks. */
  readonly depth: number
  /** Blocks of the decoder beside an encoder. Default: depth. */
  readonly decoderDepth?: number
  /** With encoderDecoder: how many of the input's tokens are the source. */
  readonly source?: number
  /** Instead of logits per token: so many outputs for the mean of the tokens (of one stack). */
  readonly outputs?: number
}

const kinds = { encoder: true, decoder: true, encoderDecoder: true }

type Complete = TransformerOptions & Required<Pick<TransformerOptions, 'decoderDepth' | 'wiring'>>

function encoderDecoder(options: Complete): Layer {
  const { depth, decoderDepth, padding, vocabulary, width, source = 0 } = options
  needPositive('transformer', 'source', source)
  const sizes = { encoder: depth, decoder: decoderDepth }
  const head = logitsOf({ vocabulary, tied: false, bias: true })
  const encode = stackOf(options, { depth, causal: false, stacks: { ...sizes, here: 'encoder' } })
  const decode = stackOf(options, {
    depth: decoderDepth,
    causal: true,
    stacks: { ...sizes, here: 'decoder' },
    head,
  })
  return (s: Scope, ids: Value) => {
    const [batch = 0, time = 0] = ids.shape
    if (ids.shape.length !== 2 || time <= source) {
      throw new ShapeError(
        `transformer: expected tokens [batch, more than the ${source} of the source], got ${typeText(ids)}`,
      )
    }
    const from = sliceAxis(ids, 1, 0, source)
    const mask = maskOf(from, padding)
    const memory = s.remember('memory', [batch, source, width], () => encode(s.whole().in('encoder'), from, ...mask))
    return decode(s.in('decoder'), sliceAxis(ids, 1, source, time - source), memory, ...mask)
  }
}

/**
 * A transformer: token and position embeddings, blocks of attention and feed-forward wired as asked, and a head.
 *
 * Shapes: tokens int32 `[batch, time]` to logits `[batch, time, vocabulary]`, or `[batch, outputs]`; with
 * encoderDecoder, source and target side by side `[batch, source + time]` to `[batch, time, vocabulary]`. Parameters
 * `embed.weight`, `positions.weight`, `blocks.{i}.attention|mlp.*`, `finalNorm.*`, `head.*`; of two stacks under
 * `encoder` and `decoder`, with `crossAttention` between the two branches of a decoder's block.
 *
 * Source: Vaswani et al. 2017, arXiv:1706.03762.
 */
export function transformer(options: TransformerOptions): SpecifiedNet {
  choose('transformer.kind', kinds, options.kind)
  needTrunk('transformer', options)
  const full: Complete = { decoderDepth: options.depth, ...options, wiring: resolveWiring(options.wiring ?? {}) }
  const { kind, depth, decoderDepth, vocabulary, outputs, padding } = full
  const sizes = { depth, decoderDepth, ...(outputs === undefined ? {} : { outputs }) }
  for (const [name, value] of Object.entries(sizes)) needPositive('transformer', name, value)
  if (kind === 'encoderDecoder' && outputs !== undefined)
    throw new OptionError(`transformer: an encoderDecoder gives logits per token, got outputs ${outputs}; leave it out`)
  if (kind !== 'encoderDecoder' && options.source !== undefined)
    throw new OptionError(
      `transformer: ${kind} has no source, got ${options.source}; leave it out, or use encoderDecoder`,
    )
  const spec = { name: 'transformer', options: { ...full } }
  if (kind === 'encoderDecoder') return specified(spec, encoderDecoder(full))
  const pooled =
    (): Layer =>
    (s, x, ...mask) =>
      linear(outputs!, { role: 'head' })(s.in('head'), meanPool()(s, x, ...mask))
  const head = outputs === undefined ? logitsOf({ vocabulary, tied: false, bias: true }) : pooled
  const stack = stackOf(full, { depth, causal: kind === 'decoder', head })
  return specified(spec, (s, ids) => stack(s, ids, ...maskOf(ids, padding)))
}

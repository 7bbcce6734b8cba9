import { OptionError } from '../../errors.ts'
import { graph } from '../../graph/graph.ts'
import { type Layer, newTrace, Scope } from '../../graph/scope.ts'
import { simplify } from '../../graph/simplify.ts'
import { input, type Value } from '../../graph/value.ts'
import { type OpenAxis, toOnnx } from '../../onnx/model.ts'
import { cast } from '../../ops/compare.ts'
import { concat } from '../../ops/slice.ts'
import type { HostTensor } from '../../tensor.ts'
import { typeText } from '../../tensor.ts'

export interface DecoderOnnxOptions {
  /** Longest sequence that the net takes, in tokens. */
  readonly context: number
  /** Trained tensors and running statistics, by path. */
  readonly weights: Readonly<Record<string, HostTensor>>
  readonly metadata?: Readonly<Record<string, string>>
}

/** One cache of keys or values: where the net asked for it, and the axes of what it holds. */
export interface CacheAxes {
  readonly path: string
  readonly heads: number
  readonly size: number
}

export interface DecoderOnnx {
  readonly model: Uint8Array
  /** Caches in the order of the graph, a key and a value per attention. */
  readonly caches: readonly CacheAxes[]
  readonly vocabulary: number
}

/**
 * Sizes that stand for batch, new tokens and cached places; a net of which a size is a multiple of one of them is refused,
 * and their product is not beyond what a number holds. The last two are primes whose sum is twice a prime, so that it is told apart too.
 */
const [batch, time, past] = [9973, 9967, 9931]

const open: readonly OpenAxis[] = [
  { size: past + time, name: 'total_sequence_length', from: { input: 'attention_mask', axis: 1 } },
  { size: batch, name: 'batch_size', from: { input: 'input_ids', axis: 0 } },
  { size: time, name: 'sequence_length', from: { input: 'input_ids', axis: 1 } },
  { size: past, name: 'past_sequence_length', from: { input: 'past_key_values.0.key', axis: 2 } },
]

/** `past_key_values.3.value`, of the cache that the net asked for as the `index`-th, keys before values. */
const cacheName = (prefix: string, index: number): string =>
  `${prefix}.${Math.floor(index / 2)}.${index % 2 === 0 ? 'key' : 'value'}`

/**
 * A causal language model as one ONNX graph that decodes with a key/value cache, in the names and layout of
 * Transformers.js and Optimum.
 *
 * Inputs, all of open batch and lengths: `input_ids`, `attention_mask` `[batch, past + time]`, `position_ids` (int64) and
 * `past_key_values.{i}.key|value` `[batch, heads, past, size]`; outputs `logits` `[batch, time, vocabulary]` and
 * `present.{i}.key|value` `[batch, heads, past + time, size]`. Throws OptionError for a net without attention or logits.
 */
export function decoderOnnx(net: Layer, { context, weights, metadata = {} }: DecoderOnnxOptions): DecoderOnnx {
  const ids = input('input_ids', 'int32', [batch, time])
  const mask = input('attention_mask', 'int32', [batch, past + time])
  const positions = input('position_ids', 'int32', [batch, time])
  const presents: Value[] = []
  const record = newTrace('decode', false, {
    positions,
    keep: cast(mask, 'bool'),
    rows: null,
    past,
    context,
    first: true,
    leaf: () => cacheName('past_key_values', presents.length),
    join: (held, added) => {
      const present = concat([held, added], 2)
      presents.push(present)
      return [present]
    },
  })
  const logits = net(new Scope(record), ids)
  const caches = Array.from(record.caches.values(), ({ path, added: { shape } }) => {
    return { path, heads: shape[1]!, size: shape[3]! }
  })
  if (caches.length === 0 || record.remembered.size > 0 || logits.shape.length !== 3)
    throw new OptionError(
      `export: expected a causal net with attention and logits [batch, time, vocabulary], got ${typeText(logits)} and ${caches.length} caches`,
    )
  const outputs = presents.map((present, i) => [cacheName('present', i), present] as const)
  const traced = simplify(graph(new Map([['logits', logits], ...outputs])))
  const used = Object.entries(weights).filter(([name]) => traced.inputs.has(name))
  const model = toOnnx(traced, {
    target: 'portable',
    initializers: new Map(used),
    metadata,
    open,
    int64: new Set(['input_ids', 'attention_mask', 'position_ids']),
  })
  return { model, caches, vocabulary: logits.shape[2]! }
}

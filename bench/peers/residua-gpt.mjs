import { nn, ops } from '../../dist/index.js'

const { add, constant, gather, matMul, mul, reshape, softmax, transpose } = ops

/**
 * A GPT from public layers and ops; causal attention is composed here until the layer exists.
 *
 * @param {{ layers: number, heads: number, width: number, context: number, vocabulary: number }} shape
 */
export function gpt({ layers, heads, width, context, vocabulary }) {
  const embed = { role: 'embed', init: nn.normal(0.02) }
  const mask = Float32Array.from({ length: context ** 2 }, (_, i) =>
    i % context > Math.floor(i / context) ? -1e30 : 0,
  )
  const attention = nn.branch('attention', (s, x) => {
    const [batch, time] = x.shape
    const size = width / heads
    const split = (name) =>
      transpose(reshape(nn.linear(width)(s.in(name), x), [batch, time, heads, size]), [0, 2, 1, 3])
    const [query, key, value] = ['query', 'key', 'value'].map(split)
    const scores = mul(matMul(query, key, { b: true }), 1 / Math.sqrt(size))
    const causal = constant({ dtype: 'float32', shape: [context, context], data: mask })
    const mixed = matMul(softmax(add(scores, causal)), value)
    return nn.linear(width)(s.in('out'), reshape(transpose(mixed, [0, 2, 1, 3]), [batch, time, width]))
  })
  const mlp = nn.feedForward({ hidden: 4 * width, activation: 'gelu' })
  const blocks = Array.from({ length: layers }, () => ({ attention, mlp }))
  const trunk = nn.wire(blocks, { skip: 'identity', norm: 'layer', placement: 'pre' })
  return (s, ids) => {
    const tokens = gather(s.in('embed').parameter('token', [vocabulary, width], embed), ids)
    const positions = s.in('embed').parameter('position', [context, width], embed)
    return nn.linear(vocabulary, { role: 'head' })(s.in('head'), trunk(s, add(tokens, positions)))
  }
}

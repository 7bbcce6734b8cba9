/**
 * E26: do gradients shatter with depth?
 *
 * Nets of L layers of width 200 on a scalar input, a layer being f(x) = relu(W x) (He's initial values): f(x), f(LN(x)),
 * x + f(x)/sqrt(L), or x + f(LN(x)). Nothing is trained. Measured is the autocorrelation, one step apart, of
 * d output / d input on 256 points from -2 to 2: 1 for a smooth function, 0 for white noise. The input layer has random
 * biases: without them a relu net is linear on either side of 0.
 *
 * A first version had the relu first, f(x) = W relu(LN(x)), as pre-activation nets do: there layer norm sees what has no
 * mean to take away, and 24 plain layers kept 0.82. It stays as an arm, and what it showed as a statement.
 * The statement `skip` was added after the run, from its results.
 */
import { data, nn, ops } from 'residua'
import * as lab from 'residua/lab'
import { above, below, higher } from './kit/rules.ts'

const width = 200
const map = nn.linear(width, { init: nn.he(), role: 'out' })
const layers: Readonly<Record<string, nn.Block>> = {
  'relu last': (s, x) => ops.relu(map(s, x)),
  'relu first': (s, x) => map(s, ops.relu(x)),
}
const [reluLast, plainNorm] = ['relu last', { skip: 'none', norm: 'layer', placement: 'pre' }]
const kinds = {
  plain: { layer: reluLast, wiring: { skip: 'none', norm: 'none' } },
  'plain + layer norm': { layer: reluLast, wiring: plainNorm },
  'plain + layer norm, relu first': { layer: 'relu first', wiring: plainNorm },
  'residual / sqrt(L)': { layer: reluLast, wiring: { norm: 'none', branchScale: { exponent: 0.5 } } },
  pre: { layer: reluLast, wiring: { norm: 'layer', placement: 'pre' } },
} satisfies Record<string, { layer: string; wiring: nn.Wiring }>
const arms = Object.fromEntries(
  [2, 8, 24, 50].flatMap((depth) =>
    Object.entries(kinds).map(([name, kind]) => [`${name}, ${depth} layers`, { depth, ...kind }]),
  ),
)
const line = data.arrays({ inputs: [[0], [1]], targets: [[0], [1]] })
const autocorrelation = 'gradient autocorrelation'

export default lab.experiment({
  id: 'E26',
  file: import.meta.url,
  minutes: { full: 1, short: 0.1 },
  arms,
  full: { seeds: 30 },
  short: { seeds: 8, arms: Object.keys(arms).filter((name) => / (2|24) /.test(name)) },
  async measure({ depth, layer, wiring }, { seed }) {
    const net = nn.wire(new Array<nn.Block>(depth).fill(layers[layer]!), wiring, {
      embed: (s, x) =>
        ops.add(
          nn.linear(width, { bias: false })(s.in('input'), x),
          s.in('input').parameter('offset', [width], { role: 'bias', init: nn.normal(1) }),
        ),
      head: (s, x) => nn.linear(1, { role: 'head' })(s.in('head'), x),
    })
    const initial = lab.initialSnapshot(net, { train: line, loss: nn.meanSquaredError, seed })
    const { autocorrelation: byLag } = await lab.shattering(initial, { points: 256, radius: 2, lags: 1, seed })
    return { [autocorrelation]: byLag[1]! }
  },
  statements: {
    kept: {
      says: {
        en: 'At 24 layers gradients at neighbouring inputs stay alike in a residual net scaled by 1/sqrt(L).',
        zh: '24 层时，按 1/sqrt(L) 缩放的残差网络在相邻输入处的梯度仍然相近。',
      },
      rule: above('residual / sqrt(L), 24 layers', autocorrelation, 0.9),
      claims: { 6: 'supports' },
      papers: { 'balduzzi-2017': 'supports' },
    },
    shattered: {
      says: {
        en: 'At 24 layers gradients at neighbouring inputs have nothing to do with each other under layer norm without skips.',
        zh: '24 层时，只有层归一化而无跳跃连接的网络在相邻输入处的梯度互不相关。',
      },
      rule: below('plain + layer norm, 24 layers', autocorrelation, 0.1),
      claims: { 9: 'refutes' },
      papers: { 'balduzzi-2017': 'supports' },
    },
    order: {
      says: {
        en: 'It is the norm after the relu that shatters: where it stands before, gradients are more alike at 24 layers.',
        zh: '造成破碎的是 relu 之后的归一化：若归一化在 relu 之前，24 层的梯度更相近。',
      },
      rule: higher(
        'plain + layer norm, relu first, 24 layers',
        'plain + layer norm, 24 layers',
        autocorrelation,
        0.1,
        0.3,
      ),
      claims: { 9: 'informs' },
    },
    deeper: {
      says: {
        en: 'Without norm and skip gradients are less alike at 24 layers than at 2.',
        zh: '既无归一化也无跳跃连接时，24 层的梯度比 2 层更不相近。',
      },
      rule: higher('plain, 2 layers', 'plain, 24 layers', autocorrelation, 0.05, 0.2),
      papers: { 'balduzzi-2017': 'informs' },
    },
    skip: {
      says: {
        en: 'At 24 layers with layer norm, the gradient autocorrelation with skips is at least 0.5 above that without.',
        zh: '24 层并使用层归一化时，有跳跃连接的梯度自相关比没有的至少高 0.5。',
      },
      rule: higher('pre, 24 layers', 'plain + layer norm, 24 layers', autocorrelation, 0.5, 0.5),
      papers: { 'balduzzi-2017': 'supports' },
    },
  },
})

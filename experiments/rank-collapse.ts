/**
 * E25: does the rank of pure attention collapse, and do skips keep it?
 *
 * 32 layers of attention alone (width 64, 4 heads, 32 Gaussian tokens) at their initial values, in float64, nothing is
 * trained. The rank residual r = |X - 1 mean| / |X| is what is left of the tokens beside their mean. The pilot ran in
 * float32, whose rounding ends the fall at about 1e-7; float64 sees it go on.
 */
import { nn, ops, type Value } from 'residua'
import * as lab from 'residua/lab'
import { above, below } from './kit/rules.ts'

const [layers, tokens, width] = [32, 32, 64]
const arms = {
  'no skip': { skip: 'none', norm: 'none' },
  'no skip, layer norm': { skip: 'none', norm: 'layer', placement: 'pre' },
  pre: { norm: 'layer', placement: 'pre' },
  'pre / sqrt(n)': { norm: 'layer', placement: 'pre', branchScale: { exponent: 0.5 } },
  post: { norm: 'layer', placement: 'post' },
} satisfies Record<string, nn.Wiring>

const lengthOf = (x: Value): Value => ops.sqrt(ops.sum(ops.square(x)))

function residuals(wiring: nn.Wiring, seed: number): number[] {
  const outputs = lab.initialOutputs((s, taps) => {
    const blocks = Array.from({ length: layers }, () => nn.attention({ heads: 4, bias: false }))
    nn.wire(blocks, wiring)(s, s.parameter('tokens', [1, tokens, width], { role: 'embed', init: nn.normal(1) }))
    const streams = blocks.map((_, i) => taps.get(`blocks.${i}.stream`)!)
    const residual = (x: Value): Value => ops.div(lengthOf(ops.sub(x, ops.mean(x, [1], true))), lengthOf(x))
    return Object.fromEntries(streams.map((x, i) => [`layer ${i + 1}`, residual(x)]))
  }, seed)
  return Object.values(outputs).map(({ data }) => data[0]!)
}

export default lab.experiment({
  id: 'E25',
  file: import.meta.url,
  minutes: { full: 0.4, short: 0.2 },
  arms,
  full: { seeds: 10 },
  short: { seeds: 5 },
  measure(wiring, { seed }) {
    const r = residuals(wiring, seed)
    const fall = (layer: number): number => Math.log10(r[layer - 2]! / r[layer - 1]!)
    return {
      ...Object.fromEntries(
        [1, 2, 4, 8, 16, 32].map((layer) => [`log10 r after layer ${layer}`, Math.log10(r[layer - 1]!)]),
      ),
      'r after layer 32': r[31]!,
      'fall of log10 r in layer 3, less that in layer 2': fall(3) - fall(2),
    }
  },
  statements: {
    collapse: {
      says: {
        en: 'Without skips, what tells tokens apart is below a millionth after 4 layers of attention.',
        zh: '没有跳跃连接时，4 层注意力之后，词元之间的差异不足百万分之一。',
      },
      rule: below('no skip', 'log10 r after layer 4', -6, 1),
      papers: { 'dong-2021': 'supports' },
    },
    faster: {
      says: {
        en: 'Without skips the fall gains speed: layer 3 takes more decades than layer 2.',
        zh: '没有跳跃连接时，下降不断加快：第 3 层降低的数量级多于第 2 层。',
      },
      rule: above('no skip', 'fall of log10 r in layer 3, less that in layer 2', 0, 1),
      papers: { 'dong-2021': 'supports' },
    },
    kept: {
      says: {
        en: 'With pre-norm skips more than a fifth is left after 32 layers.',
        zh: '有 pre-norm 跳跃连接时，32 层之后仍保留五分之一以上。',
      },
      rule: above('pre', 'r after layer 32', 0.2),
      papers: { 'dong-2021': 'supports' },
    },
  },
})

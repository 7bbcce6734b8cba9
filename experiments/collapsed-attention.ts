/**
 * E45: does rank collapse kill the gradients of queries and keys, and does 1/sqrt(L) on the branch save them?
 *
 * Transformers of L = 2 to 32 blocks (attention, then relu feed-forward; width 64, 4 heads, 32 Gaussian tokens, layer norm)
 * at their initial values, in float64; nothing is trained, the loss is a random direction. Of the last attention: how alike
 * the tokens are that it sees (mean cosine of pairs), and the gradient of its query and key weights (root mean square of
 * the two norms) over that of its value weights. Without skips the ratio ends in rounding, at about 1e-15.
 *
 * Queries and keys see tokens only as they differ, and values as they are, so the ratio should fall in proportion to
 * 1 - cosine: its exponent is the slope in logarithms over the depths with a 1 - cosine above 1e-12; where the cosine hardly
 * changes with depth it says nothing. 1/sqrt(L) stands on attention and on feed-forward, L counting blocks. The paper's
 * nets were post-norm translators.
 */
import { grad, type Layer, nn, ops, type Value } from 'residua'
import * as lab from 'residua/lab'
import { above, below, higher, lower } from './kit/rules.ts'

const [tokens, width] = [32, 64]
const norms = { norm: 'layer', skip: 'identity', scaled: false } as const
const arms = {
  'no skip': { ...norms, skip: 'none', placement: 'pre' },
  post: { ...norms, placement: 'post' },
  'post / sqrt(L)': { ...norms, placement: 'post', scaled: true },
  pre: { ...norms, placement: 'pre' },
  'pre / sqrt(L)': { ...norms, placement: 'pre', scaled: true },
}

const squares = (x: Value): Value => ops.sum(ops.square(x))

/** `1 - cosine` of what the last attention sees, and the ratio of its gradients. */
function lastAttention(wiring: nn.Wiring, depth: number, seed: number): { apart: number; ratio: number } {
  const outputs = lab.initialOutputs((s) => {
    const seen: Record<string, Value> = {}
    const own = nn.attention({ heads: 4, bias: false })
    const attention: Layer = (scope, x) => {
      seen.x = x
      return own(scope.with({ parameter: (o) => ({ ...o, transform: (weight) => (seen[o.role] = weight) }) }), x)
    }
    const random = (name: string): Value => s.parameter(name, [1, tokens, width], { role: 'embed', init: nn.normal(1) })
    const blocks = new Array<nn.Block>(depth).fill({
      attention,
      mlp: nn.feedForward({ hidden: 4 * width, activation: 'relu' }),
    })
    const loss = ops.sum(ops.mul(nn.wire(blocks, wiring)(s, random('tokens')), random('direction')))
    const [query, key, value] = grad(loss, [seen.query!, seen.key!, seen.value!]).map(squares)
    const unit = ops.div(seen.x!, ops.sqrt(ops.sum(ops.square(seen.x!), [-1], true)))
    const apart = ops.div(squares(ops.sub(unit, ops.mean(unit, [1], true))), tokens)
    return { apart, ratio: ops.sqrt(ops.div(ops.add(query!, key!), ops.mul(value!, 2))) }
  }, seed)
  return { apart: outputs.apart!.data[0]!, ratio: outputs.ratio!.data[0]! }
}

export default lab.experiment({
  id: 'E45',
  file: import.meta.url,
  minutes: { full: 3, short: 0.3 },
  arms,
  full: { seeds: 10, depths: [2, 3, 4, 6, 8, 12, 16, 24, 32] },
  short: { seeds: 3, depths: [2, 3, 4, 8, 16] },
  measure({ scaled, ...wiring }, { seed, size: { depths } }) {
    const found = depths.map((depth) => ({
      depth,
      ...lastAttention({ ...wiring, branchScale: scaled ? depth ** -0.5 : 1 }, depth, seed),
    }))
    const [first, last] = [found[0]!, found.at(-1)!]
    const exponent = lab.powerLaw(found.filter(({ apart }) => apart > 1e-12).map(({ apart, ratio }) => [apart, ratio]))
    const shown = found.flatMap(({ depth, apart, ratio }) => [
      [`cosine at ${depth} blocks`, 1 - apart] as const,
      [`log10 ratio at ${depth} blocks`, Math.log10(ratio)] as const,
    ])
    return {
      ...Object.fromEntries(shown),
      'exponent of the ratio over 1 - cosine': exponent!,
      'departure of that exponent from 1': Math.abs(exponent! - 1),
      'cosine at the deepest': 1 - last.apart,
      'log10 ratio at the deepest': Math.log10(last.ratio),
      'decades that the ratio loses over depth': Math.log10(first.ratio / last.ratio),
    }
  },
  statements: {
    killed: {
      says: {
        en: 'Without skips, 4 blocks are enough for gradients of queries and keys a thousand times smaller than those of values.',
        zh: '没有跳跃连接时，只要 4 个块，查询和键的梯度就不到值的梯度的千分之一。',
      },
      rule: below('no skip', 'log10 ratio at 4 blocks', -3, 1),
      papers: { 'noci-2022': 'supports' },
    },
    'in proportion': {
      says: {
        en: 'Without skips the gradients of queries and keys fall in proportion to 1 - cosine of the tokens.',
        zh: '没有跳跃连接时，查询和键的梯度与词元的 1 - 余弦成比例下降。',
      },
      rule: below('no skip', 'departure of that exponent from 1', 0.2),
      papers: { 'noci-2022': 'supports' },
    },
    'in proportion under post-norm': {
      says: {
        en: 'Under post-norm too they fall in proportion to 1 - cosine of the tokens.',
        zh: 'post-norm 下，它们同样与词元的 1 - 余弦成比例下降。',
      },
      rule: below('post', 'departure of that exponent from 1', 0.2),
      papers: { 'noci-2022': 'supports' },
    },
    'lost under post-norm': {
      says: {
        en: 'Under post-norm the gradients of queries and keys over those of values fall by more than half a decade from the shallowest net to the deepest.',
        zh: 'post-norm 下，从最浅到最深的网络，查询和键的梯度与值的梯度之比下降超过半个数量级。',
      },
      rule: above('post', 'decades that the ratio loses over depth', 0.5, 0.5),
      papers: { 'noci-2022': 'supports' },
    },
    'kept by 1/sqrt(L)': {
      says: {
        en: 'With post-norm branches of 1/sqrt(L) they fall by less than a factor of 2 from the shallowest net to the deepest.',
        zh: 'post-norm 分支乘 1/sqrt(L) 时，从最浅到最深的网络，该比值始终保留一半以上。',
      },
      rule: below('post / sqrt(L)', 'decades that the ratio loses over depth', Math.log10(2)),
      papers: { 'noci-2022': 'supports' },
    },
    saved: {
      says: {
        en: 'In the deepest post-norm net 1/sqrt(L) makes the gradients of queries and keys over those of values more than half a decade larger.',
        zh: '在最深的 post-norm 网络中，1/sqrt(L) 使查询和键的梯度与值的梯度之比增大半个数量级以上。',
      },
      rule: higher('post / sqrt(L)', 'post', 'log10 ratio at the deepest', 0.5, 1),
      papers: { 'noci-2022': 'supports' },
    },
    'tokens apart': {
      says: {
        en: 'In the deepest post-norm net 1/sqrt(L) keeps the cosine between tokens at least 0.1 lower.',
        zh: '在最深的 post-norm 网络中，1/sqrt(L) 使词元之间的余弦至少低 0.1。',
      },
      rule: lower('post / sqrt(L)', 'post', 'cosine at the deepest', 0.1),
      papers: { 'noci-2022': 'supports' },
    },
    'pre-norm': {
      says: {
        en: 'Under pre-norm, without any factor, the ratio falls less over depth than under post-norm, by at least a factor of 2.',
        zh: 'pre-norm 不用任何系数时，该比值随深度的下降也小于 post-norm，相差至少 2 倍。',
      },
      rule: lower('pre', 'post', 'decades that the ratio loses over depth', Math.log10(2)),
      papers: { 'noci-2022': 'informs' },
    },
  },
})

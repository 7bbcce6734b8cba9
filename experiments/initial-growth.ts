/**
 * E23: do stream and gradient at initialisation follow the exact laws of their wiring?
 *
 * The init scan of stacks of 6 to 96 feed-forward branches of gain 1 (relu, width 64): v_L, the second moment of the
 * stream, and the ratio |dLoss/dx_0| / |dLoss/dx_L|. The exponent of a quantity is its slope over depth in logarithms; that
 * of v_L and of the ratio should be what the closed forms give at these depths, to 0.1, or a tenth where they are
 * exponential. Of the same stacks with linear branches, in float64, the gradient of the last block's weight. Then
 * transformers of 6 to 48 blocks (width 32, 16 tokens), whose tokens are not independent: of them only what the pilot saw.
 * Nothing is trained; every measurement is a mean over 8 draws, as the laws are about means, of infinite width. The ratios
 * of the pilot were those of a language model; here the loss is a random direction.
 */
import { grad, nn, ops, type Value } from 'residua'
import * as lab from 'residua/lab'
import { above, below, higher, lower } from './kit/rules.ts'

const harmonic = (n: number): number => Array.from({ length: n }, (_, i) => 1 / (i + 1)).reduce((a, b) => a + b)
/** v_n from v_0 = 1 over n branches of gain 1; the squared ratio is v_n / v_0, and 1 where a norm stands on the sum. */
const laws: Readonly<Record<string, (n: number) => number>> = {
  exponential: (n) => 2 ** n,
  bounded: (n) => (1 + 1 / n) ** n,
  linear: (n) => 1 + n,
  logarithmic: (n) => 1 + harmonic(n),
  flat: () => 1,
}
const wirings = {
  residual: { law: 'exponential', wiring: { norm: 'none' } },
  'residual / sqrt(n)': { law: 'bounded', wiring: { norm: 'none', branchScale: { exponent: 0.5 } } },
  pre: { law: 'linear', wiring: { norm: 'layer', placement: 'pre' } },
  'pre / sqrt(n)': { law: 'flat', wiring: { norm: 'layer', placement: 'pre', branchScale: { exponent: 0.5 } } },
  peri: { law: 'linear', wiring: { norm: 'layer', placement: 'peri' } },
  lnScaling: { law: 'logarithmic', wiring: { norm: 'layer', placement: 'lnScaling' } },
  post: { law: 'flat', wiring: { norm: 'layer', placement: 'post' } },
  deepNorm: { law: 'flat', wiring: { norm: 'layer', placement: 'deepNorm' } },
} satisfies Record<string, { law: string; wiring: nn.Wiring }>
const ofTransformers = {
  pre: wirings.pre.wiring,
  post: wirings.post.wiring,
  deepNorm: wirings.deepNorm.wiring,
  out: { norm: 'layer', placement: 'out', qkNorm: false },
  'out + QK': { norm: 'layer', placement: 'out', qkNorm: true },
} satisfies Record<string, nn.Wiring>
const arms: Readonly<Record<string, { readonly law?: string; readonly wiring: nn.Wiring }>> = {
  ...wirings,
  ...Object.fromEntries(Object.entries(ofTransformers).map(([name, wiring]) => [`transformer, ${name}`, { wiring }])),
}

const width = 64
const slope = (depths: readonly number[], of: (depth: number) => number): number =>
  lab.powerLaw(depths.map((depth) => [depth, of(depth)]))!

/** `|dLoss/dW|` of the last of `depth` linear branches, for a loss in a random direction. */
function lastGradient(wiring: nn.Wiring, depth: number, seed: number): number {
  const { square } = lab.initialOutputs((s) => {
    const random = (name: string): Value => s.parameter(name, [16, width], { role: 'embed', init: nn.normal(1) })
    const weights: Value[] = []
    const branch: nn.Block = (scope, x) => {
      weights.push(scope.parameter('weight', [width, width], { role: 'out', init: nn.fanIn() }))
      return ops.affine(x, weights.at(-1)!)
    }
    const y = nn.wire(new Array<nn.Block>(depth).fill(branch), wiring)(s, random('x'))
    return { square: ops.sum(ops.square(grad(ops.sum(ops.mul(y, random('direction'))), [weights.at(-1)!])[0]!)) }
  }, seed)
  return Math.sqrt(square!.data[0]!)
}

export default lab.experiment({
  id: 'E23',
  file: import.meta.url,
  minutes: { full: 1.2, short: 0.2 },
  arms,
  full: { seeds: 5, draws: 8, depths: [6, 12, 24, 48, 96], transformers: [6, 12, 24, 48] },
  short: { seeds: 3, draws: 8, depths: [6, 12, 24], transformers: [6, 24] },
  async measure({ law, wiring }, { seed, size }) {
    const depths = law === undefined ? size.transformers : size.depths
    const profiles = new Map<number, lab.StackProfile>()
    for (const depth of depths) {
      const shape = law === undefined ? { kind: 'transformer', width: 32, tokens: 16 } : { kind: 'mlp', width }
      profiles.set(
        depth,
        (await lab.scan(wiring, { ...shape, depth } as lab.StackShape, { seeds: size.draws, seed: size.draws * seed }))
          .profile,
      )
    }
    const ratio = (depth: number): number => profiles.get(depth)!.gradient[0]!
    const measured = {
      'exponent of the gradient ratio': slope(depths, ratio),
      'log10 gradient ratio at 24 blocks': Math.log10(ratio(24)),
      'lowest log10 gradient ratio': Math.min(...depths.map((depth) => Math.log10(ratio(depth)))),
      'largest |log10 gradient ratio|': Math.max(...depths.map((depth) => Math.abs(Math.log10(ratio(depth))))),
    }
    if (law === undefined) return measured
    const exact = laws[law]!
    const stream = [slope(depths, (depth) => profiles.get(depth)!.stream.at(-1)!), slope(depths, exact)] as const
    const gradient = [
      measured['exponent of the gradient ratio'],
      slope(depths, (depth) => Math.sqrt(exact(depth))),
    ] as const
    const departures = [stream, gradient].map(([found, closed]) => Math.abs(found - closed) / Math.max(1, closed))
    return {
      ...measured,
      'exponent of the stream': stream[0],
      'departure from the exponents of the law': Math.max(...departures),
      'exponent of the last gradient': slope(depths, (depth) => lastGradient(wiring, depth, seed)),
    }
  },
  statements: {
    residual: follows(
      'residual',
      'doubles with every branch, and the squared gradient ratio too',
      '每过一个分支就翻倍，梯度比值的平方也一样',
      {
        claims: { 6: 'refutes', 33: 'refutes' },
      },
    ),
    'residual / sqrt(n)': follows('residual / sqrt(n)', 'stays below e', '始终小于 e', { claims: { 6: 'informs' } }),
    pre: follows(
      'pre',
      'grows by 1 with every branch, the gradient ratio like its root',
      '每过一个分支加 1，梯度比值按其平方根增长',
      {
        claims: { 9: 'supports', 18: 'informs' },
        papers: { 'xiong-2020': 'supports' },
      },
    ),
    peri: follows(
      'peri',
      'grows by 1 with every branch, the gradient ratio like its root',
      '每过一个分支加 1，梯度比值按其平方根增长',
    ),
    lnScaling: follows('lnScaling', 'grows like the logarithm of depth', '按深度的对数增长'),
    post: follows('post', 'and the gradient ratio stay at 1 at every depth', '和梯度比值在任何深度都保持为 1', {
      papers: { 'xiong-2020': 'informs' },
    }),
    deepNorm: follows('deepNorm', 'and the gradient ratio stay at 1 at every depth', '和梯度比值在任何深度都保持为 1', {
      papers: { 'deepnet-2022': 'informs' },
    }),
    'post stays near 1': {
      says: {
        en: 'Under post-norm the gradient ratio is within a factor of 2 of 1 at every depth.',
        zh: 'post-norm 下，任何深度的梯度比值与 1 相差不到一倍。',
      },
      rule: below('post', 'largest |log10 gradient ratio|', Math.log10(2)),
      papers: { 'xiong-2020': 'informs' },
    },
    'last gradient': {
      says: {
        en: 'The gradient of the last block falls with depth under pre-norm, and not under post-norm.',
        zh: '最后一个块的梯度在 pre-norm 下随深度减小，在 post-norm 下则不然。',
      },
      rule: higher('post', 'pre', 'exponent of the last gradient', 0.3),
      papers: { 'xiong-2020': 'supports' },
    },
    'not vanishing': {
      says: {
        en: 'In a post-norm transformer gradients do not vanish at initialisation at any depth: their ratio is above 0.3.',
        zh: 'post-norm transformer 在初始化时，任何深度的梯度都不消失：比值大于 0.3。',
      },
      rule: above('transformer, post', 'lowest log10 gradient ratio', Math.log10(0.3)),
      claims: { 33: 'informs' },
    },
    'deepNorm transformer': {
      says: {
        en: 'In a transformer with deepNorm the gradient ratio is within 10% of 1 at any depth.',
        zh: '使用 deepNorm 的 transformer，任何深度的梯度比值与 1 相差不到 10%。',
      },
      rule: below('transformer, deepNorm', 'largest |log10 gradient ratio|', Math.log10(1.1)),
      papers: { 'deepnet-2022': 'informs' },
    },
    'out needs QK norm': {
      says: {
        en: 'With norms on branch outputs alone the gradient ratio of 24 blocks is at least ten times that with norms on queries and keys as well.',
        zh: '只对分支输出做归一化时，24 个块的梯度比值至少是同时对查询和键做归一化时的十倍。',
      },
      rule: lower('transformer, out + QK', 'transformer, out', 'log10 gradient ratio at 24 blocks', 1, 1),
    },
  },
})

/** The statement that the stream of an arm follows its law. */
function follows(
  arm: string,
  en: string,
  zh: string,
  bears: Pick<lab.Statement, 'claims' | 'papers'> = {},
): lab.Statement {
  const rule = below(arm, 'departure from the exponents of the law', 0.1)
  return { says: { en: `The stream of '${arm}' ${en}.`, zh: `'${arm}' 的残差流${zh}。` }, rule, ...bears }
}

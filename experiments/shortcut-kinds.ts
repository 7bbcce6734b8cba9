/**
 * E39: which kind of shortcut is best?
 *
 * MLPs of 32 blocks, width 64, on MNIST, batch norm, at the best of three rates. The shortcuts of table 1 of He et al. 2016
 * (arXiv:1603.05027, ResNet-110 on CIFAR-10): identity, a learned map in every block (in an MLP a 1 x 1 convolution and a
 * projection are the same), 0.5 x + 0.5 f(x), the exclusive gate with its bias of -6, dropout of 0.5. Then both units whole:
 * v1, relu(x + f(x)) with norms after the maps, and v2, x + f(relu(norm(x))).
 */
import { nn, ops } from 'residua'
import * as lab from 'residua/lab'
import { higher } from './kit/rules.ts'

const task = lab.tasks.mnist({ depth: 32, width: 64 })
const droppedBlock: nn.Block = (s, x) => {
  const kept = nn.dropout(0.5)(s.in('shortcut'), x)
  return ops.add(kept, nn.feedForward({ hidden: 64, activation: 'relu' })(s, nn.batchNorm()(s.in('norm'), x)))
}
const dropped: typeof task = {
  ...task,
  name: 'mnist, dropout on the shortcut',
  net: ({ depth, width }) =>
    nn.wire(
      new Array<nn.Block>(depth).fill(droppedBlock),
      { skip: 'none', norm: 'none' },
      {
        embed: (s, x) => nn.linear(width)(s.in('input'), x),
        head: (s, x) => nn.linear(10, { role: 'head' })(s.in('head'), nn.batchNorm()(s.in('finalNorm'), x)),
      },
    ),
}
const pre = { norm: 'batch', placement: 'pre' }
const shortcuts: Record<string, { en: string; zh: string }> = {
  'exclusive gate': { en: 'a gate', zh: '门控' },
  map: { en: 'a learned map (1 x 1)', zh: '可学习映射（1×1）' },
  half: { en: 'the factor 0.5', zh: '系数 0.5' },
  dropout: { en: 'dropout', zh: 'dropout' },
}

export default lab.experiment({
  id: 'E39',
  file: import.meta.url,
  minutes: { full: 8, short: 0.3 },
  arms: {
    identity: { ...pre, skip: 'identity' },
    'exclusive gate': { ...pre, skip: { name: 'highway', bias: -6 } },
    map: { ...pre, skip: { name: 'projection', option: 'C' } },
    half: { ...pre, skip: { name: 'scaled', keep: 0.5, add: 0.5 } },
    dropout: {},
    v1: { norm: 'batch', placement: 'outEach', skip: 'postActivation' },
    v2: { norm: 'batch', placement: 'preEach', skip: 'preActivation' },
  },
  full: { seeds: 5, learningRates: [3e-4, 1e-3, 3e-3], steps: 400 },
  short: { seeds: 3, learningRates: [1e-3], steps: 60, arms: ['identity', 'half', 'map', 'dropout'] },
  async measure(arm, { name, size, train }) {
    const { state, metrics } = await train(name === 'dropout' ? dropped : task, arm, { steps: size.steps })
    return { state, metrics }
  },
  statements: {
    ...Object.fromEntries(
      Object.entries(shortcuts).map(([arm, { en, zh }]): [string, lab.Statement] => [
        arm,
        {
          says: {
            en: `At 32 blocks the identity is at least 1 point more accurate than ${en} on the shortcut.`,
            zh: `32 个块时，恒等捷径的准确率比捷径上用${zh}时至少高 1 个百分点。`,
          },
          rule: higher('identity', arm, 'accuracy', 0.01, 0.05),
          claims: arm === 'exclusive gate' ? { 5: 'informs' } : {},
          papers: { 'he-2016b': 'supports' },
        },
      ]),
    ),
    order: {
      says: {
        en: 'At 32 blocks shortcuts rank as in the paper, each a point ahead of the next: identity, gate, learned map, 0.5, dropout.',
        zh: '32 个块时，捷径的排序与论文相同，依次各领先 1 个百分点：恒等、门控、可学习映射、0.5、dropout。',
      },
      rule: {
        ...{ kind: 'order', metric: 'accuracy', better: 'higher', smallest: 0.01, large: 0.05 },
        arms: ['identity', 'exclusive gate', 'map', 'half', 'dropout'],
      },
      papers: { 'he-2016b': 'supports' },
    },
    units: {
      says: {
        en: 'At 32 blocks v2, norm and relu inside the branch and the sum going on as it is, is at least 1 point more accurate than v1, relu on the sum.',
        zh: '32 个块时，v2（归一化和 relu 在分支内，和原样往下传）的准确率比 v1（在和上用 relu）至少高 1 个百分点。',
      },
      rule: higher('v2', 'v1', 'accuracy', 0.01, 0.05),
      claims: { 40: 'informs' },
      papers: { 'he-2016b': 'supports' },
    },
  },
})

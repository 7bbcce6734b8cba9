/**
 * E3: do plain nets degrade with depth, and do residual connections cure it?
 *
 * MLPs of 2 to 32 blocks of two layers, width 64, on MNIST; each arm at its best of three learning rates. The training
 * loss is that of 2,000 training digits after the last step: degradation is a failure to fit, not to generalise.
 * The statements from `shallow` on were added after the run, from its results.
 */
import { data } from 'residua'
import * as lab from 'residua/lab'

const kinds = {
  plain: { skip: 'none', norm: 'none' },
  'plain + layer norm': { skip: 'none', norm: 'layer', placement: 'pre' },
  'plain + batch norm': { skip: 'none', norm: 'batch', placement: 'pre' },
  residual: { skip: 'identity', norm: 'none' },
  'residual / sqrt(n)': { skip: 'identity', norm: 'none', branchScale: { exponent: 0.5 } },
  pre: { skip: 'identity', norm: 'layer', placement: 'pre' },
  post: { skip: 'identity', norm: 'layer', placement: 'post' },
  'pre, batch norm': { skip: 'identity', norm: 'batch', placement: 'pre' },
  ReZero: { skip: 'reZero', norm: 'none' },
}
const arms = Object.fromEntries(
  [2, 8, 16, 32].flatMap((depth) =>
    Object.entries(kinds).map(([name, wiring]) => [`${name}, ${depth} blocks`, { ...wiring, depth }]),
  ),
)
const task = lab.tasks.mnist({ width: 64 })
const twice = {
  kind: 'difference',
  metric: 'log train loss',
  better: 'lower',
  smallest: Math.log(2),
  large: Math.log(2),
} as const

export default lab.experiment({
  id: 'E3',
  file: import.meta.url,
  minutes: { full: 15, short: 0.9 },
  arms,
  full: { seeds: 3, learningRates: [3e-4, 1e-3, 3e-3], steps: 400 },
  short: {
    seeds: 3,
    learningRates: [1e-3],
    steps: 60,
    arms: Object.keys(arms).filter((name) => / (2|32) /.test(name)),
  },
  async measure(arm, trial) {
    const { state, metrics, model, data: of } = await trial.train(task, arm, { steps: trial.size.steps })
    const { loss } = await model.evaluate(data.take(of.train, 2000))
    return { state, metrics: state === 'diverged' ? {} : { ...metrics, 'log train loss': Math.log(loss) } }
  },
  statements: {
    degradation: {
      says: {
        en: 'A plain net of 2 blocks reaches less than half the training loss of one of 32.',
        zh: '2 个块的普通网络，训练损失不到 32 个块的一半。',
      },
      rule: { ...twice, arms: ['plain, 2 blocks', 'plain, 32 blocks'] },
      papers: { 'he-2016': 'supports' },
    },
    cure: {
      says: {
        en: 'At 32 blocks pre-norm residual reaches less than half the training loss of plain.',
        zh: '32 个块时，pre-norm 残差网络的训练损失不到普通网络的一半。',
      },
      rule: { ...twice, arms: ['pre, 32 blocks', 'plain, 32 blocks'] },
      claims: {
        ...{ 1: 'supports', 4: 'supports', 6: 'informs', 12: 'informs' },
        ...{ 32: 'informs', 33: 'informs', 57: 'informs', 63: 'informs' },
      },
    },
    'skip alone': {
      says: {
        en: 'At 32 blocks the skip alone, without norm or scale, reaches less than half the training loss of plain.',
        zh: '32 个块时，只有残差连接（没有归一化和缩放），训练损失不到普通网络的一半。',
      },
      rule: { ...twice, arms: ['residual, 32 blocks', 'plain, 32 blocks'] },
      claims: { 4: 'informs', 6: 'supports', 12: 'supports', 32: 'supports', 33: 'supports' },
    },
    'scaled skip alone': {
      says: {
        en: 'At 32 blocks the skip with branches scaled by 1/sqrt(n), without a norm, reaches less than half the training loss of plain.',
        zh: '32 个块时，残差连接加上 1/sqrt(n) 的分支缩放（没有归一化），训练损失不到普通网络的一半。',
      },
      rule: { ...twice, arms: ['residual / sqrt(n), 32 blocks', 'plain, 32 blocks'] },
      claims: { 6: 'supports', 12: 'supports', 32: 'supports', 33: 'supports' },
    },
    'norm alone': {
      says: {
        en: 'At 16 blocks layer norm without a residual connection has more than twice the training loss of neither.',
        zh: '16 个块时，只有层归一化而没有残差连接，训练损失是两者都没有时的两倍以上。',
      },
      rule: { ...twice, arms: ['plain, 16 blocks', 'plain + layer norm, 16 blocks'] },
      claims: { 4: 'informs', 9: 'refutes' },
    },
    scale: {
      says: {
        en: 'At 32 blocks a residual branch scaled by 1/sqrt(n), without any norm, reaches less than half the training loss of an unscaled one.',
        zh: '32 个块时，不用归一化而把残差分支乘以 1/sqrt(n)，训练损失不到不缩放时的一半。',
      },
      rule: { ...twice, arms: ['residual / sqrt(n), 32 blocks', 'residual, 32 blocks'] },
      claims: { 74: 'informs' },
      papers: { 'de-smith-2020': 'supports' },
    },
    shallow: {
      says: {
        en: 'At 2 blocks, too, the skip alone halves the training loss of plain.',
        zh: '2 个块时，仅用残差连接也能把训练损失降到普通网络的一半。',
      },
      rule: { ...twice, arms: ['residual, 2 blocks', 'plain, 2 blocks'] },
      claims: { 57: 'informs' },
    },
    ReZero: {
      says: {
        en: 'At 32 blocks ReZero, without any norm, reaches less than half the training loss of a plain net.',
        zh: '32 个块时，不用归一化的 ReZero，训练损失不到普通网络的一半。',
      },
      rule: { ...twice, arms: ['ReZero, 32 blocks', 'plain, 32 blocks'] },
      papers: { 'rezero-2020': 'supports' },
    },
    SkipInit: {
      says: {
        en: 'At 32 blocks a residual branch under one trained scalar that starts at 0 (SkipInit), without any norm, reaches less than half the training loss of an unscaled one.',
        zh: '32 个块时，残差分支乘以初值为 0 的可学习标量（SkipInit），不用归一化，训练损失不到不缩放时的一半。',
      },
      rule: { ...twice, arms: ['ReZero, 32 blocks', 'residual, 32 blocks'] },
      papers: { 'de-smith-2020': 'supports' },
    },
    'cure, batch norm': {
      says: {
        en: 'At 32 blocks with batch norm a residual net reaches less than half the training loss of a plain one.',
        zh: '32 个块并使用批归一化时，残差网络的训练损失不到普通网络的一半。',
      },
      rule: { ...twice, arms: ['pre, batch norm, 32 blocks', 'plain + batch norm, 32 blocks'] },
      papers: { 'he-2016': 'supports' },
    },
  },
})

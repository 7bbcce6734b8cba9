/**
 * E22: which placements train, and how well, each at its best learning rate?
 *
 * GPTs of 12 blocks, width 48, on the characters of Moby Dick (LM-S: 300 steps, batches of 8 windows of 64, AdamW with
 * beta2 0.95, linear decay, no warm-up), one arm for every placement, and some skips and norms; all have a final norm
 * but where the name says otherwise, or the placement brings its own. The catalogue's gap closed, (u - loss) / (u - best)
 * with u the unigram entropy, needs the best of all arms; compared is `ln gap` = ln(u - loss), whose differences are the
 * logarithms of its ratios. What stays within 0.05 nats of u counts as failed. 28 arms, 3 rates, 3 seeds at about 18 s.
 */
import * as lab from 'residua/lab'

const task = lab.tasks.characters({ depth: 12, width: 48 })
const bare = { placement: 'none', finalNorm: true }
const overRoot = { branchScale: { exponent: 0.5 } }
const gap = (arms: [string, string], ratio = 1.02, large = 1.2): lab.Rule => ({
  ...{ kind: 'difference', metric: 'ln gap', better: 'higher', arms },
  ...{ smallest: Math.log(ratio), large: Math.log(large) },
})

export default lab.experiment({
  id: 'E22',
  file: import.meta.url,
  minutes: { full: 38, short: 0.8 },
  arms: {
    plain: { ...bare, skip: 'none' },
    'plain, pre': { placement: 'pre', skip: 'none' },
    residual: bare,
    'residual / sqrt(n)': { ...bare, ...overRoot },
    Post: { placement: 'post' },
    Pre: { placement: 'pre' },
    'Pre / sqrt(n)': { placement: 'pre', ...overRoot },
    'Pre, no final norm': { placement: 'pre', finalNorm: 'omitted' },
    Sandwich: { placement: 'sandwich' },
    Peri: { placement: 'peri' },
    'Output, no QK norm': { placement: 'out', qkNorm: false },
    Output: { placement: 'out' },
    DeepNorm: { placement: 'deepNorm' },
    Keel: { placement: 'keel' },
    Admin: { placement: 'admin' },
    B2T: { placement: 'b2t' },
    ResiDual: { placement: 'resiDual' },
    SpanNorm: { placement: 'spanNorm' },
    'Mix-LN': { placement: 'mixLn' },
    'LN-scaling': { placement: 'lnScaling' },
    HybridNorm: { placement: 'hybridNorm' },
    'Sub-LN': { placement: 'subLn' },
    NormFormer: { placement: 'normFormer' },
    Parallel: { placement: 'parallel' },
    ReZero: { ...bare, skip: 'reZero' },
    'learned scalars': { placement: 'pre', skip: 'learnedScalars' },
    'attention residuals': { placement: 'pre', skip: 'attentionResidual' },
    DyT: { placement: 'pre', norm: 'dyt' },
  },
  full: { seeds: 3, learningRates: [1e-3, 4e-3, 8e-3], steps: 300, depth: 12 },
  short: {
    seeds: 3,
    learningRates: [4e-3],
    steps: 100,
    depth: 4,
    arms: ['plain', 'Post', 'Pre', 'DeepNorm', 'ReZero'],
  },
  async measure(arm, { train, size: { steps, depth } }) {
    const training = { schedule: 'linear', beta2: 0.95 } as const
    const { state, metrics, data } = await train(task, { ...arm, depth }, { steps, training })
    if (state !== 'trained') return { state, metrics }
    const nats = data.measures.loss!.chance - metrics.loss!
    return { state, metrics: { ...metrics, 'nats below the unigram entropy': nats, 'ln gap': Math.log(nats) } }
  },
  statements: {
    'both techniques': {
      says: {
        en: 'A net with pre-norm and residual connections closes at least 1.5 times the gap of a plain one, or trains where that fails.',
        zh: '带残差连接的 pre-norm 网络缩小的差距至少是普通网络的 1.5 倍，或者在后者失败时仍能训练。',
      },
      rule: gap(['Pre', 'plain'], 1.5, 2),
      claims: { 1: 'supports' },
    },
    'the novel': {
      says: {
        en: 'Trained only to predict the next character of a novel, a pre-norm net comes at least 0.3 nats below the unigram entropy.',
        zh: '只训练预测小说的下一个字符，pre-norm 网络的损失就比一元熵低至少 0.3 nat。',
      },
      rule: { kind: 'threshold', arm: 'Pre', metric: 'nats below the unigram entropy', is: 'above', bound: 0.3 },
      claims: { 2: 'informs' },
    },
    'norm of the output': {
      says: {
        en: 'A net whose norms stand behind its sublayers, not before them, comes at least 0.3 nats below the unigram entropy.',
        zh: '归一化放在子层之后而不是之前的网络，也比一元熵低至少 0.3 nat。',
      },
      rule: { kind: 'threshold', arm: 'Output', metric: 'nats below the unigram entropy', is: 'above', bound: 0.3 },
      claims: { 13: 'informs' },
    },
    'final norm': {
      says: {
        en: 'Without its final norm pre-norm closes at least 2% less of the gap.',
        zh: '去掉末端归一化，pre-norm 缩小的差距至少少 2%。',
      },
      rule: gap(['Pre', 'Pre, no final norm']),
      claims: { 30: 'informs' },
    },
    'placement decides': {
      says: {
        en: 'Pre-norm closes at least 1.5 times the gap of post-norm, or trains where that fails.',
        zh: 'Pre-norm 缩小的差距至少是 post-norm 的 1.5 倍，或者在后者失败时仍能训练。',
      },
      rule: gap(['Pre', 'Post'], 1.5, 2),
      claims: { 74: 'informs' },
    },
    ReZero: {
      says: {
        en: 'ReZero without a norm in its blocks closes at least 2% more of the gap than pre-norm.',
        zh: '块内没有归一化的 ReZero，缩小的差距比 pre-norm 至少多 2%。',
      },
      rule: gap(['ReZero', 'Pre']),
      papers: { 'rezero-2020': 'supports' },
    },
    DeepNorm: {
      says: {
        en: 'DeepNorm closes at least 2% more of the gap than pre-norm.',
        zh: 'DeepNorm 缩小的差距比 pre-norm 至少多 2%。',
      },
      rule: gap(['DeepNorm', 'Pre']),
      papers: { 'deepnet-2022': 'supports' },
    },
    HybridNorm: {
      says: {
        en: 'HybridNorm closes at least 2% more of the gap than pre-norm.',
        zh: 'HybridNorm 缩小的差距比 pre-norm 至少多 2%。',
      },
      rule: gap(['HybridNorm', 'Pre']),
      papers: { 'hybrid-norm-2025': 'supports' },
    },
    'attention residuals': {
      says: {
        en: 'Attention residuals close at least 2% more of the gap than pre-norm.',
        zh: '注意力残差缩小的差距比 pre-norm 至少多 2%。',
      },
      rule: gap(['attention residuals', 'Pre']),
      papers: { 'attention-residuals-2026': 'supports' },
    },
    DyT: {
      says: {
        en: 'With DyT in place of layer norm pre-norm closes at least 2% less of the gap.',
        zh: '用 DyT 代替层归一化，pre-norm 缩小的差距至少少 2%。',
      },
      rule: gap(['Pre', 'DyT']),
      papers: { 'dyt-2025': 'refutes' },
    },
  },
})

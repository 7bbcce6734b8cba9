/**
 * E13: does layer norm give stability, that is, does the choice of the learning rate matter less with it?
 *
 * GPTs of 12 blocks, width 48, on the characters of Moby Dick (LM-S: 300 steps, batches of 8 windows of 64, AdamW with
 * beta2 0.95, linear decay, no warm-up). One trial trains its arm at six rates, an octave apart, from 5e-4 to 1.6e-2, so
 * that sensitivity and usable octaves are a number per seed. Usable is what leaves the plateau and comes within 0.1 nats
 * of the arm's best; a net that is stuck at every rate has no usable octave, but a low sensitivity, which says nothing.
 * `residual / sqrt(n)` has a final norm as all arms, and none in its blocks. 6 arms, 6 rates, 5 seeds at about 20 s.
 */
import * as lab from 'residua/lab'
import { bestOf, stability, trainAtRates } from './kit/learning-rates.ts'

const task = lab.tasks.characters({ depth: 12, width: 48 })
const compare = (metric: string, arms: [string, string], better: 'lower' | 'higher', smallest: number): lab.Rule => ({
  ...{ kind: 'difference', metric, arms, better, smallest },
})

export default lab.experiment({
  id: 'E13',
  file: import.meta.url,
  minutes: { full: 32, short: 0.8 },
  arms: {
    'residual / sqrt(n)': { placement: 'none', finalNorm: true, branchScale: { exponent: 0.5 } },
    Pre: { placement: 'pre' },
    'Pre, QK norm': { placement: 'pre', qkNorm: true },
    Post: { placement: 'post' },
    Peri: { placement: 'peri' },
    DeepNorm: { placement: 'deepNorm' },
  },
  full: { seeds: 5, rates: [5e-4, 1e-3, 2e-3, 4e-3, 8e-3, 1.6e-2], steps: 300, depth: 12 },
  short: {
    ...{ seeds: 3, rates: [4e-3, 8e-3, 1.6e-2], steps: 40, depth: 4 },
    arms: ['residual / sqrt(n)', 'Pre', 'Pre, QK norm'],
  },
  async measure(arm, trial) {
    const { steps, rates, depth } = trial.size
    const runs = await trainAtRates(trial, task, { ...arm, depth }, rates, {
      ...{ steps, training: { schedule: 'linear', beta2: 0.95 } },
      ...{ probes: ['maxLogit'], probeEvery: steps },
    })
    const { state, events } = bestOf(runs).result
    if (state === 'diverged') return { state, metrics: {} }
    const logits = Object.values(events.at(-1)!.probes!).flatMap(({ maxLogit = [] }) => maxLogit)
    return { ...stability(runs), 'ln largest attention logit': Math.log(Math.max(...logits)) }
  },
  statements: {
    'usable rates': {
      says: {
        en: 'Pre-norm is usable over at least 4 times more learning rate than a residual branch over sqrt(n) alone.',
        zh: 'Pre-norm 可用的学习率范围，至少是只把残差分支除以 sqrt(n) 的 4 倍。',
      },
      rule: compare('usable octaves', ['Pre', 'residual / sqrt(n)'], 'higher', 2),
      claims: { 35: 'supports', 70: 'supports' },
    },
    sensitivity: {
      says: {
        en: 'The learning rate matters less to pre-norm than to a residual branch over sqrt(n) alone, by 0.1 nats.',
        zh: '学习率对 pre-norm 的影响，比对只除以 sqrt(n) 的残差分支小至少 0.1 nat。',
      },
      rule: compare('sensitivity', ['Pre', 'residual / sqrt(n)'], 'lower', 0.1),
      claims: { 35: 'supports' },
    },
    'best rate': {
      says: {
        en: 'Each at its best rate, pre-norm is ahead of a residual branch over sqrt(n) alone after the same number of steps.',
        zh: '各用最佳学习率、训练步数相同时，pre-norm 领先于只除以 sqrt(n) 的残差分支。',
      },
      rule: compare('best loss', ['Pre', 'residual / sqrt(n)'], 'lower', 0.02),
      claims: { 10: 'supports', 70: 'informs' },
    },
    'query and key norm': {
      says: {
        en: 'A norm on queries and keys makes pre-norm less sensitive to the learning rate.',
        zh: '给查询和键加归一化，使 pre-norm 对学习率更不敏感。',
      },
      rule: compare('sensitivity', ['Pre, QK norm', 'Pre'], 'lower', 0.02),
      papers: { 'wortsman-2023': 'supports' },
    },
    'attention logits': {
      says: {
        en: 'A norm on queries and keys halves the largest attention logit at the end of training.',
        zh: '给查询和键加归一化，使训练结束时最大的注意力 logit 减半。',
      },
      rule: compare('ln largest attention logit', ['Pre, QK norm', 'Pre'], 'lower', Math.log(2)),
      papers: { 'wortsman-2023': 'supports' },
    },
  },
})

/**
 * E29: do dynamic tanh (DyT) and dynamic erf (Derf), which take no statistics, beat layer norm and RMS norm only where
 * data are scarce?
 *
 * Pre-norm GPTs of 4 blocks, width 48 (0.13 million parameters), on windows of 64 characters drawn from all over Moby
 * Dick: 50,000, 250,000, or all 1.1 million that are not held out (the catalogue's 5 million would take another text).
 * Everywhere 1,200 steps of 8 windows, AdamW with beta2 0.95, linear decay, no warm-up: 12 epochs of the smallest text, half
 * of one of the largest, so what changes is how often a text is seen, not how long training takes. Each arm at its best of
 * three rates, by the loss on held-out text after the last step. No stopping early: a norm that overfits less is to show
 * it. (With layer norm 10,000 characters, 60 epochs, end above chance: too few.) 12 arms, 3 rates, 5 seeds at about 20 s.
 */
import * as lab from 'residua/lab'
import { lower } from './kit/rules.ts'

const task = lab.tasks.characters({ width: 48 })
const texts = { '50k': 50_000, '250k': 250_000, all: null }
const norms = { LN: 'layer', RMS: 'rms', DyT: 'dyt', Derf: 'derf' }
const arms = Object.fromEntries(
  Object.entries(texts).flatMap(([text, trainCharacters]) =>
    Object.entries(norms).map(([name, norm]) => [`${name}, ${text}`, { norm, trainCharacters }]),
  ),
)
const ahead = (arm: string, other: string): lab.Rule => lower(arm, other, 'loss', 0.02)

export default lab.experiment({
  id: 'E29',
  file: import.meta.url,
  minutes: { full: 34, short: 0.6 },
  arms,
  full: { seeds: 5, learningRates: [1e-3, 2e-3, 4e-3], steps: 2000, depth: 4 },
  short: {
    seeds: 3,
    learningRates: [4e-3],
    steps: 200,
    depth: 2,
    arms: Object.keys(arms).filter((name) => !/RMS|250k/.test(name)),
  },
  async measure(arm, { size, train }) {
    const training = { schedule: 'linear', beta2: 0.95 } as const
    const { state, metrics, events } = await train(task, { ...arm, depth: size.depth }, { steps: size.steps, training })
    if (state === 'diverged') return { state, metrics }
    const last = events.slice(-Math.ceil(size.steps / 10))
    const seen = last.reduce((sum, { loss }) => sum + loss, 0) / last.length
    return {
      state,
      metrics: { ...metrics, 'train loss of the last tenth': seen, 'generalisation gap': metrics.loss! - seen },
    }
  },
  statements: {
    'DyT where data are scarce': {
      says: {
        en: 'On 50,000 characters dynamic tanh is ahead of layer norm by 0.02 nats.',
        zh: '只有 5 万字符时，dynamic tanh 领先层归一化 0.02 nat。',
      },
      rule: ahead('DyT, 50k', 'LN, 50k'),
      papers: { 'dyt-2025': 'informs' },
    },
    'LN where data abound': {
      says: {
        en: 'On the whole text layer norm is ahead of dynamic tanh by 0.02 nats.',
        zh: '用全文训练时，层归一化领先 dynamic tanh 0.02 nat。',
      },
      rule: ahead('LN, all', 'DyT, all'),
      papers: { 'dyt-2025': 'refutes' },
    },
    'Derf where data are scarce': {
      says: {
        en: 'On 50,000 characters dynamic erf is ahead of layer norm by 0.02 nats.',
        zh: '只有 5 万字符时，dynamic erf 领先层归一化 0.02 nat。',
      },
      rule: ahead('Derf, 50k', 'LN, 50k'),
      papers: { 'derf-2025': 'informs' },
    },
    'LN and Derf': {
      says: {
        en: 'On the whole text layer norm is ahead of dynamic erf by 0.02 nats.',
        zh: '用全文训练时，层归一化领先 dynamic erf 0.02 nat。',
      },
      rule: ahead('LN, all', 'Derf, all'),
      papers: { 'derf-2025': 'refutes' },
    },
    'Derf and DyT': {
      says: {
        en: 'On the whole text dynamic erf is ahead of dynamic tanh by 0.02 nats.',
        zh: '用全文训练时，dynamic erf 领先 dynamic tanh 0.02 nat。',
      },
      rule: ahead('Derf, all', 'DyT, all'),
      papers: { 'derf-2025': 'supports' },
    },
    'RMS where data are scarce': {
      says: {
        en: 'On 50,000 characters dynamic tanh is ahead of RMS norm, too, by 0.02 nats.',
        zh: '只有 5 万字符时，dynamic tanh 也领先 RMS 归一化 0.02 nat。',
      },
      rule: ahead('DyT, 50k', 'RMS, 50k'),
      papers: { 'dyt-2025': 'informs' },
    },
  },
})

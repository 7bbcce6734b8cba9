/**
 * E28: is it so that very deep nets cannot be trained, and which placement, warm-up and initialisation can?
 *
 * GPTs of 40 blocks, width 32, on the characters of Moby Dick (LM-D: 250 steps, batches of 8 windows of 64, AdamW with
 * beta2 0.95, linear decay), with and without a warm-up of 60 steps. A net leaves the plateau where it comes 0.3 nats
 * below the unigram entropy u; the training of one ends when ten batches average 0.5 below, so that what is compared is
 * who learns, not how well. The initialisation is an arm for post-norm (Glorot, T-Fixup) and for pre-norm (GPT-2's).
 * Plain nets are in E22. 20 arms, 3 rates, 3 seeds at up to 40 s: nets that learn need about half.
 */
import * as lab from 'residua/lab'

const task = lab.tasks.characters({ depth: 40, width: 32, testSize: 64 })
const kinds = {
  Post: { placement: 'post' },
  'Post, Glorot': { placement: 'post', init: 'xavier' },
  'Post, T-Fixup': { placement: 'post', init: 'tFixup' },
  B2T: { placement: 'b2t' },
  'Mix-LN': { placement: 'mixLn' },
  DeepNorm: { placement: 'deepNorm' },
  Keel: { placement: 'keel' },
  ReZero: { placement: 'none', finalNorm: true, skip: 'reZero' },
  Pre: { placement: 'pre' },
  'Pre, GPT-2': { placement: 'pre', init: 'gpt2' },
}
const arms = Object.fromEntries(
  [0, 60].flatMap((warmupSteps) =>
    Object.entries(kinds).map(([name, wiring]) => [
      `${name}, ${warmupSteps === 0 ? 'no warm-up' : 'warm-up'}`,
      { ...wiring, warmupSteps },
    ]),
  ),
)
const below = 'nats below the unigram entropy'
const leaves = (arm: string): lab.Rule => ({ kind: 'threshold', arm, metric: below, is: 'above', bound: 0.3 })
const better = (a: string, b: string): lab.Rule => ({
  ...{ kind: 'difference', arms: [a, b], metric: below, better: 'higher', smallest: 0.2, large: 0.3 },
})

export default lab.experiment({
  id: 'E28',
  file: import.meta.url,
  minutes: { full: 40, short: 0.9 },
  arms,
  full: { seeds: 3, learningRates: [5e-4, 2e-3, 8e-3], steps: 250, depth: 40 },
  short: {
    ...{ seeds: 3, learningRates: [8e-3], steps: 100, depth: 8 },
    arms: ['Post, no warm-up', 'DeepNorm, no warm-up', 'Pre, no warm-up'],
  },
  async measure({ warmupSteps, ...wiring }, { train, size: { steps, depth } }) {
    const recent: number[] = []
    const { chance } = (await task.open({ ...task.options, depth })).measures.loss!
    const { state, metrics, events } = await train(
      task,
      { ...wiring, depth },
      {
        ...{ steps, training: { schedule: 'linear', beta2: 0.95, warmupSteps } },
        onStep({ loss }) {
          recent.push(loss)
          const last = recent.slice(-10)
          return last.length < 10 || last.reduce((sum, value) => sum + value / 10, 0) > chance - 0.5
        },
      },
    )
    if (state === 'diverged') return { state, metrics }
    return { [below]: chance - metrics.loss!, steps: events.length }
  },
  statements: {
    'post-norm is stuck': {
      says: {
        en: 'Without warm-up pre-norm gets at least 0.2 nats further from the plateau than post-norm.',
        zh: '不预热时，pre-norm 比 post-norm 离开平台至少远 0.2 nat。',
      },
      rule: better('Pre, no warm-up', 'Post, no warm-up'),
      claims: { 73: 'supports', 74: 'informs' },
      papers: { 'xiong-2020': 'supports' },
    },
    'pre-norm trains': {
      says: {
        en: 'Pre-norm leaves the plateau without warm-up.',
        zh: 'Pre-norm 不预热也能离开平台。',
      },
      rule: leaves('Pre, no warm-up'),
      claims: { 73: 'informs' },
    },
    'warm-up': {
      says: {
        en: 'A warm-up of 60 steps takes post-norm at least 0.2 nats further from the plateau.',
        zh: '预热 60 步使 post-norm 离开平台至少远 0.2 nat。',
      },
      rule: better('Post, warm-up', 'Post, no warm-up'),
      claims: { 74: 'informs' },
    },
    initialisation: {
      says: {
        en: 'The initialisation of T-Fixup alone takes post-norm at least 0.2 nats further from the plateau.',
        zh: '仅用 T-Fixup 的初始化，就使 post-norm 离开平台至少远 0.2 nat。',
      },
      rule: better('Post, T-Fixup, no warm-up', 'Post, no warm-up'),
      claims: { 74: 'informs' },
    },
    DeepNorm: {
      says: { en: 'DeepNorm leaves the plateau without warm-up.', zh: 'DeepNorm 不预热也能离开平台。' },
      rule: leaves('DeepNorm, no warm-up'),
      papers: { 'deepnet-2022': 'supports' },
    },
    Keel: {
      says: { en: 'Keel leaves the plateau without warm-up.', zh: 'Keel 不预热也能离开平台。' },
      rule: leaves('Keel, no warm-up'),
      papers: { 'keel-2026': 'supports' },
    },
    ReZero: {
      says: { en: 'ReZero leaves the plateau without warm-up.', zh: 'ReZero 不预热也能离开平台。' },
      rule: leaves('ReZero, no warm-up'),
      papers: { 'rezero-2020': 'supports' },
    },
    'Mix-LN': {
      says: {
        en: 'Mix-LN leaves the plateau with a warm-up of 60 steps.',
        zh: '预热 60 步时，Mix-LN 能离开平台。',
      },
      rule: leaves('Mix-LN, warm-up'),
      papers: { 'mix-ln-2024': 'informs' },
    },
    B2T: {
      says: {
        en: 'B2T leaves the plateau with a warm-up of 60 steps.',
        zh: '预热 60 步时，B2T 能离开平台。',
      },
      rule: leaves('B2T, warm-up'),
      papers: { 'b2t-2022': 'supports' },
    },
  },
})

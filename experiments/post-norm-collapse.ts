/**
 * E24: do gradients of a deep post-norm transformer vanish at initialisation, or in the first steps of training?
 *
 * The claim under test is that they vanish at initialisation. Rule, written before the run: refuted where the gradient
 * ratio |dLoss/dx_0| / |dLoss/dx_last| at step 0 lies in [0.3, 5]; the collapse is confirmed where by step 40 it is below
 * 1e-4 with a mean cosine of all pairs of tokens above 0.999, and the ratio of pre-norm stays above 1e-4 at every step.
 *
 * 32 blocks, width 48, Glorot's uniform as in 2017, an embedding norm, characters of Moby Dick (the pilot used another
 * text), AdamW without warm-up or clipping. Judged at the pilot's rate, 2e-3; the others are shown. Metrics are the film:
 * log10 of the ratio and the cosine after 0, 1, 2, 5, ... 160 steps. 3 arms, 3 rates, 8 seeds at about 24 s: the ratio
 * at step 0 varies by a factor of 3 between seeds.
 *
 * First runs with fan-in initial values gave a ratio of 6 at step 0, and 266 without the embedding norm: outside the band
 * upwards, so not vanishing either; the collapse came just the same. A first rule for pre-norm also asked for a cosine
 * below 0.999 throughout; without the embedding norm it passes that for a few steps.
 */
import * as lab from 'residua/lab'

const task = lab.tasks.characters({ depth: 32, width: 48, testSize: 32 })
const film = [0, 1, 2, 5, 10, 20, 30, 40, 60, 80, 120, 160]
const bound = (arm: string, metric: string, is: 'above' | 'below', at: number): lab.Rule => ({
  ...{ kind: 'threshold', arm, metric, is, bound: at, learningRate: 2e-3 },
})

export default lab.experiment({
  id: 'E24',
  file: import.meta.url,
  minutes: { full: 15, short: 0.6 },
  arms: {
    Post: { placement: 'post' },
    'Post, warm-up of 100': { placement: 'post', warmupSteps: 100 },
    Pre: { placement: 'pre' },
  },
  full: { seeds: 8, learningRates: [5e-4, 2e-3, 8e-3], steps: 161, context: 64 },
  short: { seeds: 8, learningRates: [2e-3], steps: 41, context: 32, arms: ['Post', 'Pre'] },
  async measure(arm, { train, size: { steps, context } }) {
    const { state, events } = await train(
      task,
      { ...arm, context, embedNorm: true, init: 'xavier' },
      { steps, training: { beta2: 0.95 }, probes: ['gradientNorm', 'tokenCosine'] },
    )
    if (state === 'diverged') return { state, metrics: {} }
    const frames = events.map(({ probes }) => {
      const last = probes!['blocks.31.mlp.stream']!
      const ratio = probes!.input!.gradientNorm! / last.gradientNorm!
      return { ratio: Math.log10(Math.max(ratio, 1e-45)), cosine: last.tokenCosine! }
    })
    const shown = film.flatMap((step) => {
      const frame = frames[step]
      if (frame === undefined) return []
      return [[`log10 ratio at ${step}`, frame.ratio] as const, [`token cosine at ${step}`, frame.cosine] as const]
    })
    return { ...Object.fromEntries(shown), 'smallest log10 ratio': Math.min(...frames.map(({ ratio }) => ratio)) }
  },
  statements: {
    'vanishes at the start': {
      says: {
        en: 'Gradients of post-norm vanish at initialisation: the ratio of first to last is below 0.3.',
        zh: 'Post-norm 的梯度在初始化时消失：首尾之比小于 0.3。',
      },
      rule: bound('Post', 'log10 ratio at 0', 'below', Math.log10(0.3)),
    },
    'grows at the start': {
      says: {
        en: 'Gradients of post-norm explode at initialisation: the ratio of first to last is above 5.',
        zh: 'Post-norm 的梯度在初始化时爆炸：首尾之比大于 5。',
      },
      rule: bound('Post', 'log10 ratio at 0', 'above', Math.log10(5)),
    },
    'gradients collapse': {
      says: {
        en: 'After 40 steps the ratio of post-norm is below 1e-4.',
        zh: '40 步之后，post-norm 的比值小于 1e-4。',
      },
      rule: bound('Post', 'log10 ratio at 40', 'below', -4),
      claims: { 74: 'informs' },
    },
    'tokens collapse': {
      says: {
        en: 'After 40 steps all tokens of post-norm point the same way: their mean cosine is above 0.999.',
        zh: '40 步之后，post-norm 的所有词元方向一致：平均余弦大于 0.999。',
      },
      rule: bound('Post', 'token cosine at 40', 'above', 0.999),
    },
    'pre-norm is spared': {
      says: {
        en: 'The ratio of pre-norm stays above 1e-4 at every step.',
        zh: 'Pre-norm 的比值在每一步都大于 1e-4。',
      },
      rule: bound('Pre', 'smallest log10 ratio', 'above', -4),
      claims: { 74: 'informs' },
    },
    'warm-up does not prevent it': {
      says: {
        en: 'With a warm-up of 100 steps the ratio of post-norm is below 1e-4 after 160 steps.',
        zh: '预热 100 步时，post-norm 的比值在 160 步之后小于 1e-4。',
      },
      rule: bound('Post, warm-up of 100', 'log10 ratio at 160', 'below', -4),
      claims: { 74: 'informs' },
    },
  },
})

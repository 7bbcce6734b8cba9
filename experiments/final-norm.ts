/**
 * E42: does pre-norm need the norm at its end?
 *
 * GPTs on the characters of Moby Dick with and without it: 12 blocks of width 48, and 40 of width 32; 300 steps, batches of
 * 8 windows of 64, AdamW with beta2 0.95, linear decay, no warm-up. One trial trains its arm at six rates, an octave
 * apart, from 5e-4 to 1.6e-2, so that usable octaves are a number per seed (see E13). At the start the stream has a mean
 * square v_last = v_0 + g n, and the head keeps the size of what it reads: without the norm the root mean square of the
 * logits is sqrt(v_last), within 20%. 4 arms, 6 rates, 3 seeds at 20 and 48 s.
 */
import { tensor } from 'residua'
import * as lab from 'residua/lab'
import { stability, trainAtRates } from './kit/learning-rates.ts'

const task = lab.tasks.characters({ testSize: 128 })
const sizes = { '12 blocks': { depth: 12, width: 48 }, '40 blocks': { depth: 40, width: 32 } }
const ends = { 'with it': {}, 'without it': { finalNorm: 'omitted' } }
const law = 'distance of ln logits from ln stream'
const compare = (depth: number, metric: string, better: 'lower' | 'higher', smallest: number): lab.Rule => ({
  ...{
    kind: 'difference',
    arms: [`with it, ${depth} blocks`, `without it, ${depth} blocks`],
    metric,
    better,
    smallest,
  },
})

export default lab.experiment({
  id: 'E42',
  file: import.meta.url,
  minutes: { full: 22, short: 0.9 },
  arms: Object.fromEntries(
    Object.entries(sizes).flatMap(([size, options]) =>
      Object.entries(ends).map(([name, end]) => [`${name}, ${size}`, { ...options, ...end, placement: 'pre' }]),
    ),
  ),
  full: { seeds: 3, rates: [5e-4, 1e-3, 2e-3, 4e-3, 8e-3, 1.6e-2], steps: 300 },
  short: {
    ...{ seeds: 3, rates: [4e-3, 8e-3], steps: 60 },
    arms: ['with it, 12 blocks', 'without it, 12 blocks'],
  },
  async measure(arm, trial) {
    const { steps, rates } = trial.size
    const runs = await trainAtRates(trial, task, arm, rates, {
      ...{ steps, training: { schedule: 'linear', beta2: 0.95 } },
      ...{ probes: ['rms'], probeEvery: steps },
    })
    const { model, data } = await trial.train(task, arm, { steps: 0, learningRate: rates[0]! })
    const ids = new Int32Array(8 * 64)
    data.test.inputs.gather(
      Uint32Array.from({ length: 8 }, (_, row) => row),
      ids,
    )
    const logits = Array.from((await model.predict(tensor(ids, [8, 64]))).data)
    const size = Math.log(Math.sqrt(logits.reduce((sum, x) => sum + x ** 2, 0) / logits.length))
    const stream = Math.log(runs[0]!.result.events[0]!.probes![`blocks.${arm.depth - 1}.mlp.stream`]!.rms!)
    return {
      ...stability(runs),
      ...{ 'ln logits at the start': size, 'ln stream at the start': stream, [law]: Math.abs(size - stream) },
    }
  },
  statements: {
    'logits at the start': {
      says: {
        en: 'At 40 blocks without the final norm logits start with the root mean square of the last stream, within 20%.',
        zh: '40 个块、没有末端归一化时，logit 起始的均方根与末端残差流相同，误差在 20% 以内。',
      },
      rule: { kind: 'threshold', arm: 'without it, 40 blocks', metric: law, is: 'below', bound: Math.log(1.2) },
    },
    'large logits': {
      says: {
        en: 'At 40 blocks without the final norm logits start at least 4 times as large as with it.',
        zh: '40 个块时，没有末端归一化的 logit 起始至少是有它时的 4 倍。',
      },
      rule: compare(40, 'ln logits at the start', 'lower', Math.log(4)),
    },
    'usable rates, 12 blocks': {
      says: {
        en: 'At 12 blocks the final norm widens the usable learning rates by at least one octave.',
        zh: '12 个块时，末端归一化使可用学习率的范围至少拓宽一个倍频程。',
      },
      rule: compare(12, 'usable octaves', 'higher', 1),
    },
    'usable rates, 40 blocks': {
      says: {
        en: 'At 40 blocks the final norm widens the usable learning rates by at least one octave.',
        zh: '40 个块时，末端归一化使可用学习率的范围至少拓宽一个倍频程。',
      },
      rule: compare(40, 'usable octaves', 'higher', 1),
    },
    'best rate': {
      says: {
        en: 'At 12 blocks, each at its best rate, pre-norm reaches a lower loss with the final norm.',
        zh: '12 个块、各用最佳学习率时，pre-norm 有末端归一化损失更低。',
      },
      rule: compare(12, 'best loss', 'lower', 0.02),
      claims: { 74: 'informs' },
    },
  },
})

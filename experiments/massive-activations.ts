/**
 * E33: do activations grow massive in training, and what bounds them?
 *
 * GPTs of 40 blocks, width 32, on the characters of Moby Dick (LM-D, but 750 steps, for variances that may cross late:
 * batches of 8 windows of 64, AdamW with beta2 0.95, linear decay, no warm-up). One trial trains its arm at three rates
 * and looks at the net with the lowest test loss. Measured is the stream that leaves the last block: its mean square, and
 * its largest value over the root of that in place of the catalogue's median, which no probe has (it needs a sort). With
 * output norm each sublayer adds at most max|gain| + rms(bias), whatever the weights are: `share of its bound` is the
 * root mean square over rms(x_0) plus these. 4 arms, 3 rates, 3 seeds at about 120 s.
 */
import * as lab from 'residua/lab'
import { bestOf, trainAtRates } from './kit/learning-rates.ts'

const task = lab.tasks.characters({ depth: 40, width: 32, testSize: 64 })
const rms = (values: ArrayLike<number>): number =>
  Math.sqrt(Array.from(values).reduce((sum, value) => sum + value ** 2, 0) / values.length)
const largest = (values: ArrayLike<number>): number => Math.max(...Array.from(values, Math.abs))
const above = (arm: string, metric: string, bound: number): lab.Rule => ({
  ...{ kind: 'threshold', arm, metric, is: 'above', bound },
})

export default lab.experiment({
  id: 'E33',
  file: import.meta.url,
  minutes: { full: 38, short: 0.9 },
  arms: {
    Pre: { placement: 'pre' },
    Peri: { placement: 'peri' },
    Output: { placement: 'out' },
    'LN-scaling': { placement: 'lnScaling' },
  },
  full: { seeds: 3, rates: [1e-3, 2e-3, 4e-3], steps: 750, depth: 40 },
  short: { seeds: 3, rates: [8e-3], steps: 50, depth: 6, arms: ['Pre', 'Peri', 'Output'] },
  async measure(arm, trial) {
    const { steps, rates, depth } = trial.size
    const runs = await trainAtRates(trial, task, { ...arm, depth }, rates, {
      ...{ steps, training: { schedule: 'linear', beta2: 0.95 } },
      ...{ probes: ['rms', 'maxAbs'], probeEvery: steps },
    })
    const { loss, result } = bestOf(runs)
    if (result.state === 'diverged') return { state: result.state, metrics: {} }
    const [start, end] = [result.events[0]!.probes!, result.events.at(-1)!.probes!]
    const last = `blocks.${depth - 1}.mlp.stream`
    const weights = Object.entries(await result.model.weights())
    const added = weights.map(([path, { data }]) => {
      if (/^blocks\..*\.norm\.gain$/.test(path)) return largest(data)
      return /^blocks\..*\.norm\.bias$/.test(path) ? rms(data) : 0
    })
    const bound = end.input!.rms! + added.reduce((sum, value) => sum + value, 0)
    return {
      loss,
      'ln mean square': 2 * Math.log(end[last]!.rms!),
      'ln growth of the mean square': 2 * Math.log(end[last]!.rms! / start[last]!.rms!),
      'largest over root mean square': end[last]!.maxAbs! / end[last]!.rms!,
      'ln growth of the largest': Math.log(end[last]!.maxAbs! / start[last]!.maxAbs!),
      ...(trial.name === 'Output' && { 'share of its bound': end[last]!.rms! / bound }),
    }
  },
  statements: {
    'pre-norm grows': {
      says: {
        en: 'In training the mean square of the last stream of pre-norm grows by a factor of 2 or more.',
        zh: '训练中，pre-norm 末端残差流的均方至少增长到 2 倍。',
      },
      rule: above('Pre', 'ln growth of the mean square', Math.log(2)),
    },
    'largest activation': {
      says: {
        en: 'In training the largest activation of pre-norm doubles at least.',
        zh: '训练中，pre-norm 最大的激活值至少翻倍。',
      },
      rule: above('Pre', 'ln growth of the largest', Math.log(2)),
    },
    massive: {
      says: {
        en: 'The largest activation of pre-norm is more than 10 times the root mean square.',
        zh: 'Pre-norm 最大的激活值超过均方根的 10 倍。',
      },
      rule: above('Pre', 'largest over root mean square', 10),
    },
    'output norm is bounded': {
      says: {
        en: 'With output norm the stream stays below what the gains and biases of its norms allow.',
        zh: '使用输出归一化时，残差流不超过其归一化的增益和偏置所允许的大小。',
      },
      rule: { kind: 'threshold', arm: 'Output', metric: 'share of its bound', is: 'below', bound: 1 },
    },
    'output norm grows less': {
      says: {
        en: 'In training the mean square of output norm grows by half as much as that of pre-norm, or less.',
        zh: '训练中，输出归一化的均方增长倍数不到 pre-norm 的一半。',
      },
      rule: {
        ...{ kind: 'difference', arms: ['Output', 'Pre'], metric: 'ln growth of the mean square', better: 'lower' },
        smallest: Math.log(2),
      },
    },
    'peri-norm grows less': {
      says: {
        en: 'In training the mean square of peri-norm grows by half as much as that of pre-norm, or less.',
        zh: '训练中，peri-norm 的均方增长倍数不到 pre-norm 的一半。',
      },
      rule: {
        ...{ kind: 'difference', arms: ['Peri', 'Pre'], metric: 'ln growth of the mean square', better: 'lower' },
        smallest: Math.log(2),
      },
      papers: { 'peri-ln-2025': 'supports' },
    },
    crossing: {
      says: {
        en: 'At the end of training the mean square of peri-norm is below that of pre-norm.',
        zh: '训练结束时，peri-norm 的均方低于 pre-norm。',
      },
      rule: {
        ...{ kind: 'difference', arms: ['Peri', 'Pre'], metric: 'ln mean square', better: 'lower' },
        smallest: Math.log(1.25),
      },
      papers: { 'peri-ln-2025': 'supports' },
    },
  },
})

/**
 * E32: does LN-scaling wake up deep blocks, that is, does it make them matter more than in pre-norm?
 *
 * GPTs of 12 blocks, width 48, on the characters of Moby Dick (LM-S, but 900 steps: batches of 8 windows of 64, AdamW with
 * beta2 0.95, linear decay, no warm-up). One trial trains its arm at three rates and looks into the net with the lowest
 * test loss: a lesion removes each block in turn and tells the rise of the loss, and the influence of a block is
 * 1 - cos of what enters and what leaves a sublayer. Early and late are the halves. 5 arms, 3 rates, 3 seeds at 60 s.
 */
import { data } from 'residua'
import * as lab from 'residua/lab'
import { bestOf, trainAtRates } from './kit/learning-rates.ts'

const task = lab.tasks.characters({ depth: 12, width: 48 })
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const late = (a: string, b: string): lab.Rule => ({
  ...{ kind: 'difference', arms: [a, b], metric: 'cost of a late block', better: 'higher', smallest: 0.002 },
  large: 0.01,
})

export default lab.experiment({
  id: 'E32',
  file: import.meta.url,
  minutes: { full: 25, short: 0.8 },
  arms: {
    Pre: { placement: 'pre' },
    'LN-scaling': { placement: 'lnScaling' },
    Peri: { placement: 'peri' },
    DeepNorm: { placement: 'deepNorm' },
    'Pre / sqrt(n)': { placement: 'pre', branchScale: { exponent: 0.5 } },
  },
  full: { seeds: 3, rates: [2e-3, 4e-3, 8e-3], steps: 900, depth: 12 },
  short: { seeds: 3, rates: [8e-3], steps: 80, depth: 4, arms: ['Pre', 'LN-scaling', 'DeepNorm'] },
  async measure(arm, trial) {
    const { steps, rates, depth } = trial.size
    const runs = await trainAtRates(trial, task, { ...arm, depth }, rates, {
      ...{ steps, training: { schedule: 'linear', beta2: 0.95 } },
      ...{ probes: ['blockInfluence'], probeEvery: steps },
    })
    const { loss, result } = bestOf(runs)
    if (result.state !== 'trained') return { state: result.state, metrics: {} }
    const { intact, lesions } = await lab.lesion(result.model, data.take(result.data.test, 64))
    const costs = lesions.map(({ measured }) => measured.loss! - intact.loss!)
    const influence = Object.values(result.events.at(-1)!.probes!).flatMap(({ blockInfluence = [] }) => blockInfluence)
    const half = (values: readonly number[]): [number, number] => {
      const middle = values.length / 2
      return [mean(values.slice(0, middle)), mean(values.slice(middle))]
    }
    const [[early, last], [turned, turnedLate]] = [half(costs), half(influence)]
    return {
      ...{ loss, 'cost of an early block': early, 'cost of a late block': last },
      ...{ 'influence of a late sublayer': turnedLate, 'ln influence, early over late': Math.log(turned / turnedLate) },
    }
  },
  statements: {
    'late blocks': {
      says: {
        en: 'A block of the late half costs more to remove with LN-scaling than with pre-norm.',
        zh: '去掉后半部分的一个块，LN-scaling 的代价比 pre-norm 更大。',
      },
      rule: late('LN-scaling', 'Pre'),
      papers: { 'curse-of-depth-2025': 'supports' },
    },
    loss: {
      says: {
        en: 'LN-scaling reaches a lower loss than pre-norm.',
        zh: 'LN-scaling 的损失比 pre-norm 更低。',
      },
      rule: { kind: 'difference', arms: ['LN-scaling', 'Pre'], metric: 'loss', better: 'lower', smallest: 0.02 },
      papers: { 'curse-of-depth-2025': 'supports' },
    },
    'early and late': {
      says: {
        en: 'In pre-norm an early sublayer turns the stream at least twice as much as a late one.',
        zh: '在 pre-norm 中，前半部分的子层使残差流的转向至少是后半部分的两倍。',
      },
      rule: { kind: 'threshold', arm: 'Pre', metric: 'ln influence, early over late', is: 'above', bound: Math.log(2) },
      papers: { 'curse-of-depth-2025': 'supports' },
    },
    DeepNorm: {
      says: {
        en: 'A block of the late half costs more to remove with DeepNorm than with pre-norm.',
        zh: '去掉后半部分的一个块，DeepNorm 的代价比 pre-norm 更大。',
      },
      rule: late('DeepNorm', 'Pre'),
    },
  },
})

/**
 * E27: what does it cost to drop one block at test?
 *
 * MLPs of width 64 on MNIST, trained at the rate of the lowest test loss out of three, then measured on 2,000 test digits
 * with each block removed in turn (Veit et al. 2016, arXiv:1605.06431). A ratio is a difference of logarithms, so the
 * metric is the natural logarithm of the mean drop of accuracy, a drop of less than 0.001 counting as 0.001: two digits.
 * Plain nets of 12 blocks hardly train, so plain is compared at 8, with the same norm in the same place.
 * The statement `all but the first` was added after the run, from its results.
 */
import { data } from 'residua'
import * as lab from 'residua/lab'
import { bestOf, trainAtRates } from './kit/learning-rates.ts'
import { above, lower } from './kit/rules.ts'

const task = lab.tasks.mnist({ width: 64 })
const log = 'log mean drop'
const tenfold = [log, Math.log(10), Math.log(10)] as const
const mean = (numbers: readonly number[]): number => numbers.reduce((sum, x) => sum + x, 0) / numbers.length
const batch = { norm: 'batch', placement: 'pre' }
const layer = { norm: 'layer', skip: 'identity', depth: 12 }

const lastSix = 'mean drop without one of the last six'

export default lab.experiment({
  id: 'E27',
  file: import.meta.url,
  minutes: { full: 4, short: 0.3 },
  arms: {
    'plain + batch norm, 8 blocks': { ...batch, skip: 'none', depth: 8 },
    'pre, batch norm, 8 blocks': { ...batch, skip: 'identity', depth: 8 },
    'pre, 12 blocks': { ...layer, placement: 'pre' },
    'post, 12 blocks': { ...layer, placement: 'post' },
    'residual / sqrt(n), 12 blocks': { skip: 'identity', norm: 'none', branchScale: { exponent: 0.5 }, depth: 12 },
    'ReZero, 12 blocks': { skip: 'reZero', norm: 'none', depth: 12 },
  },
  full: { seeds: 5, rates: [3e-4, 1e-3, 3e-3], steps: 400 },
  short: { seeds: 3, rates: [1e-3], steps: 100 },
  async measure(arm, trial) {
    const { rates, steps } = trial.size
    const { state, metrics, model, data: of } = bestOf(await trainAtRates(trial, task, arm, rates, { steps })).result
    if (state !== 'trained') return { state, metrics: {} }
    const { intact, lesions } = await lab.lesion(model, data.take(of.test, 2000))
    const drops = lesions.map(({ measured }) => intact.accuracy! - measured.accuracy!)
    const average = mean(drops)
    return {
      state,
      metrics: {
        ...{ accuracy: metrics.accuracy!, 'mean drop': average, [log]: Math.log(Math.max(0.001, average)) },
        ...{
          'drop without the first block': drops[0]!,
          [lastSix]: mean(drops.slice(-6)),
        },
        'first drop over the sum of all': drops[0]! / Math.max(0.001, average * drops.length),
      },
    }
  },
  statements: {
    'plain and residual': {
      says: {
        en: 'With batch norm and 8 blocks, removing one costs a plain net more than 10 times what it costs a residual one.',
        zh: '使用批归一化、8 个块时，去掉一个块，普通网络下降的准确率是残差网络的 10 倍以上。',
      },
      rule: lower('pre, batch norm, 8 blocks', 'plain + batch norm, 8 blocks', ...tenfold),
      papers: { 'veit-2016': 'supports' },
    },
    'plain and scaled': {
      says: {
        en: 'A residual net of 12 blocks scaled by 1/sqrt(n), without a norm, loses less than a tenth of what the plain net of 8 loses.',
        zh: '12 个块、按 1/sqrt(n) 缩放且不用归一化的残差网络，准确率的下降不到 8 个块的普通网络的十分之一。',
      },
      rule: lower('residual / sqrt(n), 12 blocks', 'plain + batch norm, 8 blocks', ...tenfold),
      papers: { 'veit-2016': 'informs' },
    },
    'all but the first': {
      says: {
        en: 'With batch norm and 8 blocks, removing one of the last six costs a plain net at least 50 points more accuracy than a residual one.',
        zh: '使用批归一化、8 个块时，去掉后六个块之一，普通网络损失的准确率比残差网络至少多 50 个百分点。',
      },
      rule: lower('pre, batch norm, 8 blocks', 'plain + batch norm, 8 blocks', lastSix, 0.5, 0.5),
      papers: { 'veit-2016': 'supports' },
    },
    'pre and post': {
      says: {
        en: 'At 12 blocks removing one costs less in a pre-norm net than in a post-norm net, by a quarter or more.',
        zh: '12 个块时，去掉一个块，pre-norm 网络的损失比 post-norm 网络小四分之一以上。',
      },
      rule: lower('pre, 12 blocks', 'post, 12 blocks', log, Math.log(4 / 3), Math.log(2)),
    },
    'first block': {
      says: {
        en: 'In a pre-norm net of 12 blocks more than half of the drops of all blocks is that of the first.',
        zh: '在 12 个块的 pre-norm 网络中，各块造成的损失里一半以上来自首块。',
      },
      rule: above('pre, 12 blocks', 'first drop over the sum of all', 0.5),
    },
  },
})

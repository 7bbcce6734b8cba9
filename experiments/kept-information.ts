/**
 * E15: do skips keep information?
 *
 * MLPs of 16 blocks, width 64, on MNIST, at their initial values and after training at the rate of the lowest test loss out
 * of three. What the stream holds after block 12 is read by ridge regressions from its 64 features, fitted on 2,000 test
 * digits and tested on 500 others: R^2 of the 784 pixels (1 is all, 0 the mean digit) and accuracy of the label; and its
 * linear CKA with what enters the stack, on 500 digits. The part of the catalogue on a language model is not done here.
 * The statements on the skip alone were added after the run, from its results.
 */
import { data } from 'residua'
import * as lab from 'residua/lab'
import { bestOf, trainAtRates } from './kit/learning-rates.ts'
import { higher } from './kit/rules.ts'

const task = lab.tasks.mnist({ depth: 16, width: 64 })
const [tap, before, after] = ['blocks.11.stream', 'R^2 of the input, initially', 'R^2 of the input, trained']
const stages = { initially: before, trained: after }

export default lab.experiment({
  id: 'E15',
  file: import.meta.url,
  minutes: { full: 5, short: 0.4 },
  arms: {
    plain: { skip: 'none', norm: 'none' },
    'plain + layer norm': { skip: 'none', norm: 'layer', placement: 'pre' },
    pre: { skip: 'identity', norm: 'layer', placement: 'pre' },
    post: { skip: 'identity', norm: 'layer', placement: 'post' },
    'residual / sqrt(n)': { skip: 'identity', norm: 'none', branchScale: { exponent: 0.5 } },
  },
  full: { seeds: 5, rates: [3e-4, 1e-3, 3e-3], steps: 400, fit: 2000, test: 500 },
  short: { seeds: 3, rates: [1e-3], steps: 60, fit: 400, test: 200, arms: ['plain', 'pre', 'residual / sqrt(n)'] },
  async measure(arm, trial) {
    const { rates, steps, fit, test: tested } = trial.size
    const start = await trial.train(task, arm, { steps: 0, learningRate: rates[0]! })
    const end = bestOf(await trainAtRates(trial, task, arm, rates, { steps })).result
    const metrics: Record<string, number> = { accuracy: end.metrics.accuracy ?? 0 }
    for (const [stage, { model, data: of }] of Object.entries({ initially: start, trained: end })) {
      const decoded = await lab.decode(model, data.take(of.test, fit + tested), { fit })
      const { input, labels } = decoded.find(({ path }) => path === tap)!
      const { paths, cka } = await lab.cka(model, data.take(of.test, 500))
      Object.assign(metrics, {
        [stages[stage as keyof typeof stages]]: input,
        [`labels read, ${stage}`]: labels!,
        [`CKA with the input, ${stage}`]: cka[0]![paths.indexOf(tap)]!,
      })
    }
    return metrics
  },
  statements: {
    initially: {
      says: {
        en: 'Before training, three quarters up, a pre-norm residual net holds more of the input than a plain one: R^2 is higher by at least 0.2.',
        zh: '训练之前，在四分之三深度处，pre-norm 残差网络比普通网络保留更多的输入：R^2 至少高 0.2。',
      },
      rule: higher('pre', 'plain', before, 0.2, 0.4),
      claims: { 11: 'informs', 16: 'informs', 17: 'informs' },
    },
    trained: {
      says: {
        en: 'After training, three quarters up, a pre-norm residual net holds more of the input than a plain one: R^2 is higher by at least 0.2.',
        zh: '训练之后，在四分之三深度处，pre-norm 残差网络比普通网络保留更多的输入：R^2 至少高 0.2。',
      },
      rule: higher('pre', 'plain', after, 0.2, 0.4),
      claims: { 11: 'informs', 16: 'informs', 17: 'informs' },
    },
    'without a norm, initially': {
      says: {
        en: 'Before training, a ridge regression reads more of the pixels out of block 12 of 16 of a net with skips alone, branches over sqrt(n), than of a plain one: R^2 is higher by at least 0.2.',
        zh: '训练之前，在 16 个块的第 12 个块处，用岭回归从只有残差（分支除以 sqrt(n)）的网络中能还原的像素比普通网络多：R^2 至少高 0.2。',
      },
      rule: higher('residual / sqrt(n)', 'plain', before, 0.2, 0.4),
      claims: { 11: 'supports', 16: 'supports' },
    },
    'without a norm': {
      says: {
        en: 'After training, a ridge regression reads more of the pixels out of block 12 of 16 of a net with skips alone, branches over sqrt(n), than of a plain one: R^2 is higher by at least 0.2.',
        zh: '训练之后，在 16 个块的第 12 个块处，用岭回归从只有残差（分支除以 sqrt(n)）的网络中能还原的像素比普通网络多：R^2 至少高 0.2。',
      },
      rule: higher('residual / sqrt(n)', 'plain', after, 0.2, 0.4),
      claims: { 11: 'supports', 16: 'supports' },
    },
    'beside a norm': {
      says: {
        en: 'After training, beside layer norm, too, a skip keeps more of the pixels: R^2 at block 12 of 16 is higher by at least 0.2 than with layer norm alone.',
        zh: '训练之后，与层归一化并用时，残差连接同样保留更多像素：第 12 个块（共 16 个）处的 R^2 比只有层归一化时至少高 0.2。',
      },
      rule: higher('pre', 'plain + layer norm', after, 0.2, 0.4),
      claims: { 11: 'supports', 16: 'supports' },
    },
    labels: {
      says: {
        en: 'After training, labels are read out of the stream of a pre-norm residual net at least 5 points more often than out of a plain one.',
        zh: '训练之后，从 pre-norm 残差网络的流中读出标签的准确率比普通网络至少高 5 个百分点。',
      },
      rule: higher('pre', 'plain', 'labels read, trained', 0.05, 0.2),
      claims: { 11: 'informs' },
    },
  },
})

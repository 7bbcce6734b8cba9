/**
 * E46: is it the backward pass of its statistics that makes layer norm work, and does it need gain and bias?
 *
 * Pre-norm as in the translators of the paper's code, AdamW, the best of the rates by test loss, in pairs by seed: GPTs of 6 blocks, width 48,
 * on the characters of Moby Dick (250 steps, batches of 8 windows of 64, beta2 0.95, linear decay, no warm-up), and residual
 * MLPs of 8 blocks, width 64, on MNIST (400 steps, batches of 64). `layer` has gain and bias, `simple` has neither,
 * `detached` is simple with mean and deviation held constant in the backward pass, `none` is no norm. A training that
 * diverged stands with the loss of its first batch. What matters is 0.02 nats. The paper's nets were larger, trained longer,
 * and over-fitted, which is where it sees the harm of gain and bias; nothing here is trained that long.
 */
import * as lab from 'residua/lab'
import { bestOf, trainAtRates } from './kit/learning-rates.ts'
import { lower } from './kit/rules.ts'

const tasks = {
  text: { task: lab.tasks.characters({ depth: 6, width: 48 }), training: { schedule: 'linear', beta2: 0.95 } },
  digits: { task: lab.tasks.mnist({ depth: 8, width: 64 }), training: {} },
} as const
const norms = {
  layer: 'layer',
  simple: { name: 'layer', affine: false },
  detached: { name: 'layer', affine: false, detached: true },
  none: 'none',
} as const
type Setting = keyof typeof tasks
const arms = Object.fromEntries(
  (Object.keys(tasks) as Setting[]).flatMap((setting) =>
    Object.entries(norms).map(([name, norm]) => [`${setting}, ${name}`, { setting, norm }]),
  ),
)

interface Size extends lab.Size {
  readonly rates: Readonly<Record<Setting, readonly number[]>>
  readonly steps: Readonly<Record<Setting, number>>
}

const full: Size = {
  seeds: 5,
  rates: { text: [1e-3, 4e-3, 1.6e-2], digits: [3e-4, 1e-3, 3e-3] },
  steps: { text: 250, digits: 400 },
}
const short: Size = { seeds: 3, rates: { text: [4e-3], digits: [1e-3] }, steps: { text: 60, digits: 100 } }

export default lab.experiment({
  id: 'E46',
  file: import.meta.url,
  minutes: { full: 4.5, short: 0.4 },
  arms,
  full,
  short,
  async measure({ setting, norm }, trial) {
    const { rates, steps } = trial.size
    const { task, training } = tasks[setting]
    const runs = await trainAtRates(trial, task, { norm }, rates[setting], { steps: steps[setting], training })
    const { loss, learningRate } = bestOf(runs)
    return { loss, 'log2 best learning rate': Math.log2(learningRate) }
  },
  statements: Object.fromEntries(
    (
      [
        ['text', 'On text', '在文本上'],
        ['digits', 'On digits', '在手写数字上'],
      ] as const
    ).flatMap(([setting, en, zh]): [string, lab.Statement][] => [
      [
        `${setting}: gain and bias`,
        {
          says: {
            en: `${en} layer norm with gain and bias is ahead of layer norm without by 0.02 nats.`,
            zh: `${zh}，带增益和偏置的层归一化领先不带的 0.02 nat。`,
          },
          rule: lower(`${setting}, layer`, `${setting}, simple`, 'loss', 0.02),
          papers: { 'xu-2019': 'refutes' },
        },
      ],
      [
        `${setting}: backward pass`,
        {
          says: {
            en: `${en} layer norm without gain and bias is ahead by 0.02 nats of the same whose statistics pass no gradient.`,
            zh: `${zh}，不带增益和偏置的层归一化领先统计量不回传梯度的同一归一化 0.02 nat。`,
          },
          rule: lower(`${setting}, simple`, `${setting}, detached`, 'loss', 0.02),
          papers: { 'xu-2019': 'supports' },
        },
      ],
      [
        `${setting}: forward pass`,
        {
          says: {
            en: `${en} layer norm whose statistics pass no gradient is ahead of no norm by 0.02 nats.`,
            zh: `${zh}，统计量不回传梯度的层归一化领先不用归一化 0.02 nat。`,
          },
          rule: lower(`${setting}, detached`, `${setting}, none`, 'loss', 0.02),
          papers: { 'xu-2019': 'refutes' },
        },
      ],
    ]),
  ),
})

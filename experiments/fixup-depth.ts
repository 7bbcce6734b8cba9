/**
 * E43: does Fixup train hundreds of blocks without a norm?
 *
 * MLPs of 200 and 500 residual blocks of two layers, width 32, on MNIST: Fixup (last map of a branch and head 0, first map
 * over sqrt(n), scalar scales and biases) against the same nets with the usual initial values, under which every block
 * doubles the second moment of the stream. AdamW, 100 steps; the paper used SGD with momentum. The loss is that of 2,000
 * training digits, over the level of chance, the entropy of the classes: 2.30 nats.
 *
 * A net that stays at chance counts as trained, with that loss; only divergence is a failure. That nets fail without Fixup
 * is judged as a difference, which three seeds against none decide, and a bound would not.
 */
import { data } from 'residua'
import * as lab from 'residua/lab'
import { below, lower } from './kit/rules.ts'

const task = lab.tasks.mnist({ width: 32 })
const metric = 'ln train loss over chance'

const falls = (depth: number): lab.Statement => ({
  says: {
    en: `With Fixup the training loss of ${depth} blocks without norms is more than 10% below chance after 100 steps.`,
    zh: `使用 Fixup 时，${depth} 个没有归一化的块训练 100 步后，训练损失比随机水平低 10% 以上。`,
  },
  rule: below(`Fixup, ${depth} blocks`, metric, Math.log(0.9)),
  papers: { 'fixup-2019': 'supports' },
})

const needed = (depth: number): lab.Statement => ({
  says: {
    en: `At ${depth} blocks the training loss with Fixup is less than half that from the usual initial values.`,
    zh: `${depth} 个块时，使用 Fixup 的训练损失不到常规初始值时的一半。`,
  },
  rule: lower(`Fixup, ${depth} blocks`, `usual, ${depth} blocks`, metric, Math.log(2)),
  papers: { 'fixup-2019': 'supports' },
})

export default lab.experiment({
  id: 'E43',
  file: import.meta.url,
  minutes: { full: 4, short: 0.5 },
  arms: {
    'Fixup, 200 blocks': { skip: 'fixup', norm: 'none', depth: 200 },
    'usual, 200 blocks': { skip: 'identity', norm: 'none', depth: 200 },
    'Fixup, 500 blocks': { skip: 'fixup', norm: 'none', depth: 500 },
    'usual, 500 blocks': { skip: 'identity', norm: 'none', depth: 500 },
  },
  full: { seeds: 3, learningRates: [1e-4, 1e-3, 1e-2], steps: 100 },
  short: { seeds: 3, learningRates: [1e-3], steps: 100, arms: ['Fixup, 200 blocks', 'usual, 200 blocks'] },
  async measure(arm, { train, size: { steps } }) {
    const { state, metrics, model, data: of } = await train(task, arm, { steps })
    if (state === 'diverged') return { state, metrics }
    const { loss } = await model.evaluate(data.take(of.train, 2000))
    return { ...metrics, [metric]: Math.log(loss / of.measures.loss!.chance) }
  },
  statements: {
    '200 blocks': falls(200),
    '500 blocks': falls(500),
    'not without, 200 blocks': needed(200),
    'not without, 500 blocks': needed(500),
  },
})

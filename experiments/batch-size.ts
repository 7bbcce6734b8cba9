/**
 * E9: is batch norm layer norm under another name? They normalise over different axes, so only one depends on the batch.
 *
 * Residual MLPs of 4 blocks, width 64, on 9,600 digits of MNIST seen once at every batch size, the learning rate scaled in
 * proportion to it from a grid for 128. Batch norm over two examples leaves each feature only its sign.
 */
import * as lab from 'residua/lab'

const task = lab.tasks.mnist({ depth: 4, width: 64 })
const examples = 9600
const batches = [2, 4, 8, 32, 128]
const norms = { none: 'none', layer: 'layer', group: { name: 'group', groups: 8 }, batch: 'batch' }
const arms = Object.fromEntries(
  Object.entries(norms).flatMap(([name, norm]) =>
    batches.map((batch) => [`${name}, batch of ${batch}`, { norm, batch }]),
  ),
)
const accuracy = { kind: 'difference', metric: 'accuracy', better: 'higher' } as const

export default lab.experiment({
  id: 'E9',
  file: import.meta.url,
  minutes: { full: 9, short: 0.8 },
  arms,
  full: { seeds: 3, learningRates: [1e-3, 3e-3, 1e-2], share: 1 },
  short: {
    seeds: 3,
    learningRates: [3e-3],
    share: 0.25,
    arms: Object.keys(arms).filter((name) => / (2|128)$/.test(name)),
  },
  async measure({ norm, batch }, { size, train, learningRate }) {
    const { state, metrics } = await train(
      task,
      { skip: 'identity', norm },
      {
        steps: Math.round((examples * size.share) / batch),
        batchSize: batch,
        learningRate: (learningRate * batch) / 128,
      },
    )
    return { state, metrics }
  },
  statements: {
    'batches of two': {
      says: {
        en: 'With batches of two, batch norm is at least 20 points less accurate than group norm.',
        zh: '批大小为 2 时，批归一化的准确率比组归一化低至少 20 个百分点。',
      },
      rule: { ...accuracy, arms: ['group, batch of 2', 'batch, batch of 2'], smallest: 0.2, large: 0.2 },
      claims: { 69: 'refutes' },
      papers: { 'group-norm-2018': 'supports' },
    },
    'layer norm and the batch': {
      says: {
        en: 'Layer norm loses at least 4 points when the batch shrinks from 128 to two.',
        zh: '批大小从 128 缩小到 2 时，层归一化至少损失 4 个百分点。',
      },
      rule: { ...accuracy, arms: ['layer, batch of 128', 'layer, batch of 2'], smallest: 0.04 },
      claims: { 23: 'informs' },
    },
    'batches of 128': {
      says: {
        en: 'With batches of 128, batch norm is ahead of layer norm by at least 1 point.',
        zh: '批大小为 128 时，批归一化领先层归一化至少 1 个百分点。',
      },
      rule: { ...accuracy, arms: ['batch, batch of 128', 'layer, batch of 128'], smallest: 0.01 },
      claims: { 69: 'informs' },
    },
  },
})

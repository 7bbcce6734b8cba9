import { byArm, byMetric, grid, type Pilot, type PilotSet } from './pilot-set.ts'

/** Between two nets of 93% on 2,000 digits, two standard errors are 1.6 points. */
const points = 0.02

const layerNorm: Pilot = [0.896, 0.926]
const groupNorm: Pilot = [0.907, 0.923]
const noNorm: Pilot = [0.919, 0.938]

/** E3, E8, E9 and E27: digits. */
export const imageFigures: readonly PilotSet[] = [
  {
    experiment: 'E3',
    what: {
      en: 'test accuracy, of 1; the pilot trained on 8,000 digits, at a rate it does not name',
      zh: '测试准确率（满分 1）；预实验用 8,000 个数字图像训练，学习率未注明',
    },
    better: 'higher',
    noise: points,
    lines: grid(
      [2, 8, 16, 32],
      {
        plain: [0.92, 0.887, 0.575, 0.495],
        'plain + layer norm': [0.928, 0.904, 0.101, 0.101],
        'plain + batch norm': [0.936, 0.877, 0.391, 0.136],
        residual: [0.931, 0.874, 0.717, 0.273],
        'residual / sqrt(n)': [0.927, 0.926, 0.927, 0.924],
        pre: [0.927, 0.925, 0.93, 0.93],
        post: [0.933, 0.919, 0.889, 0.235],
        'pre, batch norm': [0.938, 0.934, 0.938, 0.929],
        ReZero: [0.922, 0.924, 0.928, 0.933],
      },
      (kind, depth) => ({ arm: `${kind}, ${depth} blocks`, metric: 'accuracy' }),
    ),
  },
  {
    experiment: 'E8',
    what: {
      en: 'test accuracy under the shift, of 1: that on intact digits minus the drop',
      zh: '漂移后的测试准确率（满分 1）：原图上的准确率减去下降量',
    },
    better: 'higher',
    noise: points,
    lines: grid(
      ['x 3', 'x 0.3', '+ 0.3'],
      {
        none: [0.939, 0.943, 0.51],
        layer: [0.946, 0.946, 0.56],
        'batch, running': [0.849, 0.686, 0.39],
        'batch, of the batch': [0.947, 0.947, 0.947],
        'input layer': [0.939, 0.939, 0.939],
      },
      (arm, shift) => ({ arm, metric: 'accuracy', minus: `drop, ${shift}` }),
    ),
  },
  {
    experiment: 'E9',
    what: {
      en: 'test accuracy, of 1; but for batch norm the pilot tells the range over all batch sizes alone',
      zh: '测试准确率（满分 1）；除批归一化外，预实验只给出各批大小的总范围',
    },
    better: 'higher',
    noise: points,
    lines: grid(
      [2, 4, 8, 32, 128],
      {
        none: [noNorm, noNorm, noNorm, noNorm, noNorm],
        layer: [layerNorm, layerNorm, layerNorm, layerNorm, layerNorm],
        group: [groupNorm, groupNorm, groupNorm, groupNorm, groupNorm],
        batch: [0.385, 0.895, 0.932, 0.941, 0.943],
      },
      (norm, batch) => ({ arm: `${norm}, batch of ${batch}`, metric: 'accuracy' }),
    ),
  },
  {
    experiment: 'E27',
    what: {
      en: 'natural logarithm of the mean drop of accuracy, one block removed',
      zh: '去掉一个块时准确率平均下降量的自然对数',
    },
    better: 'lower',
    noise: Math.log(1.25),
    lines: [
      byArm('log mean drop', {
        'plain + batch norm, 8 blocks': Math.log(0.77),
        'post, 12 blocks': Math.log(0.12),
        'pre, 12 blocks': Math.log(0.08),
        'residual / sqrt(n), 12 blocks': Math.log(0.013),
        'ReZero, 12 blocks': Math.log(0.004),
      }),
    ],
  },
  {
    experiment: 'E27',
    what: { en: 'drop of accuracy, of 1', zh: '准确率的下降（满分 1）' },
    better: 'lower',
    noise: points,
    lines: [
      byMetric('pre, 12 blocks', {
        'drop without the first block': 0.63,
        'mean drop without one of the last six': 0,
      }),
    ],
  },
]

import { byArm, byMetric, grid, type Pilot, type PilotSet } from './pilot-set.ts'

/** Nats below u = 3.11 with a warm-up: losses of 3.08 to 3.09, and of 2.47 to 2.50. */
const stuckWarm: Pilot = [0.02, 0.03]
const trainsWarm: Pilot = [0.61, 0.64]
const growth = Math.log(1.25)

/** E24, E28, E32 and E33: depth, in character language models of 12 to 40 blocks. */
export const depthFigures: readonly PilotSet[] = [
  {
    experiment: 'E24',
    what: { en: 'log10 of the gradient ratio after so many steps', zh: '若干步之后梯度比值的 log10' },
    better: 'higher',
    noise: Math.log10(3), // The ratio at step 0 varies so much from seed to seed.
    signed: true,
    learningRate: 2e-3,
    lines: [
      byMetric('Post', {
        'log10 ratio at 0': Math.log10(1.29),
        'log10 ratio at 5': Math.log10(3e-4),
        'log10 ratio at 40': Math.log10(4e-7),
        'log10 ratio at 80': Math.log10(4e-7),
        'log10 ratio at 160': Math.log10(4e-8),
      }),
    ],
  },
  {
    experiment: 'E28',
    what: {
      en: 'nats below the unigram entropy; here a training ends at about 0.5, so that what compares is who learns',
      zh: '低于一元熵的 nat 数；此处的训练到约 0.5 即止，因此只能比较谁学得会',
    },
    better: 'higher',
    noise: 0.3,
    learningRate: 2e-3,
    lines: grid(
      ['no warm-up', 'warm-up'],
      {
        Post: [0.031, stuckWarm],
        B2T: [0.03, stuckWarm],
        'Mix-LN': [0.031, stuckWarm],
        DeepNorm: [0.602, trainsWarm],
        ReZero: [0.653, trainsWarm],
        Pre: [0.631, trainsWarm],
      },
      (kind, warmUp) => ({ arm: `${kind}, ${warmUp}`, metric: 'nats below the unigram entropy' }),
    ),
  },
  {
    experiment: 'E32',
    what: {
      en: 'test loss, nats; the pilot trained at 4e-3 alone',
      zh: '测试损失（nat）；预实验只用学习率 4e-3',
    },
    better: 'lower',
    noise: 0.04, // Two standard errors of the mean of Pre's three seeds, the widest.
    lines: [byArm('loss', { Pre: 2.076, 'LN-scaling': 2.107, Peri: 2.134, DeepNorm: 1.96, 'Pre / sqrt(n)': 2.039 })],
  },
  {
    experiment: 'E32',
    what: {
      en: 'rise of the loss without a block of the late half, nats; the pilot trained at 4e-3 alone',
      zh: '去掉后半部分的一个块时损失的增加（nat）；预实验只用学习率 4e-3',
    },
    better: 'higher',
    noise: 0.005, // Where means differ by twice as much, no seed of one arm was among those of the other.
    lines: [
      byArm('cost of a late block', {
        Pre: 0.02,
        'LN-scaling': 0.0066,
        Peri: 0.0233,
        DeepNorm: 0.044,
        'Pre / sqrt(n)': 0.03,
      }),
    ],
  },
  {
    experiment: 'E32',
    what: {
      en: 'rise of the loss without a block of the early half, nats; the pilot trained one seed, at 4e-3 alone',
      zh: '去掉前半部分的一个块时损失的增加（nat）；预实验只有一个种子，学习率 4e-3',
    },
    better: 'higher',
    noise: 0.05,
    lines: [byArm('cost of an early block', { Pre: 0.17, 'LN-scaling': 0.1633, Peri: 0.185, DeepNorm: 0.0567 })],
  },
  {
    experiment: 'E33',
    what: {
      en: 'natural logarithm of the mean square of the last stream; the pilot trained 250 steps at 2e-3, here it is 750',
      zh: '末端残差流均方的自然对数；预实验以 2e-3 训练 250 步，此处为 750 步',
    },
    better: 'lower',
    noise: growth,
    lines: [byArm('ln mean square', { Pre: Math.log(307), Peri: Math.log(544), 'LN-scaling': Math.log(31) })],
  },
  {
    experiment: 'E33',
    what: {
      en: 'natural logarithm of its growth in training; the pilot trained 250 steps at 2e-3, here it is 750',
      zh: '其训练中增长倍数的自然对数；预实验以 2e-3 训练 250 步，此处为 750 步',
    },
    better: 'lower',
    noise: growth,
    signed: true,
    lines: [byArm('ln growth of the mean square', { Pre: Math.log(307 / 68) })],
  },
]

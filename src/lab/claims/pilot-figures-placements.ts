import { byArm, type PilotSet } from './pilot-set.ts'

/** Twice the standard deviation of the pilots' seeds, 0.003 nats at the learning rate 1e-3 and 0.02 at 8e-3. */
const [low, high] = [0.006, 0.04]

const loss = { en: 'test loss, nats', zh: '测试损失（nat）' }

/** E13, E22 and E41: where the norm stands, in character language models of 4 and 12 blocks. */
export const placementFigures: readonly PilotSet[] = [
  {
    experiment: 'E13',
    what: {
      en: 'lowest test loss of the rates, nats; the pilot tried two to four of them',
      zh: '各学习率中最低的测试损失（nat）；预实验只试了其中两到四个',
    },
    better: 'lower',
    noise: high,
    lines: [
      byArm('best loss', {
        'residual / sqrt(n)': 2.321,
        Pre: 2.395,
        'Pre, QK norm': 2.393,
        Post: 3.086,
        Peri: 2.401,
        DeepNorm: 2.201,
      }),
    ],
  },
  {
    experiment: 'E13',
    what: {
      en: 'octaves of learning rate within 0.1 nats of the best; the pilot tried 1e-3, 4e-3, 8e-3 and 1.6e-2 alone',
      zh: '与最佳值相差 0.1 nat 以内的学习率倍频程数；预实验只试了 1e-3、4e-3、8e-3 和 1.6e-2',
    },
    better: 'higher',
    noise: 1, // The pilot left out 2e-3.
    lines: [byArm('usable octaves', { 'residual / sqrt(n)': 1, Pre: 4, DeepNorm: 2 })],
  },
  {
    experiment: 'E22',
    what: loss,
    better: 'lower',
    noise: low,
    learningRate: 1e-3,
    lines: [
      byArm('loss', {
        plain: 3.088,
        'plain, pre': 3.087,
        residual: 3.087,
        'residual / sqrt(n)': 2.465,
        Post: 3.086,
        Pre: 2.454,
        'Pre / sqrt(n)': 2.478,
        Peri: 2.466,
        'Output, no QK norm': 2.544,
        Output: 2.46,
        DeepNorm: 2.469,
        B2T: 2.443,
        'Mix-LN': 2.489,
        'LN-scaling': 2.475,
        Parallel: 2.438,
        ReZero: 2.53,
        'learned scalars': 2.445,
        'attention residuals': 2.443,
        DyT: 2.484,
      }),
    ],
  },
  {
    experiment: 'E22',
    what: loss,
    better: 'lower',
    noise: high,
    learningRate: 8e-3,
    lines: [
      byArm('loss', {
        plain: 3.71,
        'residual / sqrt(n)': 2.929,
        Post: 3.094,
        Pre: 2.395,
        'Pre / sqrt(n)': 2.288,
        Peri: 2.401,
        Output: 2.38,
        DeepNorm: 2.201,
        B2T: 3.094,
        'LN-scaling': 2.373,
        ReZero: 2.286,
        'learned scalars': 2.312,
        DyT: 3.096,
      }),
    ],
  },
  {
    experiment: 'E22',
    what: {
      en: "test loss, nats; the pilot's best of 1e-3, 4e-3 and 8e-3",
      zh: '测试损失（nat）；预实验取 1e-3、4e-3、8e-3 中最好的',
    },
    better: 'lower',
    noise: high,
    lines: [
      byArm('loss', {
        'residual / sqrt(n)': 2.321,
        Pre: 2.395,
        DeepNorm: 2.201,
        B2T: 2.443,
        'LN-scaling': 2.373,
        'learned scalars': 2.312,
      }),
    ],
  },
  {
    experiment: 'E41',
    what: { en: 'test loss, nats; one seed in the pilot', zh: '测试损失（nat）；预实验只有一个种子' },
    better: 'lower',
    noise: high,
    learningRate: 4e-3,
    lines: [byArm('loss', { 'Post, 4 blocks': 2.047, 'Pre, 4 blocks': 2.088 })],
  },
]

import { powerLaw } from '../growth.ts'
import { byArm, byMetric, grid, type PilotSet } from './pilot-set.ts'

/** Of ratios in two digits, at one draw: their own steps from depth to depth are as large. */
const decade = 0.1

/** The exponent that a quantity at 6, 12, 24 and 48 blocks has. */
const exponent = (...values: readonly number[]): number => powerLaw([6, 12, 24, 48].map((l, i) => [l, values[i]!]))!

/** The pilot calls an exponent of 0.16 flat. */
const exponentNoise = 0.2

/** E23, E25 and E26: nets as they are initialised. */
export const initialFigures: readonly PilotSet[] = [
  {
    experiment: 'E23',
    what: {
      en: 'log10 of the gradient ratio of 24 blocks; the pilot was a language model, here the loss is a random direction',
      zh: '24 个块的梯度比值的 log10；预实验是语言模型，此处的损失取随机方向',
    },
    better: 'lower',
    noise: decade,
    signed: true,
    lines: [
      byArm('log10 gradient ratio at 24 blocks', {
        'transformer, pre': Math.log10(7.2),
        'transformer, post': Math.log10(1.6),
        'transformer, deepNorm': Math.log10(0.98),
        'transformer, out': Math.log10(394),
        'transformer, out + QK': Math.log10(10),
      }),
    ],
  },
  {
    experiment: 'E23',
    what: {
      en: 'exponent of the gradient ratio over 6 to 48 blocks; the pilot was a language model, here the loss is a random direction',
      zh: '6 到 48 个块的梯度比值的指数；预实验是语言模型，此处的损失取随机方向',
    },
    better: 'lower',
    noise: exponentNoise,
    signed: true,
    lines: [
      byArm('exponent of the gradient ratio', {
        'transformer, pre': exponent(3.5, 3.8, 7.2, 10),
        'transformer, post': exponent(1.4, 1.6, 1.6, 1.9),
        'transformer, deepNorm': exponent(0.99, 0.98, 0.98, 0.98),
        'transformer, out': exponent(12, 40, 394, 4e4),
        'transformer, out + QK': exponent(5.3, 5.3, 10, 20),
      }),
    ],
  },
  {
    experiment: 'E23',
    what: {
      en: "exponent of the gradient of the last block's weight over depth; the pilot's was that of the last feed-forward sublayer of a language model",
      zh: '最后一个块的权重梯度随深度变化的指数；预实验取语言模型最后一个前馈子层',
    },
    better: 'higher',
    noise: exponentNoise,
    signed: true,
    lines: [
      byArm('exponent of the last gradient', {
        pre: exponent(0.67, 0.45, 0.31, 0.28),
        post: exponent(1.5, 1.4, 1.8, 2),
      }),
    ],
  },
  {
    experiment: 'E25',
    what: {
      en: 'log10 of the rank residual; the pilot ran in float32, whose rounding ends the fall at about -7',
      zh: '秩残差的 log10；预实验用 float32，舍入使下降止于约 -7',
    },
    better: 'higher',
    noise: decade,
    lines: [
      byMetric('no skip', {
        'log10 r after layer 1': Math.log10(0.79),
        'log10 r after layer 2': Math.log10(0.026),
        'log10 r after layer 4': -7,
      }),
      byArm('log10 r after layer 32', {
        pre: Math.log10(0.22),
        'pre / sqrt(n)': Math.log10(0.97),
        post: Math.log10(2e-4),
      }),
    ],
  },
  {
    experiment: 'E26',
    what: {
      en: 'autocorrelation of gradients at neighbouring inputs',
      zh: '相邻输入处梯度的自相关',
    },
    better: 'higher',
    // Twice the steps of the pilot's residual / sqrt(L), which shows no trend over depth.
    noise: 0.04,
    lines: grid(
      [2, 8, 24, 50],
      {
        plain: [0.94, 0.82, 0.76, 0.58],
        'plain + layer norm': [0.91, 0.48, 0, 0.02],
        'residual / sqrt(L)': [0.96, 0.95, 0.93, 0.95],
        pre: [0.94, 0.9, 0.87, 0.83],
      },
      (kind, depth) => ({ arm: `${kind}, ${depth} layers`, metric: 'gradient autocorrelation' }),
    ),
  },
]

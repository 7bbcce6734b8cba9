import type { Language } from './claims/claim.ts'
import type { ScaleKind } from './curve.ts'
import { numberText } from './document.ts'
import type { Figure, Panel, Series } from './figure.ts'
import type { Probe } from './probe.ts'

const words = {
  en: {
    title: 'Stream and gradient at initialisation.',
    measured: 'measured',
    forecast: 'forecast',
    stream: (blocks: number): string => `stream, ${blocks} ${blocks === 1 ? 'block' : 'blocks'}`,
    gradient: (blocks: number): string => `gradient, ${blocks} ${blocks === 1 ? 'block' : 'blocks'}`,
    ratios: 'gradient ratio by depth',
    seats: 'sublayers passed',
    blocks: 'blocks',
    moment: 'E[x²] per feature',
    exponent: (power: string): string => ` Over depth the ratio goes as blocks^${power}.`,
  },
  zh: {
    title: '初始化时的残差流与梯度。',
    measured: '实测',
    forecast: '预测',
    stream: (blocks: number): string => `残差流，${blocks} 个块`,
    gradient: (blocks: number): string => `梯度，${blocks} 个块`,
    ratios: '梯度比随深度的变化',
    seats: '经过的子层数',
    blocks: '块数',
    moment: '每个特征的 E[x²]',
    exponent: (power: string): string => `沿深度，梯度比正比于块数的 ${power} 次方。`,
  },
} as const

/** Stream and gradient over the sublayers of the deepest stack, and the gradient's ratio over depth, true log axes. */
export function probeFigure({ depths, advice, ratioExponent }: Probe, language: Language = 'en'): Figure {
  const say = words[language]
  const deepest = depths.at(-1)!
  const { profile } = deepest.measured
  const predicted = 'reason' in deepest.forecast ? null : deepest.forecast.profile
  const bySeat = (values: readonly number[] = []): Series['points'] => values.map((value, i) => [i, value])
  const panel = (
    title: string,
    x: string,
    y: string,
    measured: Series['points'],
    forecast: Series['points'],
    scale: ScaleKind = 'linear',
  ): Panel => ({
    title,
    x: { label: x, scale },
    y: { label: y, scale: 'log' },
    series: [
      { name: say.measured, colour: 'blue', dash: 'solid', points: measured },
      ...(forecast.length > 0
        ? [{ name: say.forecast, colour: 'vermilion', dash: 'dashed', points: forecast } as const]
        : []),
    ],
  })
  const gradient = panel(
    say.gradient(deepest.depth),
    say.seats,
    '|dL/dx| / |dL/dx_last|',
    bySeat(profile.gradient),
    bySeat(predicted?.gradient),
  )
  const ratios = panel(
    say.ratios,
    say.blocks,
    '|dL/dx_0| / |dL/dx_last|',
    depths.map(({ depth, measured }) => [depth, measured.profile.gradient[0]!]),
    depths.flatMap(({ depth, forecast }) =>
      'reason' in forecast ? [] : [[depth, forecast.profile.gradient[0]!] as const],
    ),
    'log',
  )
  const stream = panel(
    say.stream(deepest.depth),
    say.seats,
    say.moment,
    bySeat(profile.stream),
    bySeat(predicted?.stream),
  )
  const exponent = ratioExponent === null ? '' : say.exponent(numberText(ratioExponent, 2))
  return {
    name: 'probe_stream_gradient_depth',
    title: say.title,
    summary: `${advice.sentence[language]}${exponent}`,
    panels: [stream, gradient, ...(depths.length > 1 ? [ratios] : [])],
  }
}

import type { Language } from './claims/claim.ts'
import { DataError } from '../errors.ts'
import type { Point } from './curve.ts'
import { numberText } from './document.ts'
import type { Figure, Panel, Series } from './figure.ts'
import type { StreamRecord } from './stream-record.ts'

/** A run at one step, over depth: index 0 is what enters the stack, index i what leaves sublayer i - 1; NaN: not recorded. */
export interface RunProfile {
  /** What it is called in the figure. */
  readonly name: string
  readonly step: number
  /** `|dLoss/dx|` of the stream, norm over the batch. */
  readonly gradient: readonly number[]
  /** Root mean square of what the branches give; NaN at index 0. */
  readonly branch: readonly number[]
  /** Root mean square of the stream. */
  readonly stream: readonly number[]
}

/** The profile of a run at its first or last probed step, or at one of its own. Throws DataError for a step that it did not probe. */
export function profileAt(record: StreamRecord, name: string, when: 'first' | 'last' | number = 'last'): RunProfile {
  const { steps, values } = record
  const frame = when === 'first' ? 0 : when === 'last' ? steps.length - 1 : steps.indexOf(when)
  if (frame < 0)
    throw new DataError(
      `profileAt: expected a probed step, one of ${steps[0]!}, ${steps[1] ?? ''} ... ${steps.at(-1)!}, got ${when}`,
    )
  const at = (stat: string, of: 'stream' | 'branch'): number[] => values(stat, of).map((row) => row[frame]!)
  return {
    name,
    step: steps[frame]!,
    gradient: at('gradientNorm', 'stream'),
    branch: at('rms', 'branch'),
    stream: at('rms', 'stream'),
  }
}

const words = {
  en: {
    title: 'Gradient, branches and stream over depth.',
    seats: 'sublayers passed',
    panels: { gradient: 'gradient', branch: 'branches', stream: 'stream' },
    step: (name: string, step: number): string => `${name}, step ${step}`,
    gradient: (ratio: string): string => `the gradient at the input is x${ratio} of that at the end`,
    stream: (growth: string): string => `the stream grows x${growth}`,
    sentence: (name: string, parts: readonly string[]): string => `${name}: ${parts.join(', ')}.`,
  },
  zh: {
    title: '沿深度的梯度、分支与残差流。',
    seats: '经过的子层数',
    panels: { gradient: '梯度', branch: '分支', stream: '残差流' },
    step: (name: string, step: number): string => `${name}，第 ${step} 步`,
    gradient: (ratio: string): string => `输入处的梯度是末端的 ${ratio} 倍`,
    stream: (growth: string): string => `残差流增长到 ${growth} 倍`,
    sentence: (name: string, parts: readonly string[]): string => `${name}：${parts.join('，')}。`,
  },
} as const

const recorded = (values: readonly number[]): boolean => values.some((value) => !Number.isNaN(value))

const labels = { gradient: '|dLoss/dx|', branch: 'rms f(x)', stream: 'rms x' } as const

/**
 * Gradient, branches and stream of a run over depth on log axes, the baseline (another run, or the same one at its first
 * step) thin and dashed behind. Statistics that neither recorded have no panel; throws DataError where none was.
 */
export function profileFigure(
  shown: RunProfile,
  baseline: RunProfile | null = null,
  language: Language = 'en',
): Figure {
  const say = words[language]
  const profiles = baseline === null ? [shown] : [baseline, shown]
  const seriesOf = (profile: RunProfile, quantity: keyof typeof labels): Series => ({
    name: say.step(profile.name, profile.step),
    ...(profile === shown ? { colour: 'blue', dash: 'solid' } : { colour: 'grey', dash: 'dashed', ghost: true }),
    points: profile[quantity].map((value, i): Point => [i, value]).slice(quantity === 'branch' ? 1 : 0),
  })
  const quantities = (Object.keys(labels) as (keyof typeof labels)[]).filter((quantity) =>
    profiles.some((profile) => recorded(profile[quantity])),
  )
  if (quantities.length === 0)
    throw new DataError(
      `profileFigure: ${shown.name} recorded neither 'rms' nor 'gradientNorm'; train with these probes`,
    )
  const panels = quantities.map((quantity): Panel => ({
    title: say.panels[quantity],
    x: { label: say.seats, scale: 'linear' },
    y: { label: labels[quantity], scale: 'log' },
    series: profiles.filter((profile) => recorded(profile[quantity])).map((profile) => seriesOf(profile, quantity)),
  }))
  const ratio = (over: number, under: number): string => numberText(over / under, 3)
  const sentences = profiles
    .toReversed()
    .map(({ name, step, gradient, stream }) =>
      say.sentence(say.step(name, step), [
        ...(recorded(gradient) ? [say.gradient(ratio(gradient[0]!, gradient.at(-1)!))] : []),
        ...(recorded(stream) ? [say.stream(ratio(stream.at(-1)!, stream[0]!))] : []),
      ]),
    )
  return { name: 'run_profile_depth', title: say.title, summary: sentences.join(language === 'en' ? ' ' : ''), panels }
}

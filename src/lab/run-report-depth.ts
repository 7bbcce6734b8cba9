import type { Language } from './claims/claim.ts'
import { scaleOf } from './compare-figures.ts'
import type { Point } from './curve.ts'
import { numberText } from './document.ts'
import type { Figure, Panel, Series } from './figure.ts'
import type { HeatPanel } from './heatmap.ts'
import type { StoredRun } from './run-report-data.ts'

const words = {
  en: {
    title: (stat: string): string => `${stat} of the stream over depth.`,
    summary: (step: number, first: string, last: string): string =>
      `At step ${step} it is ${first} where the stream begins and ${last} where it ends.`,
    atStep: (step: number): string => `step ${step}`,
    step: 'step',
    depth: 'sublayers passed',
    overSteps: (stat: string): string => `${stat}, all probed steps`,
  },
  zh: {
    title: (stat: string): string => `残差流的 ${stat} 随深度的分布。`,
    summary: (step: number, first: string, last: string): string =>
      `第 ${step} 步时，残差流起点为 ${first}，终点为 ${last}。`,
    atStep: (step: number): string => `第 ${step} 步`,
    step: '步',
    depth: '经过的子层数',
    overSteps: (stat: string): string => `${stat}，所有探测步`,
  },
} satisfies Readonly<Record<Language, unknown>>

type Stream = NonNullable<StoredRun['stream']>

/** One statistic: its profile at the last probed step with the first as a ghost, and all of them by depth and step. */
function figureOf(
  { steps, paths }: Stream,
  stat: string,
  values: readonly (readonly number[])[],
  language: Language,
): Figure {
  const say = words[language]
  const at = (frame: number, look: Omit<Series, 'name' | 'points'>): Series => ({
    ...{ ...look, name: say.atStep(steps[frame]!) },
    points: values.map((overSteps, depth): Point => [depth, overSteps[frame]!]),
  })
  const last = steps.length - 1
  const series = [
    ...(last > 0 ? [at(0, { colour: 'grey', dash: 'dashed', ghost: true })] : []),
    at(last, { colour: 'blue', dash: 'solid' }),
  ]
  const scale = scaleOf(series)
  const profile: Panel = {
    ...{ title: stat, series },
    x: { label: say.depth, scale: 'linear' },
    y: { label: stat, scale },
  }
  const heat: HeatPanel = {
    ...{ title: say.overSteps(stat), y: say.depth, columns: steps, rows: paths, cells: values },
    x: { label: say.step, scale: 'linear' },
    colour: { label: stat, scale },
  }
  const [begin, end] = [values[0]!, values.at(-1)!].map((overSteps) => numberText(overSteps[last]!, 3)) as [
    string,
    string,
  ]
  return {
    name: `run_${stat}_depth_step`,
    title: say.title(stat),
    summary: say.summary(steps[last]!, begin, end),
    panels: [profile, heat],
  }
}

/** The stream of a run over depth, a figure for every statistic that was recorded of it; none where nothing was probed. */
export function depthFigures({ stream }: StoredRun, language: Language): Figure[] {
  if (stream === null) return []
  return stream.stats.flatMap((stat) => {
    const values = stream.values(stat)
    return values.flat().every(Number.isNaN) ? [] : [figureOf(stream, stat, values, language)]
  })
}

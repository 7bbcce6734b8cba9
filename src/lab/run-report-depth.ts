import type { Language } from './claims/claim.ts'
import { scaleOf } from './compare-figures.ts'
import type { Point } from './curve.ts'
import type { Figure, Panel, Series } from './figure.ts'
import type { HeatPanel } from './heatmap.ts'
import type { StoredRun } from './run-report-data.ts'
import { streamHeatmap } from './stream-heatmap.ts'
import type { StreamRecord } from './stream-record.ts'

const atStep = { en: (step: number): string => `step ${step}`, zh: (step: number): string => `第 ${step} 步` } as const

/** One statistic: its profile at the last probed step with the first as a ghost, beside the heatmap of all of them. */
function figureOf(stream: StreamRecord, stat: string, language: Language): Figure {
  const { steps } = stream
  const values = stream.values(stat)
  const at = (frame: number, look: Omit<Series, 'name' | 'points'>): Series => ({
    ...{ ...look, name: atStep[language](steps[frame]!) },
    points: values.map((overSteps, depth): Point => [depth, overSteps[frame]!]),
  })
  const last = steps.length - 1
  const series = [
    ...(last > 0 ? [at(0, { colour: 'grey', dash: 'dashed', ghost: true })] : []),
    at(last, { colour: 'blue', dash: 'solid' }),
  ]
  const scale = scaleOf(series)
  const heatmap = streamHeatmap(stream, { stat, scale, language })
  const [heat] = heatmap.panels as [HeatPanel]
  const profile: Panel = {
    ...{ title: stat, series },
    x: { label: heat.y, scale: 'linear' },
    y: { label: stat, scale },
  }
  return { ...heatmap, panels: [profile, heat] }
}

/** The stream of a run over depth, a figure for every statistic that was recorded of it; none where nothing was probed. */
export const depthFigures = ({ stream }: StoredRun, language: Language): Figure[] =>
  stream === null
    ? []
    : stream.stats
        .filter((stat) => !stream.values(stat).flat().every(Number.isNaN))
        .map((stat) => figureOf(stream, stat, language))

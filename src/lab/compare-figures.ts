import type { Language } from './claims/claim.ts'
import { runNames } from './compare.ts'
import { isDrawable, type Point, type ScaleKind } from './curve.ts'
import { numberText } from './document.ts'
import type { Figure, Panel, Series } from './figure.ts'
import type { Colour, Dash } from './palette.ts'
import { lossPoints, type StoredRun } from './run-report-data.ts'

const words = {
  en: {
    baseline: 'baseline',
    step: 'step',
    loss: 'training loss',
    losses: 'Training loss over steps.',
    ended: 'It ended at',
    depth: 'sublayers passed',
    profiles: 'The stream over depth, at the last step that was probed.',
    atStep: (name: string, step: number): string => `${name} at step ${step}`,
    list: (parts: readonly string[]): string => `${parts.join(', ')}.`,
  },
  zh: {
    baseline: '基线',
    step: '步',
    loss: '训练损失',
    losses: '训练损失随步数的变化。',
    ended: '最终为',
    depth: '经过的子层数',
    profiles: '最后一次探测时残差流随深度的分布。',
    atStep: (name: string, step: number): string => `${name} 在第 ${step} 步`,
    list: (parts: readonly string[]): string => `${parts.join('、')}。`,
  },
} satisfies Readonly<Record<Language, unknown>>

/** A log axis where all that can be drawn is above zero. */
export const scaleOf = (series: readonly Pick<Series, 'points'>[]): ScaleKind => {
  const values = series.flatMap(({ points }) => points.map(([, value]) => value)).filter(Number.isFinite)
  return values.length > 0 && values.every((value) => isDrawable(value, 'log')) ? 'log' : 'linear'
}

/** Steps over which the weight of a value halves in a smoothed line: a hundredth of the run; undefined for short ones. */
export function halfLifeOf(series: readonly Pick<Series, 'points'>[]): number | undefined {
  const last = Math.max(0, ...series.map(({ points }) => points.at(-1)?.[0] ?? 0))
  return last < 200 ? undefined : Math.round(last / 100)
}

const colours: readonly Colour[] = ['blue', 'vermilion', 'green', 'pink', 'amber']
const dashes: readonly Dash[] = ['solid', 'dotted', 'dashed']

type Look = Omit<Series, 'points'>

/** The baseline as a ghost in every group, at most five others beside it: an axis with more lines cannot be read. */
function groups(runs: readonly StoredRun[], say: (typeof words)[Language]): (readonly [StoredRun, Look])[][] {
  const names = runNames(runs)
  const [baseline] = runs as readonly [StoredRun]
  const ghost: Look = { name: `${names[0]!} (${say.baseline})`, colour: 'grey', dash: 'dashed', ghost: true }
  const others = runs.slice(1).map((run, i): readonly [StoredRun, Look] => {
    const place = i % colours.length
    return [run, { name: names[i + 1]!, colour: colours[place]!, dash: dashes[place % dashes.length]! }]
  })
  return Array.from({ length: Math.ceil(others.length / colours.length) }, (_, i) => [
    [baseline, ghost],
    ...others.slice(i * colours.length, (i + 1) * colours.length),
  ])
}

/** Training loss over steps, as many panels as the runs need. */
function lossFigure(runs: readonly StoredRun[], language: Language): Figure[] {
  const say = words[language]
  const all = runs.map((run) => ({ points: lossPoints(run) }))
  if (all.every(({ points }) => points.length === 0)) return []
  const halfLife = halfLifeOf(all)
  const panels = groups(runs, say).map((group): Panel => ({
    title: say.loss,
    x: { label: say.step, scale: 'linear' },
    y: { label: say.loss, scale: scaleOf(all) },
    series: group.map(([run, look]) => ({ ...look, points: lossPoints(run) })),
    ...(halfLife === undefined ? {} : { halfLife }),
  }))
  const names = runNames(runs)
  const ends = all.map(({ points }, i) => `${names[i]!} ${numberText(points.at(-1)?.[1] ?? NaN, 3)}`)
  return [
    { name: 'compare_loss_step', title: say.losses, summary: `${say.ended} ${say.list(ends)}`, panels, sharedY: true },
  ]
}

/** A statistic of the stream over depth, at the last step that was probed. */
const profile = ({ stream }: StoredRun, stat: string): Point[] =>
  stream?.stats.includes(stat) ? stream.values(stat).map((overSteps, depth): Point => [depth, overSteps.at(-1)!]) : []

/** What every run records unless told otherwise. */
const stats = ['rms', 'gradientNorm']

/** The stream over depth where it was recorded, the baseline behind the others. */
function profileFigure(runs: readonly StoredRun[], language: Language): Figure[] {
  const say = words[language]
  const panels = groups(runs, say).flatMap((group) =>
    stats.flatMap((stat): Panel[] => {
      const series = group.flatMap(([run, look]): Series[] => {
        const points = profile(run, stat)
        return points.length === 0 ? [] : [{ ...look, points }]
      })
      const axis = { label: stat, scale: scaleOf(series) }
      return series.length === 0 ? [] : [{ title: stat, x: { label: say.depth, scale: 'linear' }, y: axis, series }]
    }),
  )
  if (panels.length === 0) return []
  const names = runNames(runs)
  const when = runs.flatMap(({ stream }, i) => (stream ? [say.atStep(names[i]!, stream.steps.at(-1)!)] : []))
  return [{ name: 'compare_stream_depth', title: say.profiles, summary: say.list(when), panels }]
}

/** The figures of a comparison, the baseline as a ghost in each; none of what was not recorded. */
export const compareFigures = (runs: readonly StoredRun[], language: Language): Figure[] => [
  ...lossFigure(runs, language),
  ...profileFigure(runs, language),
]

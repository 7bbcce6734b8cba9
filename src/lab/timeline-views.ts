import type { Language } from './claims/claim.ts'
import type { Point } from './curve.ts'
import { type BandOptions, type Departure, type ProbeSeries, scaleOf, watchSeries } from './departure.ts'
import { numberText, type Table } from './document.ts'
import type { Figure, Moment, Panel, Series } from './figure.ts'
import type { Outbreak, RecordedSeries, Timeline } from './timeline.ts'
import type { Bilingual } from './verdict/bilingual.ts'

const number = (value: number): string => numberText(value, 3)

const words = {
  en: {
    title: 'Which probe left its band first.',
    series: (stat: string, site: string): string => (site === '' ? stat : `${stat} of ${site}`),
    diverged: (step: number): string => `the divergence at step ${step}`,
    plateau: (step: number): string => `the loss stood still at step ${step}`,
    band: (low: string, high: string): string => `usual ${low} to ${high}`,
    first: (what: string, step: number, steps: number, value: string, end: string): string =>
      `${steps} steps before ${end}, at step ${step}, ${what} was the first of the probes to leave its band (${value}).`,
    alone: (what: string, step: number, value: string): string =>
      `The run neither diverged nor stood still; ${what} left its band at step ${step} (${value}) and did not come back.`,
    then: (others: readonly string[]): string => `Then: ${others.join(', ')}.`,
    more: (more: number): string => `${more} more`,
    at: (what: string, step: number): string => `${what} at step ${step}`,
    none: (banded: number, end: string | null): string =>
      `None of ${banded} probes left its band${end === null ? '; the run neither diverged nor stood still' : ` before ${end}`}.`,
    blind: (end: string | null): string =>
      `Too few values were recorded${end === null ? '' : ` before ${end}`} to say what was usual; probe more often.`,
    measured: 'measured',
    low: 'band, low',
    high: 'band, high',
    left: 'left its band',
    ends: { diverged: 'diverged', plateau: 'stood still' },
    step: 'step',
    head: ['step', 'probe', 'place', 'value', 'band', 'farthest, standard deviations'],
    caption: 'Probes that left their band and did not come back, the first one first',
    between: ' ',
  },
  zh: {
    title: '哪个探针最先离开其区间。',
    series: (stat: string, site: string): string => (site === '' ? stat : `${site} 的 ${stat}`),
    diverged: (step: number): string => `第 ${step} 步发散`,
    plateau: (step: number): string => `第 ${step} 步损失停滞`,
    band: (low: string, high: string): string => `通常为 ${low} 至 ${high}`,
    first: (what: string, step: number, steps: number, value: string, end: string): string =>
      `在${end}之前 ${steps} 步（第 ${step} 步），${what} 是最先离开其区间的探针（${value}）。`,
    alone: (what: string, step: number, value: string): string =>
      `这次运行既未发散也未停滞；${what} 在第 ${step} 步离开其区间（${value}）且没有返回。`,
    then: (others: readonly string[]): string => `随后：${others.join('、')}。`,
    more: (more: number): string => `另外 ${more} 个`,
    at: (what: string, step: number): string => `${what}（第 ${step} 步）`,
    none: (banded: number, end: string | null): string =>
      `${banded} 个探针都没有离开其区间${end === null ? '；这次运行既未发散也未停滞' : `（在${end}之前）`}。`,
    blind: (end: string | null): string =>
      `${end === null ? '' : `在${end}之前`}记录的值太少，无法判断什么是通常的；请更频繁地探测。`,
    measured: '测量值',
    low: '区间下限',
    high: '区间上限',
    left: '离开区间',
    ends: { diverged: '发散', plateau: '停滞' },
    step: '步',
    head: ['步', '探针', '位置', '值', '区间', '最远，标准差'],
    caption: '离开其区间且没有返回的探针，按先后排列',
    between: '',
  },
} as const

type Words = (typeof words)[Language]

/** So many other probes are named in the sentence, each with its first place; the table has all. */
const named = 4

function valueText({ value, band }: Departure, say: Words): string {
  const usual = band === null ? [] : [say.band(number(band.low), number(band.high))]
  return [number(value), ...usual].join(say === words.zh ? '，' : ', ')
}

/** The first departure of each probe, whatever its place. */
const firstsOf = (departures: readonly Departure[]): Departure[] =>
  departures.filter(({ stat }, i) => departures.findIndex((other) => other.stat === stat) === i)

const endText = (outbreak: Outbreak | null, say: Words): string | null => outbreak && say[outbreak.type](outbreak.step)

function sentenceOf({ departures, outbreak, banded }: Timeline, say: Words): string {
  const [first, ...others] = firstsOf(departures)
  const end = endText(outbreak, say)
  if (first === undefined) return banded === 0 ? say.blind(end) : say.none(banded, end)
  const what = say.series(first.stat, first.site)
  const opening =
    outbreak === null || end === null
      ? say.alone(what, first.step, valueText(first, say))
      : say.first(what, first.step, outbreak.step - first.step, valueText(first, say), end)
  const listed = others.slice(0, named).map(({ stat, site, step }) => say.at(say.series(stat, site), step))
  const more = departures.length - 1 - listed.length
  return departures.length === 1
    ? opening
    : [opening, say.then(more > 0 ? [...listed, say.more(more)] : listed)].join(say.between)
}

/** What the timeline found, in a sentence or two. */
export const timelineSentence = (found: Timeline): Bilingual => ({
  en: sentenceOf(found, words.en),
  zh: sentenceOf(found, words.zh),
})

/** Everything that left its band, in order. */
export function timelineTable({ departures }: Timeline, language: Language = 'en'): Table {
  const say = words[language]
  return {
    caption: say.caption,
    head: say.head,
    rows: departures.map(({ step, stat, site, value, band, farthest }) => [
      String(step),
      stat,
      site === '' ? '-' : site,
      number(value),
      band === null ? '-' : `${number(band.low)} .. ${number(band.high)}`,
      number(farthest),
    ]),
  }
}

/** A series with the band that it was held against, and the moments that matter. */
function panelOf(
  series: ProbeSeries,
  departure: Departure | undefined,
  outbreak: Outbreak | null,
  options: BandOptions,
  say: Words,
): Panel {
  const { bands } = watchSeries(series, options)
  const edge = (side: 'low' | 'high'): Series => ({
    name: say[side],
    colour: 'grey',
    dash: side === 'low' ? 'dotted' : 'dashed',
    ghost: true,
    points: series.points.flatMap(([step], i): Point[] => (bands[i] ? [[step, bands[i][side]]] : [])),
  })
  const moments: Moment[] = [
    ...(departure ? [{ x: departure.step, text: say.left }] : []),
    ...(outbreak ? [{ x: outbreak.step, text: say.ends[outbreak.type] }] : []),
  ]
  return {
    title: say.series(series.stat, series.site),
    x: { label: say.step, scale: 'linear' },
    y: { label: series.stat, scale: scaleOf(series.stat) },
    series: [
      ...[edge('low'), edge('high')].filter(({ points }) => points.length > 0),
      { name: say.measured, colour: 'blue', dash: 'solid', points: series.points },
    ],
    moments,
  }
}

/** Most panels beside each other. */
const mostPanels = 3

/** The first probes to leave, one of each kind, with their bands and the moments; the loss where none left. */
export function timelineFigure(
  recorded: RecordedSeries,
  found: Timeline,
  language: Language = 'en',
  options: BandOptions = {},
): Figure {
  const say = words[language]
  const { departures, outbreak } = found
  const seriesOf = (stat: string, site: string): ProbeSeries[] =>
    recorded.series.filter((series) => series.stat === stat && series.site === site)
  const panels = firstsOf(departures)
    .slice(0, mostPanels)
    .flatMap((departure) =>
      seriesOf(departure.stat, departure.site).map((series) => panelOf(series, departure, outbreak, options, say)),
    )
  const loss = seriesOf('loss', '').map((series) => panelOf(series, undefined, outbreak, options, say))
  return {
    name: 'run_timeline_step',
    title: say.title,
    summary: sentenceOf(found, say),
    panels: panels.length > 0 ? panels : loss,
  }
}

import type { Language } from '../claims/claim.ts'
import type { Point } from '../curve.ts'
import type { Figure, Series } from '../figure.ts'
import type { Colour, Dash } from '../palette.ts'
import type { Spread } from '../spread.ts'
import { mean, meanInterval } from '../statistics/mean.ts'
import type { Plan, PlannedArm } from './plan.ts'
import type { ArmSummary, RateSummary, Summary } from './summary.ts'

/** A t-interval of two runs reaches further than any figure. */
const fewestRuns = 3

const words = {
  en: {
    rate: 'learning rate',
    lines: (metric: string, seeds: boolean): string =>
      `Mean ${metric} over the runs that trained, by learning rate, with its 95% t-interval from ${fewestRuns} runs on${seeds ? '; thin: the single seeds' : ''}.`,
    one: (metric: string, rate: number): string =>
      `Mean ${metric} over the runs that trained, at the one learning rate of this study, ${rate}; bars: its 95% t-interval from ${fewestRuns} runs on.`,
    alone: (names: readonly string[]): string =>
      ` Trained at one learning rate only, and drawn as a point or a bar: ${names.join(', ')}.`,
    untrained: (names: readonly string[]): string => ` No run of ${names.join(', ')} trained.`,
    mean: (n: string): string => `mean, 95% t-interval, n=${n}`,
    some: (n: string): string => `mean, 95% t-interval from ${fewestRuns} runs on, n=${n}`,
    bare: (n: string): string => `mean, n=${n}`,
  },
  zh: {
    rate: '学习率',
    lines: (metric: string, seeds: boolean): string =>
      `训练成功的运行的平均 ${metric} 及其 95% t 区间（至少 ${fewestRuns} 次运行时），按学习率${seeds ? '；细线：各个种子' : ''}。`,
    one: (metric: string, rate: number): string =>
      `训练成功的运行的平均 ${metric}，本研究只有一个学习率 ${rate}；竖线：其 95% t 区间（至少 ${fewestRuns} 次运行时）。`,
    alone: (names: readonly string[]): string => `只在一个学习率下训练成功，画为一点或一条竖线：${names.join('、')}。`,
    untrained: (names: readonly string[]): string => `${names.join('、')} 没有一次运行训练成功。`,
    mean: (n: string): string => `均值，95% t 区间，n=${n}`,
    some: (n: string): string => `均值，95% t 区间（至少 ${fewestRuns} 次运行时），n=${n}`,
    bare: (n: string): string => `均值，n=${n}`,
  },
} as const

const colours: readonly Colour[] = ['blue', 'vermilion', 'green', 'pink', 'amber', 'grey']

/** Up to so many seeds are drawn one by one. */
const fewSeeds = 5

/** The second cue beside the colour: which norm. */
function dashOf({ wiring }: PlannedArm): Dash {
  const name = typeof wiring.norm === 'string' ? wiring.norm : wiring.norm.name
  return name === 'none' ? 'dotted' : name === 'layer' ? 'solid' : 'dashed'
}

/** A line per seed over the rates at which all of them trained, where they are few. */
function seedLines(rates: readonly RateSummary[], seeds: number): Point[][] {
  const whole = rates.filter(({ values }) => values.length === seeds)
  if (seeds > fewSeeds || whole.length < 2) return []
  return Array.from({ length: seeds }, (_, i) =>
    whole.map(({ learningRate, values }): Point => [learningRate, values[i]!]),
  )
}

function spreadOf(rates: readonly RateSummary[], seeds: number, language: Language): Spread {
  const several = rates.filter(({ values }) => values.length >= fewestRuns)
  const counts = rates.map(({ values }) => values.length)
  const [least, most] = [Math.min(...counts), Math.max(...counts)]
  const say = words[language]
  const named = several.length === 0 ? say.bare : least < fewestRuns ? say.some : say.mean
  return {
    what: named(least === most ? String(most) : `${least}-${most}`),
    band: several.flatMap(({ learningRate, values }) => {
      const { low, high, kind } = meanInterval(values)
      return kind === 'range' ? [] : [[learningRate, low, high] as const]
    }),
    runs: seedLines(rates, seeds),
  }
}

/** One colour per skip, so that an arm looks the same everywhere. */
function seriesOf(plan: Plan, summaries: readonly ArmSummary[], language: Language): Series[] {
  const text = ({ wiring }: PlannedArm): string => JSON.stringify(wiring.skip)
  const skips = [...new Set(plan.arms.map(text))]
  return summaries.flatMap(({ name, rates }) => {
    const arm = plan.arms.find((one) => one.name === name)
    const some = rates.filter(({ values }) => values.length > 0)
    if (arm === undefined || some.length === 0) return []
    const colour = colours[skips.indexOf(text(arm)) % colours.length]!
    const points = some.map(({ learningRate, values }) => [learningRate, mean(values)] as const)
    return [{ name, colour, dash: dashOf(arm), points, spread: spreadOf(some, plan.seeds.length, language) }]
  })
}

/** Series that look alike, as those of one net in two depths, lie in different panels; six at most in one. */
function apart(all: readonly Series[]): Series[][] {
  const panels: Series[][] = []
  for (const one of all) {
    const alike = ({ colour, dash }: Series): boolean => colour === one.colour && dash === one.dash
    const room = panels.find((panel) => panel.length < colours.length && !panel.some(alike))
    if (room) room.push(one)
    else panels.push([one])
  }
  return panels
}

/** What the names of all series have in common. */
const commonName = ([first, ...rest]: readonly Series[]): string =>
  first!.name
    .split(' ')
    .filter((word) => rest.every(({ name }) => name.split(' ').includes(word)))
    .join(' ')

/** Arms that ran, but none of whose runs trained. */
const untrainedOf = ({ arms }: Summary): string[] =>
  arms
    .filter(({ rates }) => rates.every(({ trained }) => trained === 0))
    .filter(({ rates }) => rates.some(({ plateaued, diverged }) => plateaued + diverged > 0))
    .map(({ name }) => name)

/** More panels than this are too narrow for their titles; the rest make further figures. */
const mostPanels = 2

/** The metric of every arm over the learning rates; nothing where no run trained. */
export function rateFigures(plan: Plan, summary: Summary, language: Language): Figure[] {
  const say = words[language]
  const series = seriesOf(plan, summary.arms, language)
  if (series.length === 0) return []
  const panels = apart(series).map((inside, _, all) => ({
    title: all.length === 1 ? summary.metric : `${summary.metric} ${commonName(inside)}`.trim(),
    x: { label: say.rate, scale: 'log' as const },
    y: { label: summary.metric, scale: 'linear' as const },
    series: inside,
  }))
  const [rate] = plan.learningRates
  const untrained = untrainedOf(summary)
  return Array.from({ length: Math.ceil(panels.length / mostPanels) }, (_, i): Figure => {
    const inside = panels.slice(i * mostPanels, (i + 1) * mostPanels)
    const seeds = inside.some((panel) => panel.series.some(({ spread }) => (spread?.runs?.length ?? 0) > 0))
    const lone = inside.flatMap((panel) => panel.series.filter(({ points }) => points.length === 1))
    const [whole, alone] =
      plan.learningRates.length === 1
        ? [say.one(summary.metric, rate!), '']
        : [say.lines(summary.metric, seeds), lone.length > 0 ? say.alone(lone.map(({ name }) => name)) : '']
    const missing = untrained.length > 0 ? say.untrained(untrained) : ''
    return {
      name: i === 0 ? 'learning-rates' : `learning-rates-${i + 1}`,
      title: [plan.question, ...(i === 0 ? [] : [`(${i + 1})`])].join(' '),
      summary: whole + alone + missing,
      panels: inside,
      sharedY: true,
    }
  })
}

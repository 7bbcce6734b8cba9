import type { Language } from './claims/claim.ts'
import { OptionError } from '../errors.ts'
import type { Point } from './curve.ts'
import { numberText, type Table } from './document.ts'
import type { Figure, Panel } from './figure.ts'
import type { Lesions } from './probes/lesion.ts'
import type { Lens } from './probes/logit-lens.ts'
import { median } from './statistics/median.ts'

const words = {
  en: {
    between: ' ',
    lesion: 'What the net loses without its parts.',
    removed: 'removed',
    part: 'part removed',
    without: 'without it',
    intact: 'intact',
    change: (metric: string): string => `change of ${metric}`,
    worst: (metric: string, name: string, value: string, intact: string): string =>
      `Without ${name} the ${metric} changes most: ${value} instead of ${intact}.`,
    typical: (metric: string, median: string): string => `The median change of the ${metric} is ${median}.`,
    lens: 'What the rest of the net reads out of the stream at each depth.',
    depth: 'depth',
    loss: 'loss',
    divergence: 'KL to the end, nats',
    agreement: 'same first choice as the end',
    from: (loss: string, path: string, last: string): string =>
      `Read at ${path} the loss is ${loss}, at the end ${last}.`,
    agrees: (path: string): string => `From ${path} on, nine of ten first choices are those of the end.`,
  },
  zh: {
    between: '',
    lesion: '去掉各部分后网络失去什么。',
    removed: '去掉的部分',
    part: '被去掉的部分',
    without: '去掉后',
    intact: '完整',
    change: (metric: string): string => `${metric} 的变化`,
    worst: (metric: string, name: string, value: string, intact: string): string =>
      `去掉 ${name} 后 ${metric} 变化最大：${value}，完整时为 ${intact}。`,
    typical: (metric: string, median: string): string => `${metric} 变化的中位数为 ${median}。`,
    lens: '网络其余部分从各深度的残差流中读出什么。',
    depth: '深度',
    loss: '损失',
    divergence: '与末端的 KL，nats',
    agreement: '首选与末端相同的比例',
    from: (loss: string, path: string, last: string): string => `在 ${path} 处读出的损失为 ${loss}，末端为 ${last}。`,
    agrees: (path: string): string => `从 ${path} 起，十分之九的首选与末端相同。`,
  },
} as const

const named = (removed: readonly string[]): string => removed.join(' + ')

/** What was measured, lesions by lesions; the loss first. Throws OptionError where nothing was removed. */
function changesOf({ intact, lesions }: Lesions): { metric: string; values: number[]; changes: number[] }[] {
  if (lesions.length === 0) throw new OptionError('lesionFigure: expected at least one lesion, got none')
  return Object.keys(intact).map((metric) => {
    const values = lesions.map(({ measured }) => measured[metric]!)
    return { metric, values, changes: values.map((value) => value - intact[metric]!) }
  })
}

/** One panel per measured quantity: its value without each part, the intact net thin and dashed behind. */
export function lesionFigure(result: Lesions, language: Language = 'en'): Figure {
  const say = words[language]
  const measured = changesOf(result)
  const panels = measured.map(({ metric, values }): Panel => {
    const intact = result.intact[metric]!
    return {
      title: metric,
      x: { label: say.part, scale: 'linear' },
      y: { label: metric, scale: 'linear' },
      series: [
        {
          name: say.intact,
          colour: 'grey',
          dash: 'dashed',
          ghost: true,
          points: values.map((_, i): Point => [i, intact]),
        },
        { name: say.without, colour: 'vermilion', dash: 'solid', points: values.map((value, i): Point => [i, value]) },
      ],
    }
  })
  const { metric, values, changes } = measured[0]!
  const sizes = changes.map((change) => (Number.isFinite(change) ? Math.abs(change) : Infinity))
  const worst = sizes.indexOf(Math.max(...sizes))
  const typical = median(changes)
  const [value, intact] = [values[worst]!, result.intact[metric]!]
  const sentences = [
    say.worst(metric, named(result.lesions[worst]!.removed), numberText(value, 3), numberText(intact, 3)),
    say.typical(metric, numberText(typical, 2)),
  ]
  return { name: 'lesion', title: say.lesion, summary: sentences.join(say.between), panels }
}

/** One row per lesion: what was removed, every measured quantity, and its change. */
export function lesionTable(result: Lesions, language: Language = 'en'): Table {
  const say = words[language]
  const measured = changesOf(result)
  const signed = (change: number): string => `${change > 0 ? '+' : ''}${numberText(change, 3)}`
  return {
    caption: say.lesion.slice(0, -1),
    head: [say.removed, ...measured.flatMap(({ metric }) => [metric, say.change(metric)])],
    rows: [
      [`(${say.intact})`, ...measured.flatMap(({ metric }) => [numberText(result.intact[metric]!), '-'])],
      ...result.lesions.map(({ removed }, i) => [
        named(removed),
        ...measured.flatMap(({ values, changes }) => [numberText(values[i]!), signed(changes[i]!)]),
      ]),
    ],
  }
}

/** The loss read at every depth and, for classes, the divergence from the end and the share of equal first choices. */
export function lensFigure(lenses: readonly Lens[], language: Language = 'en'): Figure {
  const say = words[language]
  const [first, last] = [lenses[0], lenses.at(-1)]
  if (first === undefined || last === undefined)
    throw new OptionError('lensFigure: expected at least one depth, got none')
  const panel = (key: 'loss' | 'divergence' | 'agreement'): Panel => ({
    title: say[key],
    x: { label: say.depth, scale: 'linear' },
    y: { label: say[key], scale: 'linear' },
    series: [
      {
        name: 'logit lens',
        colour: 'blue',
        dash: 'solid',
        points: lenses.map((lens, i): Point => [i, lens[key] ?? NaN]),
      },
    ],
  })
  const agrees = lenses.slice(lenses.findLastIndex(({ agreement }) => agreement === null || agreement < 0.9) + 1)[0]
  const sentences = [
    say.from(numberText(first.loss, 3), first.path, numberText(last.loss, 3)),
    ...(agrees ? [say.agrees(agrees.path)] : []),
  ]
  const classes = last.agreement !== null
  return {
    name: 'logit_lens',
    title: say.lens,
    summary: sentences.join(say.between),
    panels: (classes ? (['loss', 'divergence', 'agreement'] as const) : (['loss'] as const)).map(panel),
  }
}

/** One row per depth. */
export function lensTable(lenses: readonly Lens[], language: Language = 'en'): Table {
  const say = words[language]
  const number = (value: number | null): string => (value === null ? '-' : numberText(value))
  return {
    caption: say.lens.slice(0, -1),
    head: [say.depth, say.loss, say.divergence, say.agreement],
    rows: lenses.map(({ path, loss, divergence, agreement }) => [path, ...[loss, divergence, agreement].map(number)]),
  }
}

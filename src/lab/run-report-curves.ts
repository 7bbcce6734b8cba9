import type { Language } from './claims/claim.ts'
import { halfLifeOf, scaleOf } from './compare-figures.ts'
import type { Point } from './curve.ts'
import { numberText } from './document.ts'
import type { Figure, Moment, Panel, Series } from './figure.ts'
import { column, divergence, evaluations, lossPoints, type StoredRun } from './run-report-data.ts'

const words = {
  en: {
    step: 'step',
    training: 'training batch',
    evaluation: 'evaluation',
    loss: 'Loss over steps.',
    metrics: 'Metrics over steps.',
    updates: 'Learning rate and size of the gradient over steps.',
    course: (name: string, where: string, from: string, to: string): string =>
      `${name} (${where}) goes from ${from} to ${to}.`,
    once: (name: string, where: string, value: string, step: number): string =>
      `${name} (${where}) was recorded once: ${value} at step ${step}.`,
    diverged: 'not finite',
    plateau: 'plateau',
    space: ' ',
  },
  zh: {
    step: '步',
    training: '训练批次',
    evaluation: '评估',
    loss: '损失随步数的变化。',
    metrics: '指标随步数的变化。',
    updates: '学习率与梯度大小随步数的变化。',
    course: (name: string, where: string, from: string, to: string): string =>
      `${name}（${where}）从 ${from} 变为 ${to}。`,
    once: (name: string, where: string, value: string, step: number): string =>
      `${name}（${where}）只记录了一次：第 ${step} 步为 ${value}。`,
    diverged: '非有限值',
    plateau: '平台',
    space: '',
  },
} satisfies Readonly<Record<Language, unknown>>

/** What happened in a run, as lines in its figures. */
function momentsOf(run: StoredRun, language: Language): Moment[] {
  const say = words[language]
  const broken = divergence(run)
  return [
    ...run.events.filter(({ type }) => type === 'plateau').map(({ step }) => ({ x: step, text: say.plateau })),
    ...(broken ? [{ x: broken.step, text: say.diverged }] : []),
  ]
}

/** A quantity on training batches and in evaluations, over steps; none where neither was recorded. */
function panelOf(run: StoredRun, name: string, training: readonly Point[], language: Language): Panel[] {
  const say = words[language]
  const looks: readonly Series[] = [
    { name: say.training, colour: 'blue', dash: 'solid', points: training },
    { name: say.evaluation, colour: 'vermilion', dash: 'dashed', points: evaluations(run).get(name) ?? [] },
  ]
  const series = looks.filter(({ points }) => points.length > 0)
  if (series.length === 0) return []
  const halfLife = halfLifeOf(series)
  return [
    {
      ...{ title: name, series, moments: momentsOf(run, language) },
      x: { label: say.step, scale: 'linear' },
      y: { label: name, scale: scaleOf(series) },
      ...(halfLife === undefined ? {} : { halfLife }),
    },
  ]
}

/** Side by side, at most so many. */
const mostPanels = 2

function figuresOf(name: string, title: string, panels: readonly Panel[], language: Language): Figure[] {
  const say = words[language]
  const course = ({ title: quantity, series }: Panel): string => {
    const { name: where, points } = series.at(-1)!
    const [[step, first], [, last]] = [points[0]!, points.at(-1)!]
    const [from, to] = [numberText(first, 3), numberText(last, 3)]
    return points.length === 1 ? say.once(quantity, where, from, step) : say.course(quantity, where, from, to)
  }
  return Array.from({ length: Math.ceil(panels.length / mostPanels) }, (_, i) => {
    const shown = panels.slice(i * mostPanels, (i + 1) * mostPanels)
    const summary = shown.map(course).join(say.space)
    return { name: i === 0 ? name : `${name}_${i + 1}`, title, summary, panels: shown }
  })
}

/** The optimizer's own columns in `scalars.jsonl`. */
const ofUpdates = ['learningRate', 'gradientNorm']

/** Loss, metrics, learning rate and gradient norm of a run over its steps, as far as they were recorded. */
export function curveFigures(run: StoredRun, language: Language): Figure[] {
  const say = words[language]
  const panel = (name: string): Panel[] => panelOf(run, name, column(run, name), language)
  const names = [...new Set([...run.scalars.names, ...evaluations(run).keys()])]
  const metrics = names.filter((name) => name !== 'loss' && !ofUpdates.includes(name))
  return [
    ...figuresOf('run_loss_step', say.loss, panelOf(run, 'loss', lossPoints(run), language), language),
    ...figuresOf('run_metrics_step', say.metrics, metrics.flatMap(panel), language),
    ...figuresOf('run_updates_step', say.updates, ofUpdates.flatMap(panel), language),
  ]
}

import type { RunState } from '../train/files/run-folder.ts'
import type { Language } from './claims/claim.ts'
import type { ComparedFigure, ComparedRun, Comparison } from './compare.ts'
import { type Difference, shown } from './compare-differences.ts'
import { compareFigures } from './compare-figures.ts'
import { type Block, numberText, type Report, type Table } from './document.ts'
import type { StoredRun } from './run-report-data.ts'
import { numberCell } from './run-report-tables.ts'

/** The states of a run. */
export const stateNames: Readonly<Record<Language, Readonly<Record<RunState, string>>>> = {
  en: { running: 'running', done: 'done', failed: 'failed', diverged: 'diverged', cancelled: 'cancelled' },
  zh: { running: '运行中', done: '完成', failed: '失败', diverged: '发散', cancelled: '已取消' },
}

const words = {
  en: {
    title: (names: readonly string[]): string => `${names.slice(1).join(', ')} against ${names[0]!}`,
    baseline: 'baseline',
    figures: 'What they came to; in brackets the difference from the baseline',
    figure: 'figure',
    better: { lower: 'lower is better', higher: 'higher is better' },
    state: 'state',
    steps: 'steps done',
    settings: 'Settings that differ; all others are the same',
    setting: 'setting',
    same: 'All settings are the same.',
    curves: 'Curves',
    lowest: (figure: string, name: string, value: string): string =>
      `The lowest ${figure} is that of ${name}, ${value}.`,
    versions: (list: string): string =>
      `The runs are of different versions (${list}): figures may differ for that alone.`,
    data: (list: string): string =>
      `The runs differ in data or loss (${list}): their losses and metrics do not compare.`,
    diverged: ({ name, diverged }: ComparedRun): string =>
      `${name} diverged at step ${diverged!.step}; the first tensor that was not finite is the ${diverged!.path}.`,
    unfinished: ({ name, step }: ComparedRun, state: string): string =>
      `${name} is ${state} at step ${step}: its figures are those so far.`,
    oneEach:
      'One run each: how much of a difference is due to the seed cannot be seen here; residua study repeats with several seeds and judges.',
    comma: ', ',
  },
  zh: {
    title: (names: readonly string[]): string => `${names.slice(1).join('、')} 与 ${names[0]!} 的比较`,
    baseline: '基线',
    figures: '结果；括号内为与基线之差',
    figure: '指标',
    better: { lower: '越低越好', higher: '越高越好' },
    state: '状态',
    steps: '已完成步数',
    settings: '不同的设置；其余设置全部相同',
    setting: '设置',
    same: '所有设置都相同。',
    curves: '曲线',
    lowest: (figure: string, name: string, value: string): string => `${figure} 最低的是 ${name}，为 ${value}。`,
    versions: (list: string): string => `各次运行的版本不同（${list}）：仅此一点就可能使结果不同。`,
    data: (list: string): string => `各次运行的数据或损失函数不同（${list}）：损失与指标不可比较。`,
    diverged: ({ name, diverged }: ComparedRun): string =>
      `${name} 在第 ${diverged!.step} 步发散；最先出现非有限值的张量是 ${diverged!.path}。`,
    unfinished: ({ name, step }: ComparedRun, state: string): string =>
      `${name} ${state}，停在第 ${step} 步：所列为目前的结果。`,
    oneEach: '每种设置只运行一次：无法看出差异中有多少来自随机种子；residua study 用多个种子重复并作出判断。',
    comma: '、',
  },
} satisfies Readonly<Record<Language, unknown>>

function figureCell(value: number | null, delta: number | null, isBaseline: boolean): string {
  if (value === null) return '-'
  if (isBaseline || delta === null || !Number.isFinite(delta)) return numberCell(value)
  return `${numberCell(value)} (${delta > 0 ? '+' : ''}${delta === 0 ? '=' : numberCell(delta)})`
}

/** Names of the runs as heads of columns. */
const headOf = ({ runs }: Comparison, say: (typeof words)[Language]): string[] =>
  runs.map(({ name }, i) => (i === 0 ? `${name} (${say.baseline})` : name))

/** State, steps and final figures, one column per run, the differences from the first in brackets. */
export function figureTable(comparison: Comparison, language: Language): Table {
  const say = words[language]
  const { runs, figures } = comparison
  return {
    caption: say.figures,
    head: [say.figure, ...headOf(comparison, say), ''],
    rows: [
      [say.state, ...runs.map(({ state }) => stateNames[language][state]), ''],
      [say.steps, ...runs.map(({ step }) => String(step)), ''],
      ...figures.map(({ name, better, values, deltas }) => [
        name,
        ...values.map((value, i) => figureCell(value, deltas[i]!, i === 0)),
        better === null ? '' : say.better[better],
      ]),
    ],
  }
}

/** The settings in which the runs differ, versions and data among them, one column per run; null where there are none. */
export function settingsTable(comparison: Comparison, language: Language): Table | null {
  const say = words[language]
  const row =
    (before: string) =>
    ({ path, values }: Difference): string[] => [`${before}${path}`, ...values.map(shown)]
  const rows = [
    ...comparison.versions.map(row('versions.')),
    ...comparison.data.map(row('')),
    ...comparison.settings.map(row('')),
  ]
  return rows.length === 0 ? null : { caption: say.settings, head: [say.setting, ...headOf(comparison, say)], rows }
}

function lowest(figures: readonly ComparedFigure[], runs: readonly ComparedRun[], language: Language): string[] {
  const figure = figures.find(({ name }) => name === 'loss') ?? figures.find(({ name }) => name === 'trainLoss')
  const finite = figure?.values.flatMap((value, i) => (value !== null && Number.isFinite(value) ? [{ value, i }] : []))
  const best = finite?.toSorted((a, b) => a.value - b.value)[0]
  if (!figure || !best) return []
  return [words[language].lowest(figure.name, runs[best.i]!.name, numberText(best.value))]
}

/** What has to be known before the figures are read: what was found, and what they cannot bear. */
export function remarks({ runs, versions, data, figures }: Comparison, language: Language): string[] {
  const say = words[language]
  const paths = (differing: readonly Difference[]): string => differing.map(({ path }) => path).join(say.comma)
  return [
    ...(data.length > 0 ? [say.data(paths(data))] : lowest(figures, runs, language)),
    ...(versions.length > 0 ? [say.versions(paths(versions))] : []),
    ...runs.filter(({ diverged }) => diverged !== null).map(say.diverged),
    ...runs
      .filter(({ state }) => state !== 'done' && state !== 'diverged')
      .map((run) => say.unfinished(run, stateNames[language][run.state])),
    say.oneEach,
  ]
}

/** Runs side by side as a report: figures, settings that differ, loss curves and profiles over depth. */
export function compareReport(comparison: Comparison, runs: readonly StoredRun[], language: Language): Report {
  const say = words[language]
  const [lead, ...rest] = remarks(comparison, language)
  const settings = settingsTable(comparison, language)
  const figures = compareFigures(runs, language)
  const blocks: Block[] = [
    ...(rest.length > 0 ? ([{ type: 'list', items: rest }] as const) : []),
    { type: 'table', table: figureTable(comparison, language) },
    settings === null ? { type: 'text', text: say.same } : { type: 'table', table: settings },
    ...(figures.length > 0 ? ([{ type: 'heading', text: say.curves }] as const) : []),
    ...figures.map((figure) => ({ type: 'figure', figure }) as const),
  ]
  return { title: say.title(comparison.runs.map(({ name }) => name)), lead: lead!, blocks }
}

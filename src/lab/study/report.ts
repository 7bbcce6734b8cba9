import type { Language } from '../claims/claim.ts'
import { type Block, numberText, type Report, type Table } from '../document.ts'
import type { Figure, Series } from '../figure.ts'
import type { Colour, Dash } from '../palette.ts'
import { writeReport } from '../report-files.ts'
import { mean, meanInterval } from '../statistics/mean.ts'
import type { Verdict } from '../verdict/verdict.ts'
import type { Plan, PlannedArm } from './plan.ts'
import type { ArmSummary, RateSummary, Summary } from './summary.ts'

const words = {
  en: {
    arm: 'arm',
    rate: 'learning rate',
    trained: 'trained',
    plateaued: 'plateaued',
    diverged: 'diverged',
    why: 'Evidence',
    against: 'What speaks against it, or weakens it',
    change: 'What would change it',
    method: 'How it was done',
    refused: 'Arms that cannot be trained',
    strength: 'strength',
    cells: (metric: string, chance: string): string =>
      `${metric} on test data at each learning rate: mean ± half a 95% t-interval over the n runs that trained; chance is ${chance}`,
    lines: (metric: string): string => `Mean ${metric} over the runs that trained, by learning rate`,
    missing: (done: number, total: number): string => `${done} of ${total} cells are done; there is no verdict yet.`,
    plan: ({ task, steps, batchSize, seeds }: Plan): string =>
      `Task ${task}; every cell ${steps} steps of ${batchSize} examples; seeds ${seeds.join(', ')}, the same data order and the same initial values in all arms wherever paths and shapes agree; each arm at each learning rate. The rule was written before anything ran:`,
    commits: (all: readonly string[]): string =>
      `Its cells were run at different commits of the sources: ${all.join(', ')}.`,
    same: 'also',
  },
  zh: {
    arm: '组',
    rate: '学习率',
    trained: '训练成功',
    plateaued: '停在平台',
    diverged: '发散',
    why: '证据',
    against: '反对或削弱它的事实',
    change: '什么会改变它',
    method: '做法',
    refused: '无法训练的组',
    strength: '强度',
    cells: (metric: string, chance: string): string =>
      `各学习率下测试数据上的 ${metric}：训练成功的 n 次运行的均值 ± 95% t 区间的一半；随机水平为 ${chance}`,
    lines: (metric: string): string => `训练成功的运行的平均 ${metric}，按学习率`,
    missing: (done: number, total: number): string => `${total} 个单元中完成了 ${done} 个，尚无结论。`,
    plan: ({ task, steps, batchSize, seeds }: Plan): string =>
      `任务 ${task}；每个单元 ${steps} 步，每步 ${batchSize} 个样本；种子 ${seeds.join('、')}，各组数据顺序相同，路径与形状一致处初始值相同；每组都在每个学习率下训练。规则在运行之前写下：`,
    commits: (all: readonly string[]): string => `各单元在源码的不同提交上运行：${all.join('、')}。`,
    same: '同于',
  },
}

const colours: readonly Colour[] = ['blue', 'vermilion', 'green', 'pink', 'amber', 'grey']

function cell({ values, trained, plateaued, diverged }: RateSummary): string {
  const failed = [
    ...(plateaued > 0 ? [`${plateaued} plateaued`] : []),
    ...(diverged > 0 ? [`${diverged} diverged`] : []),
  ]
  if (trained + plateaued + diverged === 0) return '-'
  if (values.length === 0) return failed.join(', ')
  const half = values.length < 2 ? '' : ` ± ${numberText(meanInterval(values).high - mean(values), 2)}`
  return [`${numberText(mean(values))}${half} (n=${values.length})`, ...failed].join(', ')
}

/** Arms by learning rate. */
export function summaryTable(plan: Plan, summary: Summary, language: Language = 'en'): Table {
  const say = words[language]
  return {
    caption: say.cells(summary.metric, numberText(summary.chance)),
    head: [say.arm, ...plan.learningRates.map((rate) => `${say.rate} ${rate}`)],
    rows: summary.arms.filter(({ refused }) => refused === null).map(({ name, rates }) => [name, ...rates.map(cell)]),
  }
}

/** The second cue beside the colour: which norm. */
function dashOf({ wiring }: PlannedArm): Dash {
  const name = typeof wiring.norm === 'string' ? wiring.norm : wiring.norm.name
  return name === 'none' ? 'dotted' : name === 'layer' ? 'solid' : 'dashed'
}

/** One colour per skip, so that an arm looks the same everywhere. */
function seriesOf(arms: readonly PlannedArm[], summaries: readonly ArmSummary[]): Series[] {
  const text = ({ wiring }: PlannedArm): string => JSON.stringify(wiring.skip)
  const skips = [...new Set(arms.map(text))]
  return summaries.flatMap(({ name, rates }) => {
    const arm = arms.find((one) => one.name === name)
    if (arm === undefined) return []
    const points = rates
      .filter(({ values }) => values.length > 0)
      .map((rate) => [rate.learningRate, mean(rate.values)] as const)
    const colour = colours[skips.indexOf(text(arm)) % colours.length]!
    return points.length === 0 ? [] : [{ name, colour, dash: dashOf(arm), points }]
  })
}

function figureOf(plan: Plan, summary: Summary, language: Language): Figure[] {
  const say = words[language]
  const series = seriesOf(plan.arms, summary.arms)
  if (series.length === 0) return []
  const panels = Array.from({ length: Math.ceil(series.length / colours.length) }, (_, i) => ({
    title: summary.metric,
    x: { label: say.rate, scale: 'log' as const },
    y: { label: summary.metric, scale: 'linear' as const },
    series: series.slice(i * colours.length, (i + 1) * colours.length),
  }))
  return [{ name: 'learning-rates', title: plan.question, summary: say.lines(summary.metric), panels, sharedY: true }]
}

function verdictBlocks(verdict: Verdict, language: Language): Block[] {
  const say = words[language]
  const evidence = verdict.evidence.map(({ what, band, p }) => {
    const interval = `${numberText(band.estimate)} [${numberText(band.low)}, ${numberText(band.high)}]`
    return `${what[language]}: ${interval} (${100 * band.confidence}% ${band.kind}, n=${band.n})${p === undefined ? '' : `, p=${numberText(p, 2)}`}`
  })
  const against = verdict.against.map((text) => text[language])
  return [
    { type: 'text', text: `${say.strength}: ${verdict.strength}` },
    ...(evidence.length > 0
      ? ([
          { type: 'heading', text: say.why },
          { type: 'list', items: evidence },
        ] as const)
      : []),
    ...(against.length > 0
      ? ([
          { type: 'heading', text: say.against },
          { type: 'list', items: against },
        ] as const)
      : []),
    { type: 'heading', text: say.change },
    { type: 'text', text: verdict.wouldChange[language] },
  ]
}

/** The whole story of a study: verdict, evidence, table and figure, and what was done. */
export function studyReport(plan: Plan, summary: Summary, language: Language = 'en'): Report {
  const say = words[language]
  const { verdict, cells } = summary
  const refused = summary.arms.flatMap(({ name, refused: reason }) => (reason === null ? [] : [`${name}: ${reason}`]))
  const same = summary.arms.flatMap(({ name, same: others }) =>
    others.length > 0 ? [`${name}: ${say.same} ${others.join(', ')}`] : [],
  )
  return {
    title: plan.question,
    lead: verdict === null ? say.missing(cells.done, cells.total) : verdict.sentence[language],
    blocks: [
      ...(verdict === null ? [] : verdictBlocks(verdict, language)),
      ...figureOf(plan, summary, language).map((figure) => ({ type: 'figure', figure }) as const),
      { type: 'table', table: summaryTable(plan, summary, language) },
      ...(refused.length > 0
        ? ([
            { type: 'heading', text: say.refused },
            { type: 'list', items: refused },
          ] as const)
        : []),
      { type: 'heading', text: say.method },
      { type: 'text', text: say.plan(plan) },
      ...(summary.commits.length > 1 ? ([{ type: 'text', text: say.commits(summary.commits) }] as const) : []),
      { type: 'code', text: JSON.stringify(plan.rule) },
      ...(same.length > 0 ? ([{ type: 'list', items: same }] as const) : []),
    ],
  }
}

/** Writes `report.html`, `report.md` and `figures/*.svg` into the folder of a study; gives the paths of the reports. */
export function writeStudyReport(folder: string, plan: Plan, summary: Summary, language: Language = 'en'): string[] {
  const { html, markdown } = writeReport(folder, 'report', studyReport(plan, summary, language), language)
  return [html, markdown]
}

import type { Language } from '../claims/claim.ts'
import { findingWords } from '../claims/finding-blocks.ts'
import { type Block, numberText, type Report, type Table } from '../document.ts'
import { meanText } from '../experiment/record-table.ts'
import { writeReport } from '../report-files.ts'
import { bandText } from '../verdict/bilingual.ts'
import { type Verdict, verdictText } from '../verdict/verdict.ts'
import { commitsText } from './origin.ts'
import type { Plan } from './plan.ts'
import { depthFigures } from './report-depth.ts'
import { rateFigures } from './report-figure.ts'
import { gridTable } from './report-rates.ts'
import { hasStudyFile } from './stored-study.ts'
import type { RateSummary, Summary } from './summary.ts'

const words = {
  en: {
    arm: 'arm',
    rate: 'learning rate',
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
    missing: (done: number, total: number): string => `${done} of ${total} cells are done; there is no verdict yet.`,
    plan: ({ task, steps, batchSize, seeds }: Plan): string =>
      `Task ${task}; every cell ${steps} steps of ${batchSize} examples; seeds ${seeds.join(', ')}, the same data order and the same initial values in all arms wherever paths and shapes agree; each arm at each learning rate. The rule was written before anything ran:`,
    again: 'To run it all again',
    folder: 'In the folder of this study, where its plan.json lies:',
    module: (task: string): string =>
      `No study file can say this study of the task ${task}: run the module that has it.`,
    same: 'also',
    colon: ': ',
    comma: ', ',
  },
  zh: {
    arm: '组',
    rate: '学习率',
    plateaued: '次停在平台',
    diverged: '次发散',
    why: '证据',
    against: '反对或削弱它的事实',
    change: '什么会改变它',
    method: '做法',
    refused: '无法训练的组',
    strength: '强度',
    cells: (metric: string, chance: string): string =>
      `各学习率下测试数据上的 ${metric}：训练成功的 n 次运行的均值 ± 95% t 区间的一半；随机水平为 ${chance}`,
    missing: (done: number, total: number): string => `${total} 个单元中完成了 ${done} 个，尚无结论。`,
    plan: ({ task, steps, batchSize, seeds }: Plan): string =>
      `任务 ${task}；每个单元 ${steps} 步，每步 ${batchSize} 个样本；种子 ${seeds.join('、')}，各组数据顺序相同，路径与形状一致处初始值相同；每组都在每个学习率下训练。规则在运行之前写下：`,
    again: '全部重新运行',
    folder: '在本研究的文件夹（plan.json 所在处）中：',
    module: (task: string): string => `研究文件无法表达任务 ${task} 的这项研究：请运行定义它的模块。`,
    same: '同于',
    colon: '：',
    comma: '，',
  },
}

function cell({ values, trained, plateaued, diverged }: RateSummary, say: (typeof words)[Language]): string {
  const failed = [
    ...(plateaued > 0 ? [`${plateaued} ${say.plateaued}`] : []),
    ...(diverged > 0 ? [`${diverged} ${say.diverged}`] : []),
  ]
  if (trained + plateaued + diverged === 0) return '-'
  if (values.length === 0) return failed.join(say.comma)
  return [`${meanText(values)} (n=${values.length})`, ...failed].join(say.comma)
}

/** Arms by learning rate. */
export function summaryTable(plan: Plan, summary: Summary, language: Language = 'en'): Table {
  const say = words[language]
  return {
    caption: say.cells(summary.metric, numberText(summary.chance)),
    head: [say.arm, ...plan.learningRates.map((rate) => `${say.rate} ${rate}`)],
    rows: summary.arms
      .filter(({ refused }) => refused === null)
      .map(({ name, rates }) => [name, ...rates.map((rate) => cell(rate, say))]),
  }
}

function verdictBlocks(verdict: Verdict, language: Language): Block[] {
  const say = words[language]
  const evidence = verdict.evidence.map(({ what, band, p }) =>
    [
      `${what[language]}${say.colon}${bandText(band)[language]}`,
      ...(p === undefined ? [] : [`p=${numberText(p, 2)}`]),
    ].join(say.comma),
  )
  const against = verdict.against.map((text) => text[language])
  return [
    { type: 'text', text: `${say.strength}${say.colon}${findingWords[language].strengths[verdict.strength]}` },
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

/** How to run the study again, from wherever its folder lies. */
function againBlocks(plan: Plan, language: Language): Block[] {
  const say = words[language]
  if (!hasStudyFile(plan)) return [{ type: 'text', text: say.module(plan.task) }]
  return [
    { type: 'text', text: say.folder },
    { type: 'code', text: 'residua verdict . --study-file again.json && residua study again.json' },
  ]
}

/** The whole story of a study: verdict, evidence, table and figure, and what was done. */
export function studyReport(plan: Plan, summary: Summary, language: Language = 'en'): Report {
  const say = words[language]
  const { verdict, cells } = summary
  const figures = [...rateFigures(plan, summary, language), ...depthFigures(plan, summary, language)]
  const grids = gridTable(summary, language)
  const refused = summary.arms.flatMap(({ name, refused: reason }) =>
    reason === null ? [] : [`${name}${say.colon}${reason}`],
  )
  const same = summary.arms.flatMap(({ name, same: others }) =>
    others.length > 0 ? [`${name}${say.colon}${say.same} ${others.join(say.comma)}`] : [],
  )
  return {
    title: plan.question,
    lead: verdict === null ? say.missing(cells.done, cells.total) : verdictText(verdict)[language],
    blocks: [
      ...(verdict === null ? [] : verdictBlocks(verdict, language)),
      ...figures.map((figure) => ({ type: 'figure', figure }) as const),
      { type: 'table', table: summaryTable(plan, summary, language) },
      ...(grids === null ? [] : ([{ type: 'table', table: grids }] as const)),
      ...(refused.length > 0
        ? ([
            { type: 'heading', text: say.refused },
            { type: 'list', items: refused },
          ] as const)
        : []),
      { type: 'heading', text: say.method },
      { type: 'text', text: say.plan(plan) },
      ...(summary.commits.length > 1
        ? ([{ type: 'text', text: commitsText(summary.commits)[language] }] as const)
        : []),
      { type: 'code', text: JSON.stringify(plan.rule) },
      ...(same.length > 0 ? ([{ type: 'list', items: same }] as const) : []),
      { type: 'heading', text: say.again },
      ...againBlocks(plan, language),
    ],
  }
}

/** Writes `report.html`, `report.md` and `figures/*.svg` into the folder of a study; gives the paths of the reports. */
export function writeStudyReport(folder: string, plan: Plan, summary: Summary, language: Language = 'en'): string[] {
  const { html, markdown } = writeReport(folder, 'report', studyReport(plan, summary, language), language)
  return [html, markdown]
}

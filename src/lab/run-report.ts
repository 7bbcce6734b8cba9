import { isJsonObject } from '../files/json.ts'
import type { Language } from './claims/claim.ts'
import { shown } from './compare-differences.ts'
import type { Block, Report, Table } from './document.ts'
import type { Figure } from './figure.ts'
import { curveFigures } from './run-report-curves.ts'
import { divergence, type StoredRun } from './run-report-data.ts'
import { depthFigures } from './run-report-depth.ts'
import {
  eventTable,
  figureTable,
  numberCell,
  originTable,
  settingsTable,
  wiringIn,
  wiringTable,
} from './run-report-tables.ts'
import { timeline } from './timeline.ts'
import { timelineFigure, timelineSentence, timelineTable } from './timeline-views.ts'

const words = {
  en: {
    title: (name: string, model: string, data: string): string => `${name}: ${model} on ${data}`,
    states: { running: 'Running', done: 'Done', failed: 'Failed', diverged: 'Diverged', cancelled: 'Cancelled' },
    lead: (state: string, steps: number, figures: string): string =>
      `${state} after ${steps} ${steps === 1 ? 'step' : 'steps'}${figures === '' ? '' : `: ${figures}`}.`,
    diverged: (step: number, path: string): string =>
      ` Step ${step} was not finite; the first tensor where that shows is the ${path}.`,
    plateau: (step: number): string =>
      ` At step ${step} the loss had long stood at the level of class frequencies: the net did not look at its input.`,
    own: 'a net of its own',
    comma: ', ',
    results: 'Results',
    curves: 'Training',
    depth: 'Depth',
    timeline: 'What broke first',
    unprobed: 'Nothing was measured over depth; residua train --probe-every does.',
    events: 'Events',
    wiring: 'Wiring',
    settings: 'Settings',
    how: 'How it was run',
    again: 'To run it again:',
    unknown: 'The run does not say which program or command began it; run that again.',
  },
  zh: {
    title: (name: string, model: string, data: string): string => `${name}：${data} 上的 ${model}`,
    states: { running: '运行中', done: '完成', failed: '失败', diverged: '发散', cancelled: '已取消' },
    lead: (state: string, steps: number, figures: string): string =>
      `${state}，共 ${steps} 步${figures === '' ? '' : `：${figures}`}。`,
    diverged: (step: number, path: string): string => `第 ${step} 步出现非有限值，最先出现的张量是 ${path}。`,
    plateau: (step: number): string => `到第 ${step} 步，损失已长时间停在类别频率的水平：网络没有利用输入。`,
    own: '自定义网络',
    comma: '，',
    results: '结果',
    curves: '训练过程',
    depth: '深度',
    timeline: '最先出问题的地方',
    unprobed: '没有沿深度的测量；可用 residua train --probe-every。',
    events: '事件',
    wiring: '连接方式',
    settings: '设置',
    how: '运行环境',
    again: '重新运行：',
    unknown: '该运行没有记录由哪个程序或命令发起；请重新执行它。',
  },
} satisfies Readonly<Record<Language, unknown>>

type Words = (typeof words)[Language]

function leadOf(run: StoredRun, say: Words): string {
  const timed = ['seconds', 'parameters']
  const told = Object.entries(run.figures).filter(([name]) => !timed.includes(name))
  const broken = divergence(run)
  const plateau = run.events.find(({ type }) => type === 'plateau')
  const figures = told.map(([name, value]) => `${name} ${numberCell(value)}`).join(say.comma)
  return [
    say.lead(say.states[run.record.state], run.step, figures),
    ...(broken ? [say.diverged(broken.step, broken.path)] : []),
    ...(plateau ? [say.plateau(plateau.step)] : []),
  ].join('')
}

const heading = (text: string): Block => ({ type: 'heading', text })
const asTable = (table: Table): Block => ({ type: 'table', table })
const asFigure = (figure: Figure): Block => ({ type: 'figure', figure })

/** Which probe left its band first, before the run diverged or stood still. */
function timelineBlocks({ before }: StoredRun, say: Words, language: Language): Block[] {
  if (before === null) return []
  const found = timeline(before)
  const { departures } = found
  return [
    heading(say.timeline),
    { type: 'text', text: timelineSentence(found)[language] },
    ...(departures.length > 0
      ? [asFigure(timelineFigure(before, found, language)), asTable(timelineTable(found, language))]
      : []),
  ]
}

/** The whole story of a run; `command` is what trains the same once more, null where that is not known. */
export function runReport(run: StoredRun, command: string | null, language: Language): Report {
  const say = words[language]
  const { model, train } = run.settings
  const wiring = wiringIn(model)
  const events = eventTable(run, language)
  const curves = curveFigures(run, language)
  const depth = depthFigures(run, language)
  return {
    title: say.title(run.name, isJsonObject(model) ? shown(model.name) : say.own, shown(train)),
    lead: leadOf(run, say),
    blocks: [
      ...[heading(say.results), asTable(figureTable(run, language))],
      ...(curves.length > 0 ? [heading(say.curves), ...curves.map(asFigure)] : []),
      ...[
        heading(say.depth),
        ...(depth.length > 0 ? depth.map(asFigure) : [{ type: 'text', text: say.unprobed } as const]),
      ],
      ...timelineBlocks(run, say, language),
      ...(events === null ? [] : [heading(say.events), asTable(events)]),
      ...(wiring === null ? [] : [heading(say.wiring), asTable(wiringTable(wiring, language))]),
      ...[heading(say.settings), asTable(settingsTable(run, language))],
      ...[heading(say.how), asTable(originTable(run, language))],
      ...(command === null
        ? ([{ type: 'text', text: say.unknown }] as const)
        : ([
            { type: 'text', text: say.again },
            { type: 'code', text: command },
          ] as const)),
    ],
  }
}

import { isJsonObject, type Json, type JsonObject } from '../files/json.ts'
import type { RunEvent } from '../train/files/events.ts'
import type { Language } from './claims/claim.ts'
import { leaves, shown } from './compare-differences.ts'
import { numberText, type Table } from './document.ts'
import { directionOf, type StoredRun } from './run-report-data.ts'

const words = {
  en: {
    comma: ', ',
    figures: 'What the run came to',
    figure: 'figure',
    value: 'value',
    better: { lower: 'lower is better', higher: 'higher is better' },
    eventTable: 'What happened, but for checkpoints and evaluations',
    step: 'step',
    event: 'event',
    details: 'details',
    wiringTable: 'How the blocks are wired, with nothing left open',
    axis: 'axis',
    choice: 'choice',
    options: 'options',
    settingsTable: 'All settings',
    setting: 'setting',
    versions: 'Versions and times; times are UTC',
    what: 'what',
  },
  zh: {
    comma: '，',
    figures: '运行结果',
    figure: '指标',
    value: '数值',
    better: { lower: '越低越好', higher: '越高越好' },
    eventTable: '发生了什么（检查点与评估除外）',
    step: '步',
    event: '事件',
    details: '详情',
    wiringTable: '各块的连接方式，所有缺省值均已写明',
    axis: '方面',
    choice: '选择',
    options: '选项',
    settingsTable: '全部设置',
    setting: '设置',
    versions: '版本与时间（UTC）',
    what: '项目',
  },
} satisfies Readonly<Record<Language, unknown>>

/** A figure in a table: whole numbers in full, others with four digits. */
export const numberCell = (value: number): string => (Number.isInteger(value) ? String(value) : numberText(value))

/** The first wiring inside the settings of a model: adapters hold that of their base. */
export function wiringIn(model: Json | undefined): JsonObject | null {
  if (!isJsonObject(model)) return null
  if (isJsonObject(model.wiring)) return model.wiring
  return Object.values(model).reduce<JsonObject | null>((found, inner) => found ?? wiringIn(inner), null)
}

export function wiringTable(wiring: JsonObject, language: Language): Table {
  const say = words[language]
  const rows = Object.entries(wiring).map(([axis, choice]: [string, Json]) => {
    if (!isJsonObject(choice)) return [axis, shown(choice), '-']
    const { name, ...options } = choice
    const listed = Object.entries(options).map(([option, value]: [string, Json]) => `${option} ${shown(value)}`)
    return name === undefined ? [axis, '-', listed.join(say.comma)] : [axis, shown(name), listed.join(say.comma) || '-']
  })
  return { caption: say.wiringTable, head: [say.axis, say.choice, say.options], rows }
}

/** Those that curves and files show already. */
const routine = ['checkpoint', 'evaluation']

/** What happened, with the first tensor that was not finite; null where there was nothing. */
export function eventTable({ events: all }: StoredRun, language: Language): Table | null {
  const say = words[language]
  const events = all.filter(({ type }) => !routine.includes(type))
  if (events.length === 0) return null
  const details = ({ step: _step, type: _type, ...rest }: RunEvent): string =>
    typeof rest.message === 'string'
      ? rest.message
      : leaves(rest)
          .map(({ path, value }) => `${path} ${shown(value)}`)
          .join(say.comma)
  return {
    caption: say.eventTable,
    head: [say.step, say.event, say.details],
    rows: events.map((event) => [String(event.step), event.type, details(event)]),
  }
}

export function figureTable(run: StoredRun, language: Language): Table {
  const say = words[language]
  const rows = Object.entries(run.figures).map(([name, value]) => {
    const better = directionOf(name, run)
    return [name, numberCell(value), better === null ? '' : say.better[better]]
  })
  return { caption: say.figures, head: [say.figure, say.value, ''], rows }
}

export function settingsTable({ settings }: StoredRun, language: Language): Table {
  const say = words[language]
  const rows = leaves(settings)
    .filter(({ path }) => !/(^|\.)wiring(\.|$)/.test(path))
    .map(({ path, value }) => [path, shown(value)])
  return { caption: say.settingsTable, head: [say.setting, say.value], rows }
}

export function originTable({ record, folder }: StoredRun, language: Language): Table {
  const say = words[language]
  const { id, seed, state, start, stop, configHash, versions } = record
  const rows = { folder, id, state, seed, start, stop: stop ?? '-', configHash, ...versions }
  return {
    caption: say.versions,
    head: [say.what, say.value],
    rows: Object.entries(rows).map(([what, value]) => [what, String(value)]),
  }
}

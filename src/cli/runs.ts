import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { looseObject, number, object, record, string, union } from 'zod'
import { DataError, messageOf } from '../errors.ts'
import type { Language } from '../lab/claims/claim.ts'
import { stateNames } from '../lab/compare-report.ts'
import { nameOf } from '../nn/wiring/variant.ts'
import { displayedNumber, type JsonObject } from '../files/json.ts'
import { runPaths } from '../train/files/paths.ts'
import { readRun, type RunState } from '../train/files/run-folder.ts'
import { readScalars } from '../train/files/scalars.ts'
import { jsonFlag, langFlag } from './options.ts'
import { figure, print, printable, printJson, table } from './output.ts'

interface Flags {
  readonly lang: Language
  readonly json?: true
}

const words = {
  en: {
    head: ['folder', 'state', 'step', 'loss', 'metrics', 'seconds', 'wiring'],
    none: (folder: string): string => `${folder}: no runs`,
    damaged: 'damaged',
  },
  zh: {
    head: ['文件夹', '状态', '步', '损失', '指标', '秒', '接线'],
    none: (folder: string): string => `${folder}：没有运行`,
    damaged: '已损坏',
  },
} as const

const examples = `
Examples:
  residua runs
  residua runs --lang zh
  residua runs runs/article --json`

/** `residua runs`: what the runs below a folder came to. */
export function runsCommand(): Command {
  return new Command('runs')
    .description('list runs and what they came to')
    .argument('[folder]', 'where to look, four levels deep', 'runs')
    .addOption(langFlag())
    .addOption(jsonFlag('runs'))
    .addHelpText('after', examples)
    .action(listRuns)
}

type Row =
  | { readonly folder: string; readonly error: string }
  | {
      readonly folder: string
      readonly state: RunState
      readonly step: number | null
      readonly loss: number | null
      readonly metrics: Readonly<Record<string, number>>
      readonly seconds: number | null
      readonly wiring: string | null
    }

function listRuns(folder: string, { lang, json }: Flags): void {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new DataError(`${folder}: there is no such folder; name the one that holds the runs`)
  }
  const rows = findRuns(folder, 4).map(readRow)
  if (json) {
    rows.forEach(printJson)
    return
  }
  if (rows.length === 0) {
    print(words[lang].none(folder))
    return
  }
  print(table([words[lang].head, ...rows.map((row) => cells(row, lang))]))
}

/** Folders that hold a run, or what is left of one, in order of their names. */
function findRuns(folder: string, levels: number): string[] {
  const { run, config } = runPaths(folder)
  if (existsSync(run) || existsSync(config)) return [folder]
  if (levels === 0) return []
  const inside = foldersIn(folder)
  if (inside === null) return [folder]
  const byNumber = new Intl.Collator('en', { numeric: true })
  return inside.toSorted(byNumber.compare).flatMap((name) => findRuns(join(folder, name), levels - 1))
}

/** Null where the folder cannot be read. */
function foldersIn(folder: string): string[] | null {
  try {
    const entries = readdirSync(folder, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  } catch {
    return null
  }
}

function readRow(folder: string): Row {
  try {
    const { run, config, summary } = readRun(folder)
    const measured = run.state === 'running' || summary === null ? lastScalars(folder) : summary
    const value = (name: string): number | null => displayedNumber(measured[name]) ?? null
    const metrics = metricNames(config).flatMap((name) => (value(name) === null ? [] : [[name, value(name)!]]))
    return {
      folder,
      state: run.state,
      step: value('step'),
      loss: value('loss') ?? value('trainLoss'),
      metrics: Object.fromEntries(metrics) as Record<string, number>,
      seconds: value('seconds'),
      wiring: wiringText(config),
    }
  } catch (error) {
    return { folder, error: messageOf(error) }
  }
}

/** What the last recorded step measured, for a run that has not ended. */
function lastScalars(folder: string): Record<string, number> {
  const { names, rows } = readScalars(folder)
  const last = rows.at(-1)
  if (!last) return { step: 0 }
  const values = names.map((name, i) => [name, last.values[i]!])
  return { ...(Object.fromEntries(values) as Record<string, number>), step: last.step, seconds: last.time }
}

const metricsSchema = object({ metrics: record(string(), string()) })

function metricNames(config: JsonObject): string[] {
  const { data } = metricsSchema.safeParse(config)
  return Object.keys(data?.metrics ?? {})
}

const choice = union([string(), looseObject({ name: string() })])
const wiringSchema = object({
  skip: choice,
  norm: choice,
  placement: choice,
  branchScale: union([number(), object({ exponent: number() })]),
})
const wiredSchema = object({ model: looseObject({ options: looseObject({ wiring: wiringSchema }) }) })

/** `identity/layer/pre x0.5`; null for a net that names no wiring. */
function wiringText(config: JsonObject): string | null {
  const { data } = wiredSchema.safeParse(config)
  if (!data) return null
  const { skip, norm, placement, branchScale: scale } = data.model.options.wiring
  const factor = typeof scale === 'number' ? `x${scale}` : `x n^-${scale.exponent}`
  return [skip, norm, placement].map(nameOf).join('/') + (scale === 1 ? '' : ` ${factor}`)
}

function cells(row: Row, lang: Language): string[] {
  if ('error' in row) return [printable(row.folder), words[lang].damaged, '-', '-', '-', '-', printable(row.error)]
  const metrics = Object.entries(row.metrics).map(([name, value]) => `${printable(name)} ${figure(value)}`)
  const { folder, state, step, loss, seconds, wiring } = row
  const measured = [figure(step), figure(loss), metrics.join(' ') || '-', seconds === null ? '-' : seconds.toFixed(1)]
  return [printable(folder), stateNames[lang][state], ...measured, printable(wiring ?? '-')]
}

import { DataError } from '../../errors.ts'
import type { Block, Table } from '../document.ts'
import type { ExperimentRecord } from '../experiment/record.ts'
import { meanText } from '../experiment/record-table.ts'
import type { Claim, Language, Text } from './claim.ts'
import { experimentOf } from './look-up.ts'
import {
  type Agreement,
  comparePilots,
  type PilotComparison,
  type PilotRow,
  type PilotSign,
} from './pilot-comparison.ts'
import type { Pilot } from './pilot-set.ts'
import { type PilotCounts, pilotWords } from './pilot-words.ts'
import { words } from './words.ts'

/** How a record stands to its pilots. */
export interface PilotSummary {
  readonly experiment: string
  /** How many pairs and signs agree. */
  readonly counts: Text
  /** The same with all that is reversed, by both figures. */
  readonly sentence: Text
  /** None where the record cannot be compared; the sentence says why. */
  readonly comparisons: readonly PilotComparison[]
}

function countsOf(signs: readonly PilotSign[]): PilotCounts {
  const of = (agreement: Agreement): PilotSign[] => signs.filter((sign) => sign.agreement === agreement)
  const open = of('open')
  return {
    ...{ all: signs.length, same: of('same').length, open: open.length, reversed: of('reversed').length },
    leaning: open.filter(({ leans }) => leans).length,
  }
}

const figure = (value: number): string => String(Number(value.toPrecision(4)))

function pilotText(pilot: Pilot, language: Language): string {
  if (typeof pilot === 'number') return figure(pilot)
  return pilotWords[language].range(figure(pilot[0]), figure(pilot[1]))
}

function measuredText({ values, failed }: PilotRow, language: Language): string {
  const failures = pilotWords[language].failures(failed, failed + values.length)
  if (values.length === 0) return failures
  return `${meanText(values)}${failed > 0 ? words[language].aside(failures) : ''}`
}

/** How many agree, and with `named` what is reversed. */
function agreementText(comparisons: readonly PilotComparison[], named: boolean, language: Language): string {
  const { comma, semicolon } = words[language]
  const say = pilotWords[language]
  const reversedText = ({ rows }: PilotSign): string =>
    say.reversed(
      rows.map(({ name }) => name),
      rows.map(({ pilot }) => pilotText(pilot, language)),
      rows.map((row) => measuredText(row, language)),
    )
  const parts = (['pairs', 'signs'] as const).flatMap((kind) => {
    const signs = comparisons.flatMap((comparison) => comparison[kind])
    if (signs.length === 0) return []
    const counts = say[kind](countsOf(signs))
    const reversed = signs.filter(({ agreement }) => agreement === 'reversed')
    return [
      named && reversed.length > 0 ? words[language].labelled(counts, reversed.map(reversedText).join(comma)) : counts,
    ]
  })
  return parts.join(semicolon)
}

/** How a record stands to its pilots; null where they measured nothing that it did. */
export function pilotSummary(record: ExperimentRecord): PilotSummary | null {
  const { experiment, form } = record
  const bilingual = (textIn: (language: Language) => string): Text => {
    const sentence = (language: Language): string =>
      pilotWords[language].sentence(experiment, form === 'short', textIn(language))
    return { en: sentence('en'), zh: sentence('zh') }
  }
  try {
    const comparisons = comparePilots(record)
    if (comparisons.length === 0) return null
    return {
      experiment,
      counts: bilingual((language) => agreementText(comparisons, false, language)),
      sentence: bilingual((language) => agreementText(comparisons, true, language)),
      comparisons,
    }
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    const impossible = bilingual((language) => pilotWords[language].impossible(error.message))
    return { experiment, counts: impossible, sentence: impossible, comparisons: [] }
  }
}

/** A set of figures as a table: arms by what the pilot and the record say of them. */
function pilotTable({ set, rows }: PilotComparison, language: Language): Table {
  const say = pilotWords[language]
  const grid = rows.some(({ learningRate }) => learningRate !== null)
  const rate = set.learningRate !== undefined ? say.atRate(set.learningRate) : grid ? say.atBest : ''
  return {
    caption: `${say.caption(set.experiment, set.what[language], figure(set.noise))}${rate}`,
    head: [...say.head, ...(grid ? [say.rate] : []), say.seeds, say.failed],
    rows: rows.map((row) => [
      ...[row.name, pilotText(row.pilot, language), meanText(row.values)],
      ...(grid ? [String(row.learningRate)] : []),
      ...[String(row.values.length + row.failed), String(row.failed)],
    ]),
  }
}

/** The tables of a summary. */
export const pilotTables = ({ comparisons }: PilotSummary, language: Language): Table[] =>
  comparisons.map((comparison) => pilotTable(comparison, language))

/** The records that pilots measured something of, by their summaries. */
export const pilotSummaries = (records: readonly ExperimentRecord[]): PilotSummary[] =>
  records.flatMap((record) => pilotSummary(record) ?? [])

/** The summaries of a claim's experiments. */
export function pilotsOn({ experiments }: Claim, summaries: readonly PilotSummary[]): PilotSummary[] {
  const ids = new Set(experiments.map((id) => experimentOf(id).id))
  return summaries.filter(({ experiment }) => ids.has(experiment))
}

/** Pilots and records as the last part of the claim book; empty where no record has a pilot. */
export function pilotBlocks(records: readonly ExperimentRecord[], language: Language): Block[] {
  const { title, lead } = pilotWords[language]
  const blocks = pilotSummaries(records).flatMap((summary): Block[] => [
    { type: 'text', text: summary.sentence[language] },
    ...pilotTables(summary, language).map((table) => ({ type: 'table', table }) as const),
  ])
  return blocks.length === 0 ? [] : [{ type: 'heading', text: title }, { type: 'text', text: lead }, ...blocks]
}

/** A summary for programs: rows of a pair or a sign by name. */
export const pilotJson = ({ counts: _, comparisons, ...rest }: PilotSummary): object => ({
  ...rest,
  comparisons: comparisons.map(({ set, rows, pairs, signs }) => {
    const { lines: _lines, ...about } = set
    const named = (found: readonly PilotSign[]): object[] =>
      found.map((sign) => ({ ...sign, rows: sign.rows.map(({ name }) => name) }))
    return { ...about, rows, pairs: named(pairs), signs: named(signs) }
  }),
})

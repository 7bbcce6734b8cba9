import type { Language } from './claims/claim.ts'
import type { Point } from './curve.ts'
import { numberText, type Table } from './document.ts'
import type { Figure, Panel, Series } from './figure.ts'
import type { GrowthLaw } from './growth.ts'
import type { Ledger, LedgerEntry } from './ledger.ts'

const words = {
  en: {
    title: 'What each sublayer wrote into the residual stream.',
    seat: 'sublayer',
    enters: 'enters',
    sizes: 'sizes',
    writes: 'writes',
    shares: 'share or cosine',
    written: 'written',
    stream: 'stream after it',
    cosine: 'cosine with the stream',
    cancelled: 'share that cancels the stream',
    kept: 'kept at the end',
    share: 'share of the end',
    laws: {
      flat: 'stays flat',
      logarithmic: 'grows logarithmically',
      linear: 'grows linearly',
      exponential: 'grows exponentially',
    },
    grows: (law: string, formula: string): string => `E[x²] ${law} over the sublayers: ${formula}.`,
    unknown: 'Too few sublayers of one shape for a growth law.',
    most: (path: string, share: string, entering: string): string =>
      `The largest share of the end is written by ${path} (${share}); what entered is ${entering} of it.`,
  },
  zh: {
    title: '每个子层写入残差流的内容。',
    seat: '子层',
    enters: '进入',
    sizes: '大小',
    writes: '写入',
    shares: '份额或余弦',
    written: '写入量',
    stream: '其后的残差流',
    cosine: '与残差流的余弦',
    cancelled: '抵消残差流的份额',
    kept: '末端保留',
    share: '占末端的份额',
    laws: { flat: '保持不变', logarithmic: '按对数增长', linear: '线性增长', exponential: '指数增长' },
    grows: (law: string, formula: string): string => `E[x²] 随子层${law}：${formula}。`,
    unknown: '同一形状的子层太少，无法拟合增长规律。',
    most: (path: string, share: string, entering: string): string =>
      `末端中份额最大的由 ${path} 写入（${share}）；进入者占 ${entering}。`,
  },
} as const

type Words = (typeof words)[Language]

/** The formula of a law with its numbers, over seats l. */
function formulaOf({ name, a, b }: GrowthLaw): string {
  const [first, second] = [numberText(a, 3), numberText(b, 3)]
  if (name === 'flat') return first
  if (name === 'exponential') return `${first} · ${second}^l`
  return `${first} + ${second} ${name === 'linear' ? 'l' : 'ln(1 + l)'}`
}

/** The growth law in a sentence, with its name. */
function growthText(law: GrowthLaw | null, say: Words): string {
  return law === null ? say.unknown : say.grows(say.laws[law.name], formulaOf(law))
}

const entriesOf = ({ stages }: Ledger): LedgerEntry[] => stages.flatMap(({ entries }) => entries)

/** The largest writer of the last stage, and the growth law of each. */
function summaryOf(ledger: Ledger, say: Words): string[] {
  const { entering, entries } = ledger.stages.at(-1)!
  const largest = entries.reduce((most, entry) => (entry.share > most.share ? entry : most))
  const percent = (share: number): string => `${numberText(100 * share, 3)}%`
  const laws = new Set(ledger.stages.map(({ law }) => growthText(law, say)))
  return [...laws, say.most(largest.path, percent(largest.share), percent(entering.share))]
}

/** Two panels over the sublayers: how large writes and stream are, and what became of the writes. */
export function ledgerFigure(ledger: Ledger, language: Language = 'en'): Figure {
  const say = words[language]
  const entries = entriesOf(ledger)
  const series = (
    key: Exclude<keyof LedgerEntry, 'path'>,
    look: Pick<Series, 'colour' | 'dash'>,
    of: readonly LedgerEntry[] = entries,
  ): Series => ({ name: say[key], ...look, points: of.map((entry, i): Point => [i, entry[key]]) })
  const x = { label: say.seat, scale: 'linear' } as const
  const panels: Panel[] = [
    {
      title: say.sizes,
      x,
      y: { label: 'rms', scale: 'log' },
      series: [
        series('stream', { colour: 'blue', dash: 'solid' }),
        series('written', { colour: 'vermilion', dash: 'dashed' }),
      ],
    },
    {
      title: say.writes,
      x,
      y: { label: say.shares, scale: 'linear' },
      series: [
        series('kept', { colour: 'green', dash: 'solid' }),
        series('cancelled', { colour: 'pink', dash: 'dashed' }),
        series('cosine', { colour: 'grey', dash: 'dotted' }),
      ],
    },
  ]
  const summary = summaryOf(ledger, say).join(language === 'en' ? ' ' : '')
  return { name: 'stream_ledger_depth', title: say.title, summary, panels }
}

/** The ledger as it stands: one row per sublayer, after a row for what enters each stretch of the stream. */
export function ledgerTable(ledger: Ledger, language: Language = 'en'): Table {
  const say = words[language]
  const number = (value: number): string => numberText(value, 3)
  const rows = ledger.stages.flatMap(({ entering, entries }) => [
    [
      `${entering.path} (${say.enters})`,
      '-',
      number(entering.stream),
      '-',
      '-',
      number(entering.kept),
      number(entering.share),
    ],
    ...entries.map(({ path, written, stream, cosine, cancelled, kept, share }) => [
      path,
      ...[written, stream, cosine, cancelled, kept, share].map(number),
    ]),
  ])
  return {
    caption: say.title.slice(0, -1),
    head: [say.seat, `${say.written} (rms)`, `${say.stream} (rms)`, say.cosine, say.cancelled, say.kept, say.share],
    rows,
  }
}

import { type ArticleArm, articleSettings, partsOf } from './article-arms.ts'
import { gradientFigure, lossFigure } from './article-figures.ts'
import { findingOf, remarkOf } from './article-finding.ts'
import type { Outcome } from './article-outcome.ts'
import { articleWords } from './article-report-words.ts'
import type { Language } from './claims/claim.ts'
import { type Block, numberText, percent, type Report, type Table } from './document.ts'
import { type ReportFiles, writeReport } from './report-files.ts'

type Words = (typeof articleWords)[Language]

const shown = (value: number | null | undefined, digits: number): string =>
  value === null || value === undefined ? '-' : numberText(value, digits)

/** The results, one row per arm: for the terminal and for the report. */
export function resultTable(outcomes: readonly Outcome[], language: Language): Table {
  const say = articleWords[language]
  const probed = (which: 'first' | 'last'): string =>
    [...new Set(outcomes.flatMap(({ gradientRatio }) => gradientRatio?.[which].step ?? []))].join('/')
  const { arm, blocks, residual, norm, accuracy, loss, ratio, stepMs, seconds, remark } = say.columns
  return {
    caption: say.results,
    head: [
      ...[arm, blocks, residual, norm, accuracy, loss],
      ...(['first', 'last'] as const).map((which) => `${ratio} @${probed(which)}`),
      ...[stepMs, seconds, remark],
    ],
    rows: outcomes.map((outcome) => [
      outcome.arm.name,
      String(outcome.arm.depth),
      outcome.arm.wiring.skip === 'none' ? say.no : say.yes,
      outcome.arm.wiring.norm === 'none' ? say.no : say.yes,
      percent(outcome.accuracy),
      shown(outcome.loss, 4),
      shown(outcome.gradientRatio?.first.value, 3),
      shown(outcome.gradientRatio?.last.value, 3),
      shown(outcome.stepMs, 3),
      outcome.seconds.toFixed(1),
      remarkOf(outcome, language),
    ]),
  }
}

const formulas: Readonly<Record<string, string>> = {
  plain: 'F(x)',
  norm: 'F(LN(x))',
  residual: 'x + F(x)',
  'residual + norm': 'x + F(LN(x))',
}

function wiringTable(arms: readonly ArticleArm[], say: Words): Table {
  const rows = new Map(arms.map((arm) => [partsOf(arm), JSON.stringify(arm.wiring)]))
  return {
    ...say.wirings,
    rows: Array.from(rows, ([parts, wiring]) => [parts, formulas[parts] ?? '', wiring]),
  }
}

const distinct = (values: readonly (string | number)[]): string => [...new Set(values)].join('; ')

function settingsTable(outcomes: readonly Outcome[], say: Words): Table {
  const [{ test }] = outcomes as readonly [Outcome]
  const versions = outcomes.map(({ versions: found }) =>
    Object.entries(found)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  )
  const seconds = outcomes.reduce((total, outcome) => total + outcome.seconds, 0)
  const { data, network, optimizer, epochs, steps, seed, parameters, machine, time } = say.settings.rows
  return {
    caption: say.settings.caption,
    head: say.settings.head,
    rows: [
      [data, say.settings.data(test.size)],
      [network, say.settings.network(articleSettings)],
      [optimizer, say.settings.optimizer(articleSettings)],
      [epochs, distinct(outcomes.map((outcome) => outcome.epochs))],
      [steps, distinct(outcomes.map(({ step }) => step))],
      [seed, say.settings.paired(distinct(outcomes.map((outcome) => outcome.seed)))],
      [parameters, distinct(outcomes.map((outcome) => outcome.parameters))],
      [say.settings.rows.versions, distinct(versions)],
      [machine, distinct(outcomes.map((outcome) => outcome.machine))],
      [time, `${seconds.toFixed(0)} s`],
    ],
  }
}

/** The report of the experiment. */
function reportOf(outcomes: readonly Outcome[], command: string, language: Language): Report {
  const say = articleWords[language]
  const { lead, claims, caveat } = findingOf(outcomes, language)
  const depth = Math.max(...outcomes.map(({ arm }) => arm.depth))
  const deepest = outcomes.filter(({ arm }) => arm.depth === depth)
  const { headings } = say
  const blocks: Block[] = [
    { type: 'text', text: caveat },
    { type: 'heading', text: headings.results },
    { type: 'table', table: resultTable(outcomes, language) },
    { type: 'heading', text: headings.statements },
    { type: 'list', items: claims },
    { type: 'heading', text: headings.training },
    { type: 'figure', figure: lossFigure(outcomes, language) },
    { type: 'heading', text: headings.gradients },
    { type: 'figure', figure: gradientFigure(deepest, language) },
    { type: 'heading', text: headings.settings },
    { type: 'table', table: settingsTable(outcomes, say) },
    { type: 'text', text: say.again },
    { type: 'code', text: command },
    { type: 'heading', text: headings.flowchart },
    { type: 'list', items: say.flowchart },
    {
      type: 'table',
      table: wiringTable(
        outcomes.map(({ arm }) => arm),
        say,
      ),
    },
  ]
  return { title: say.title, lead, blocks }
}

/**
 * Writes `report.html`, `report.md` and `figures/*.svg` into a folder; `command` is how to run it all again.
 *
 * Throws DataError where they cannot be written.
 */
export function writeArticleReport(
  folder: string,
  outcomes: readonly Outcome[],
  command: string,
  language: Language = 'en',
): ReportFiles {
  return writeReport(folder, 'report', reportOf(outcomes, command, language), language)
}

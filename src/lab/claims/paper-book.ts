import { choose } from '../../nn/options.ts'
import type { Block, Report } from '../document.ts'
import type { ExperimentRecord } from '../experiment/record.ts'
import { markdownReport } from '../markdown.ts'
import { bandText } from '../verdict/bilingual.ts'
import type { Evidence } from '../verdict/verdict.ts'
import type { Language, Marked, PaperResult, Text } from './claim.ts'
import { findingText, paperFindings, standingText } from './finding-blocks.ts'
import { experimentOf } from './look-up.ts'
import { papers } from './papers.ts'
import { type BearingFinding, type ClaimStanding, unfound, weigh } from './standing.ts'
import { words } from './words.ts'

const paperWords = {
  en: {
    title: 'Published results at small scale',
    lead: (all: number, run: number): string =>
      `${all} published results have a version at small scale here; ${run} have been run. What came out is kept as it came out, also where it differs.`,
    contents: { caption: 'Published results and what they came to here', head: ['result', 'source', 'verdict here'] },
    measured: { caption: 'Published and measured', head: ['published', 'measured here', 'verdict'] },
    here: 'Run here',
    expected: 'Expected before it was run',
    statement: 'Statement',
    gap: ' ',
  },
  zh: {
    title: '小规模重现的论文结果',
    lead: (all: number, run: number): string =>
      `${all} 项论文结果在此有小规模版本，已运行 ${run} 项。结果如实保留，与论文不同时也一样。`,
    contents: { caption: '论文结果及其在此处的结论', head: ['结果', '来源', '本处结论'] },
    measured: { caption: '论文数值与本处测量', head: ['论文', '本处测得', '结论'] },
    here: '本处做法',
    expected: '运行前的预期',
    statement: '陈述',
    gap: '',
  },
} as const

/** What an experiment measured of a published result, by one statement, and how the result stands by that alone. */
export interface Measured extends Omit<ClaimStanding, 'findings'> {
  readonly experiment: string
  /** Null where the experiment was not run, or none of its statements bears on the result: there are no figures then. */
  readonly says: Text | null
  readonly figures: readonly Evidence[]
}

/** How a published result stands, with what every experiment on it measured. */
export interface PaperStanding extends ClaimStanding {
  readonly measured: readonly Measured[]
}

/**
 * The levels behind a finding, as published figures are levels: without comparisons, which its sentence tells, and rates of
 * failure of 0 beside a metric.
 */
const levelsOf = ({ rule, verdict: { evidence } }: BearingFinding): Evidence[] =>
  evidence.filter(
    ({ p, band }) => p === undefined && !('metric' in rule && band.kind === 'Clopper-Pearson' && band.estimate === 0),
  )

/** How a published result stands after what was run here. */
export function paperStanding(paper: PaperResult, records: readonly ExperimentRecord[]): PaperStanding {
  const findings = paperFindings(paper, records)
  const ids = new Set([
    ...paper.experiments.map((name) => experimentOf(name).id),
    ...findings.map(({ record }) => record.experiment),
  ])
  const measured = [...ids].flatMap((experiment): Measured[] => {
    const found = findings.filter(({ record }) => record.experiment === experiment)
    return found.length === 0
      ? [{ experiment, ...unfound([experiment], records), says: null, figures: [] }]
      : found.map((one) => ({ experiment, ...weigh([one])!, says: one.says, figures: levelsOf(one) }))
  })
  return { ...(weigh(findings) ?? unfound([...ids], records)), findings, measured }
}

/**
 * The book of published results, each beside what was measured here; `changed` are ids of experiments that were
 * changed after they were run (default: none).
 */
export function paperBookReport(
  language: Language,
  records: readonly ExperimentRecord[],
  changed: ReadonlySet<string> = new Set(),
): Report {
  const own = choose('paper book', paperWords, language)
  const say = words[language]
  const marked = ({ evidence, ...text }: Marked): string =>
    `${text[language]}${evidence ? say.aside(say.evidence[evidence]) : ''}`
  const source = ({ paper }: PaperResult): string =>
    `${paper.authors}, ${paper.year}${paper.arXiv ? `, arXiv ${paper.arXiv}` : ''}`
  const figures = ({ experiment, figures: list }: Measured): string =>
    say.labelled(
      experiment,
      list.map(({ what, band }) => say.labelled(what[language], bandText(band)[language])).join(say.semicolon) || '-',
    )
  const blocks = (paper: PaperResult): Block[] => {
    const standing = paperStanding(paper, records)
    const { findings, measured } = standing
    const published = paper.published.map(marked).join(own.gap)
    const items = [
      say.labelled(own.here, paper.setting[language]),
      ...(paper.expectation ? [say.labelled(own.expected, marked(paper.expectation))] : []),
      say.labelled(say.verdict, standingText(standing, language)),
      ...findings.map((finding) => say.labelled(own.statement, findingText(finding, language, changed))),
    ]
    const rows = measured.map((one, i) => [i === 0 ? published : '', figures(one), standingText(one, language)])
    return [
      { type: 'heading', text: `${paper.name} (${source(paper)})` },
      { type: 'table', table: { ...own.measured, rows } },
      { type: 'list', items },
    ]
  }
  const run = papers.filter((paper) => paperFindings(paper, records).length > 0).length
  return {
    title: own.title,
    lead: own.lead(papers.length, run),
    blocks: [
      {
        type: 'table',
        table: {
          ...own.contents,
          rows: papers.map((paper) => [
            paper.name,
            source(paper),
            standingText(paperStanding(paper, records), language),
          ]),
        },
      },
      ...papers.flatMap(blocks),
    ],
  }
}

/** The book of published results as Markdown. */
export const paperBook = (language: Language, records: readonly ExperimentRecord[]): string =>
  markdownReport(paperBookReport(language, records), language)

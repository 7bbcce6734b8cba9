import { choose } from '../../nn/options.ts'
import type { Block, Report } from '../document.ts'
import type { ExperimentRecord } from '../experiment/record.ts'
import { markdownReport } from '../markdown.ts'
import type { Language, Marked, PaperResult } from './claim.ts'
import { findingText, paperFindings, standingText } from './finding-blocks.ts'
import { papers } from './papers.ts'
import { type ClaimStanding, weigh } from './standing.ts'
import { words } from './words.ts'

const paperWords = {
  en: {
    title: 'Published results at small scale',
    lead: (all: number, run: number): string =>
      `${all} published results have a version at small scale here; ${run} have been run. What came out is kept as it came out, also where it differs.`,
    contents: { caption: 'Published and measured', head: ['result', 'source', 'verdict here'] },
    published: 'Published',
    here: 'Run here',
    expected: 'Expected before it was run',
    measured: 'Measured',
    nothing: 'nothing yet',
  },
  zh: {
    title: '小规模重现的论文结果',
    lead: (all: number, run: number): string =>
      `${all} 项论文结果在此有小规模版本，已运行 ${run} 项。结果如实保留，与论文不同时也一样。`,
    contents: { caption: '论文结果与本处测量', head: ['结果', '来源', '本处结论'] },
    published: '论文',
    here: '本处做法',
    expected: '运行前的预期',
    measured: '测得',
    nothing: '尚无',
  },
} as const

/** How a published result stands after what was run here. */
export function paperStanding(paper: PaperResult, records: readonly ExperimentRecord[]): ClaimStanding {
  const findings = paperFindings(paper, records)
  const weighed = weigh(findings) ?? ({ standing: 'not run', strength: null, form: null } as const)
  return { ...weighed, findings }
}

/**
 * The book of published results, each with what was measured here beside it; `changed` are ids of experiments that were
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
  const verdict = (paper: PaperResult): string => standingText(paperStanding(paper, records), language)
  const blocks = (paper: PaperResult): Block[] => {
    const findings = paperFindings(paper, records)
    const items = [
      ...paper.published.map((text) => say.labelled(own.published, marked(text))),
      say.labelled(own.here, paper.setting[language]),
      ...(paper.expectation ? [say.labelled(own.expected, marked(paper.expectation))] : []),
      say.labelled(say.verdict, verdict(paper)),
      ...(findings.length === 0
        ? [say.labelled(own.measured, own.nothing)]
        : findings.map((finding) => say.labelled(own.measured, findingText(finding, language, changed)))),
    ]
    return [
      { type: 'heading', text: `${paper.name} (${source(paper)})` },
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
        table: { ...own.contents, rows: papers.map((paper) => [paper.name, source(paper), verdict(paper)]) },
      },
      ...papers.flatMap(blocks),
    ],
  }
}

/** The book of published results as Markdown. */
export const paperBook = (language: Language, records: readonly ExperimentRecord[]): string =>
  markdownReport(paperBookReport(language, records), language)

import { choose } from '../../nn/options.ts'
import type { Block, Report } from '../document.ts'
import { markdownReport } from '../markdown.ts'
import { assessments, type Claim, type Language } from './claim.ts'
import { claims } from './claims.ts'
import { experiments } from './experiments.ts'
import { claimOf, experimentOf } from './look-up.ts'
import { pilots } from './pilots.ts'
import { words } from './words.ts'

/** What runs found about claims, by the number of the claim: blocks that stand behind what is said about it. */
export type ClaimResults = ReadonlyMap<number, readonly Block[]>

/**
 * The claim book as a report: claims by assessment, each with place, correction and experiments, then the catalogue, and
 * `comparisons` of the pilots with what was run.
 *
 * Throws OptionError for an unknown language, or for results of a claim that does not exist.
 */
export function bookReport(
  language: Language,
  results: ClaimResults = new Map(),
  comparisons: readonly Block[] = [],
): Report {
  const say = choose('claim book', words, language)
  for (const id of results.keys()) claimOf(id)

  const groups = assessments.map((assessment) => ({
    name: say.assessments[assessment],
    ids: claims.filter((claim) => claim.assessment === assessment).map(({ id }) => id),
  }))
  const experimentText = (id: string): string =>
    experimentOf(id).pending === undefined ? id : `${id}${say.aside(say.pending)}`
  const claimBlocks = ({ id, statement, where, assessment, correct, evidence, experiments: ids }: Claim): Block[] => {
    const known = evidence === undefined ? '' : say.aside(say.evidence[evidence])
    const tested = ids.length === 0 ? say.none : ids.map(experimentText).join(say.comma)
    const items = [
      say.labelled(say.where, where.map((place) => say.place(place)).join(say.semicolon)),
      say.labelled(say.assessment, say.assessments[assessment]),
      say.labelled(say.correct, `${correct[language]}${known}`),
      say.labelled(say.experiments, tested),
    ]
    return [
      { type: 'heading', text: `${id}. ${statement[language]}` },
      { type: 'list', items },
      ...(results.get(id) ?? []),
    ]
  }
  const catalogue = experiments.flatMap(({ id, question, cost, pending, parts = {} }) => [
    [id, question[language], (pending ?? cost)?.[language] ?? '-'],
    ...Object.entries(parts).map(([letter, part]) => [`${id}${letter}`, part[language], '-']),
  ])
  return {
    title: say.title,
    lead: say.lead(
      claims.length,
      groups.map(({ name, ids }) => say.labelled(name, String(ids.length))).join(say.semicolon),
    ),
    blocks: [
      {
        type: 'table',
        table: {
          ...say.contents,
          rows: groups.map(({ name, ids }) => [name, String(ids.length), ids.join(', ')]),
        },
      },
      { type: 'text', text: say.drafts },
      ...claims.flatMap(claimBlocks),
      { type: 'heading', text: say.catalogue.title },
      { type: 'table', table: { caption: say.catalogue.caption, head: say.catalogue.head, rows: catalogue } },
      { type: 'text', text: say.pilots },
      { type: 'list', items: Object.entries(pilots).map(([name, text]) => say.labelled(name, text[language])) },
      ...comparisons,
    ],
  }
}

/** The claim book as Markdown, in English or Chinese; `results` stand behind their claims. */
export const book = (language: Language, results?: ClaimResults): string =>
  markdownReport(bookReport(language, results), language)

import type { Block } from '../document.ts'
import type { ExperimentRecord } from '../experiment/record.ts'
import type { Strength } from '../verdict/verdict.ts'
import type { Claim, Language, PaperResult } from './claim.ts'
import { claims } from './claims.ts'
import type { ClaimResults } from './book.ts'
import { pilotsOn, pilotSummaries } from './pilot-summary.ts'
import { words } from './words.ts'
import { type BearingFinding, type ClaimStanding, findingsOn, type Standing, standingOf } from './standing.ts'

interface Words {
  readonly standings: Readonly<Record<Standing, string>>
  readonly strengths: Readonly<Record<Strength, string>>
  readonly short: string
  readonly holds: string
  readonly false: string
  readonly open: string
  readonly reproduce: string
  readonly changed: string
}

/** What is said about findings. */
export const findingWords: Readonly<Record<Language, Words>> = {
  en: {
    standings: {
      supported: 'supported',
      refuted: 'refuted',
      divided: 'divided: right in one respect, wrong in another',
      inconclusive: 'inconclusive',
      shown: 'shown; nothing to decide',
      'not run': 'not run yet',
      'none bears': 'run; no statement bears on it',
      pending: 'pending: waits for an application',
      'by reading': 'settled by reading',
      untestable: 'not testable here',
    },
    strengths: {
      exact: 'exact',
      deterministic: 'deterministic',
      'large effect': 'large effect',
      'small effect': 'small effect',
      inconclusive: 'inconclusive',
      untestable: 'untestable',
    },
    short: 'short form only',
    holds: 'holds',
    false: 'does not hold',
    open: 'is not decided',
    reproduce: 'reproduce',
    changed: 'the experiment was changed since',
  },
  zh: {
    standings: {
      supported: '得到支持',
      refuted: '被否定',
      divided: '不一致：一方面对，另一方面错',
      inconclusive: '尚无定论',
      shown: '已展示，无须判定',
      'not run': '尚未运行',
      'none bears': '已运行；没有陈述涉及此条',
      pending: '待定：需要某个应用',
      'by reading': '阅读即可断定',
      untestable: '此处无法检验',
    },
    strengths: {
      exact: '精确',
      deterministic: '确定',
      'large effect': '大效应',
      'small effect': '小效应',
      inconclusive: '尚无定论',
      untestable: '无法检验',
    },
    short: '仅简短形式',
    holds: '成立',
    false: '不成立',
    open: '未能判定',
    reproduce: '复现',
    changed: '实验此后有改动',
  },
}

/** `refuted (exact)`, `supported (small effect, short form only)`. */
export function standingText(
  { standing, strength, form }: Omit<ClaimStanding, 'findings'>,
  language: Language,
): string {
  const say = findingWords[language]
  const remarks = [...(strength ? [say.strengths[strength]] : []), ...(form === 'short' ? [say.short] : [])]
  return `${say.standings[standing]}${remarks.length > 0 ? ` (${remarks.join(', ')})` : ''}`
}

/**
 * A finding in one line: the statement, whether it holds, how firmly, the sentence, where it comes from; `changed` are ids
 * of experiments that were changed after they were run (default: none).
 */
export function findingText(
  finding: BearingFinding,
  language: Language,
  changed: ReadonlySet<string> = new Set(),
): string {
  const say = findingWords[language]
  const { says, record, verdict } = finding
  const { holds, strength, sentence } = verdict
  const decided = holds === null ? say.open : holds ? say.holds : say.false
  const origin = [
    ...[record.experiment, record.date, record.commit ?? '-'],
    ...(record.form === 'short' ? [say.short] : []),
    ...(changed.has(record.experiment) ? [say.changed] : []),
  ].join(', ')
  return `${says[language]} ${decided} (${say.strengths[strength]}). ${sentence[language]} [${origin}; ${say.reproduce}: residua claims run ${record.experiment}${record.form === 'short' ? ' --short' : ''}]`
}

/**
 * The verdicts on all claims, and how their experiments stand to the pilots, as blocks of the claim book; `changed` are ids
 * of experiments that were changed after they were run (default: none).
 */
export function claimResults(
  records: readonly ExperimentRecord[],
  language: Language,
  changed: ReadonlySet<string> = new Set(),
): ClaimResults {
  const summaries = pilotSummaries(records)
  const blocks = (claim: Claim): Block[] => {
    const standing = standingOf(claim, records)
    const items = [
      ...standing.findings.map((finding) => findingText(finding, language, changed)),
      ...pilotsOn(claim, summaries).map(({ counts }) => counts[language]),
    ]
    return [
      { type: 'text', text: `${words[language].verdict}: ${standingText(standing, language)}` },
      ...(items.length > 0 ? [{ type: 'list', items } as const] : []),
    ]
  }
  return new Map(claims.map((claim) => [claim.id, blocks(claim)]))
}

/** What was found about a published result. */
export const paperFindings = (paper: PaperResult, records: readonly ExperimentRecord[]): BearingFinding[] =>
  findingsOn(records, 'papers', paper.id)

import type { Block } from '../document.ts'
import type { ExperimentRecord } from '../experiment/record.ts'
import { type Strength, type Verdict, verdictText } from '../verdict/verdict.ts'
import type { Claim, Language, PaperResult, Text } from './claim.ts'
import { claims } from './claims.ts'
import { experimentOf } from './look-up.ts'
import type { ClaimResults } from './book.ts'
import { pilotsOn, pilotSummaries } from './pilot-summary.ts'
import { words } from './words.ts'
import { type BearingFinding, type ClaimStanding, findingsOn, type Standing, standingOf, voteOf } from './standing.ts'

interface Words {
  readonly standings: Readonly<Record<Standing, string>>
  readonly strengths: Readonly<Record<Strength, string>>
  readonly short: string
  readonly holds: string
  readonly false: string
  readonly open: string
  readonly reproduce: string
  readonly changed: string
  readonly comma: string
  readonly setting: string
  readonly speaksFor: string
  readonly speaksAgainst: string
  readonly informs: string
  /** How firm both sides are. */
  sides(ofFor: string, ofAgainst: string): string
  /** A statement, what it came to, what was found, and where that comes from. */
  found(statement: string, decision: string, sentence: string, origin: string): string
}

/** What is said about findings. */
export const findingWords: Readonly<Record<Language, Words>> = {
  en: {
    standings: {
      supported: 'supported',
      refuted: 'refuted',
      divided: 'divided: right in one respect, wrong in another',
      inconclusive: 'inconclusive',
      shown: 'measured, for information only',
      'not run': 'not run yet',
      'left out': 'not run: the short form leaves it out',
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
    open: 'not decided',
    reproduce: 'reproduce',
    changed: 'the experiment was changed since',
    comma: ', ',
    setting: 'how it is run',
    speaksFor: 'speaks for it',
    speaksAgainst: 'speaks against it',
    informs: 'for information',
    sides: (ofFor, ofAgainst) => `for: ${ofFor}, against: ${ofAgainst}`,
    found: (statement, decision, sentence, origin) => `${statement} — ${decision}. ${sentence} [${origin}]`,
  },
  zh: {
    standings: {
      supported: '得到支持',
      refuted: '被否定',
      divided: '不一致：一方面对，另一方面错',
      inconclusive: '尚无定论',
      shown: '已测量，仅供参考',
      'not run': '尚未运行',
      'left out': '未运行：简短形式不含此项',
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
    comma: '，',
    setting: '运行设置',
    speaksFor: '支持',
    speaksAgainst: '反对',
    informs: '仅供参考',
    sides: (ofFor, ofAgainst) => `支持：${ofFor}，反对：${ofAgainst}`,
    found: (statement, decision, sentence, origin) => `${statement}——${decision}。${sentence}[${origin}]`,
  },
}

/** `refuted (exact)`, `divided (for: exact, against: small effect)`, `supported (small effect, short form only)`. */
export function standingText(
  { standing, strength, sides, form }: Omit<ClaimStanding, 'findings'>,
  language: Language,
): string {
  const say = findingWords[language]
  const firm =
    sides.for && sides.against
      ? [say.sides(say.strengths[sides.for], say.strengths[sides.against])]
      : strength
        ? [say.strengths[strength]]
        : []
  const remarks = [...firm, ...(form === 'short' ? [say.short] : [])]
  return `${say.standings[standing]}${remarks.length > 0 ? words[language].aside(remarks.join(say.comma)) : ''}`
}

/** `holds (large effect)`: what a statement came to. */
export function decisionText({ holds, strength }: Pick<Verdict, 'holds' | 'strength'>, language: Language): string {
  const say = findingWords[language]
  const decided = holds === null ? say.open : holds ? say.holds : say.false
  return `${decided}${words[language].aside(say.strengths[strength])}`
}

/** What was found; what to do only where nothing is decided, as a metric of an experiment is seldom a choice. */
export const foundText = (verdict: Verdict): Text => (verdict.holds === null ? verdictText(verdict) : verdict.sentence)

/** What a finding says about what it bears on: nothing where it is not decided. */
function weightText(finding: BearingFinding, language: Language): string[] {
  const say = findingWords[language]
  if (finding.bearing === 'informs') return [say.informs]
  const vote = voteOf(finding)
  return vote === 0 ? [] : [vote > 0 ? say.speaksFor : say.speaksAgainst]
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
  const { experiment, form, date, commit } = record
  const origin = [
    ...[experiment, date, commit ?? '-'],
    ...(form === 'short' ? [say.short] : []),
    ...(changed.has(experiment) ? [say.changed] : []),
    ...weightText(finding, language),
  ].join(say.comma)
  const command = `residua claims run ${experiment}${form === 'short' ? ' --short' : ''}`
  const again = words[language].labelled(say.reproduce, command)
  const statement = says[language].replace(/[.。]$/, '')
  const decision = decisionText(verdict, language)
  return say.found(statement, decision, foundText(verdict)[language], `${origin}${words[language].semicolon}${again}`)
}

/** `E12, how it is run: ...` for every experiment of the findings. */
export function settingTexts(findings: readonly BearingFinding[], language: Language): string[] {
  const { comma, setting: label } = findingWords[language]
  return [...new Set(findings.map(({ record }) => record.experiment))].flatMap((id) => {
    const { setting } = experimentOf(id)
    return setting ? [words[language].labelled(`${id}${comma}${label}`, setting[language])] : []
  })
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
      ...settingTexts(standing.findings, language),
      ...pilotsOn(claim, summaries).map(({ counts }) => counts[language]),
    ]
    return [
      { type: 'text', text: words[language].labelled(words[language].verdict, standingText(standing, language)) },
      ...(items.length > 0 ? [{ type: 'list', items } as const] : []),
    ]
  }
  return new Map(claims.map((claim) => [claim.id, blocks(claim)]))
}

/** What was found about a published result. */
export const paperFindings = (paper: PaperResult, records: readonly ExperimentRecord[]): BearingFinding[] =>
  findingsOn(records, 'papers', paper.id)

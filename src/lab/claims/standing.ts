import type { Bearing, Form } from '../experiment/experiment.ts'
import type { ExperimentRecord, JudgedStatement } from '../experiment/record.ts'
import type { Strength } from '../verdict/verdict.ts'
import type { Claim } from './claim.ts'
import { experimentOf } from './look-up.ts'

/** A statement that bears on a claim or a paper, with the record it is of. */
export interface BearingFinding extends JudgedStatement {
  readonly record: ExperimentRecord
  readonly bearing: Bearing
}

/** How things stand after what was run. */
export const standings = [
  'supported',
  'refuted',
  'divided',
  'inconclusive',
  'shown',
  'not run',
  'none bears',
  'pending',
  'by reading',
  'untestable',
] as const
export type Standing = (typeof standings)[number]

export interface ClaimStanding {
  readonly standing: Standing
  /** Of the firmest finding that decided; null where none did. */
  readonly strength: Strength | null
  /** Whether all that decided was run in short form only. */
  readonly form: Form | null
  readonly findings: readonly BearingFinding[]
}

const order: readonly Strength[] = [
  'exact',
  'deterministic',
  'large effect',
  'small effect',
  'inconclusive',
  'untestable',
]

/** The findings that bear on a claim or paper, by its key. */
export const findingsOn = (
  records: readonly ExperimentRecord[],
  of: 'claims' | 'papers',
  key: number | string,
): BearingFinding[] =>
  records.flatMap((record) =>
    Object.values(record.findings).flatMap((finding) => {
      const bearing = (finding[of] as Readonly<Record<string, Bearing>> | undefined)?.[key]
      return bearing === undefined ? [] : [{ ...finding, record, bearing }]
    }),
  )

/** 1 where a finding speaks for what it bears on, -1 against, 0 where it does not decide. */
export const voteOf = ({ bearing, verdict: { holds } }: BearingFinding): number =>
  holds === null || bearing === 'informs' ? 0 : (bearing === 'supports') === holds ? 1 : -1

/** What findings say together: supported or refuted where all that decided agree, else divided; short forms count where no full one decided. */
export function weigh(findings: readonly BearingFinding[]): Omit<ClaimStanding, 'findings'> | null {
  if (findings.length === 0) return null
  const voting = findings.filter((finding) => voteOf(finding) !== 0)
  const full = voting.filter(({ record }) => record.form === 'full')
  const deciding = full.length > 0 ? full : voting
  const votes = new Set(deciding.map(voteOf))
  const [vote] = votes
  const decided = votes.size > 1 ? 'divided' : vote === 1 ? 'supported' : 'refuted'
  const open = findings.some(({ verdict }) => verdict.holds === null) ? 'inconclusive' : 'shown'
  const strengths = deciding.map(({ verdict }) => verdict.strength)
  return {
    standing: vote === undefined ? open : decided,
    strength: order.find((strength) => strengths.includes(strength)) ?? null,
    form: (vote === undefined ? findings : deciding).every(({ record }) => record.form === 'short') ? 'short' : 'full',
  }
}

/** How a claim stands after what was run: what its findings say, unless reading settles it, else why there are none. */
export function standingOf(claim: Claim, records: readonly ExperimentRecord[]): ClaimStanding {
  const found = findingsOn(records, 'claims', claim.id)
  if (claim.byReading) {
    const findings = found.map((finding): BearingFinding => ({ ...finding, bearing: 'informs' }))
    return { standing: 'by reading', strength: null, form: null, findings }
  }
  return { ...unread(claim, records, found), findings: found }
}

/** What the findings on a claim say, else why there are none. */
function unread(
  claim: Claim,
  records: readonly ExperimentRecord[],
  findings: readonly BearingFinding[],
): Omit<ClaimStanding, 'findings'> {
  const weighed = weigh(findings)
  if (weighed !== null) return weighed
  const behind = claim.experiments.map(experimentOf)
  const pending = behind.every((experiment) => experiment.pending !== undefined)
  const run = records.some(({ experiment }) => behind.some(({ id }) => id === experiment))
  const none = claim.assessment === 'untestable' ? 'untestable' : 'by reading'
  const standing = claim.experiments.length === 0 ? none : run ? 'none bears' : pending ? 'pending' : 'not run'
  return { standing, strength: null, form: null }
}

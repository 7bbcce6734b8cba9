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
  'left out',
  'none bears',
  'pending',
  'by reading',
  'untestable',
] as const
export type Standing = (typeof standings)[number]

export interface ClaimStanding {
  readonly standing: Standing
  /** Of the firmest finding that decided, where they are divided of the weaker side; null where none decided. */
  readonly strength: Strength | null
  /** Of the firmest finding on either side. */
  readonly sides: { readonly for: Strength | null; readonly against: Strength | null }
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

const undecided = { strength: null, sides: { for: null, against: null }, form: null } as const

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

const firmest = (findings: readonly BearingFinding[]): Strength | null =>
  order.find((strength) => findings.some(({ verdict }) => verdict.strength === strength)) ?? null

/**
 * What findings say together: supported or refuted where all that decided agree, else divided; short forms count where no
 * full one decided. Where none decided it is inconclusive if one could have, else shown.
 */
export function weigh(findings: readonly BearingFinding[]): Omit<ClaimStanding, 'findings'> | null {
  if (findings.length === 0) return null
  const voting = findings.filter((finding) => voteOf(finding) !== 0)
  const full = voting.filter(({ record }) => record.form === 'full')
  const deciding = full.length > 0 ? full : voting
  const side = (vote: number): Strength | null => firmest(deciding.filter((finding) => voteOf(finding) === vote))
  const sides = { for: side(1), against: side(-1) }
  const strengths = order.filter((strength) => strength === sides.for || strength === sides.against)
  const open = findings.some(({ bearing }) => bearing !== 'informs') ? 'inconclusive' : 'shown'
  const decided = sides.for && sides.against ? 'divided' : sides.for ? 'supported' : 'refuted'
  const weighed = deciding.length > 0 ? deciding : findings
  return {
    standing: deciding.length > 0 ? decided : open,
    strength: strengths.at(-1) ?? null,
    sides,
    form: weighed.every(({ record }) => record.form === 'short') ? 'short' : 'full',
  }
}

/** How things stand where there are no findings, by the experiments that would bring them. */
export function unfound(ids: readonly string[], records: readonly ExperimentRecord[]): Omit<ClaimStanding, 'findings'> {
  const forms = records.filter(({ experiment }) => ids.includes(experiment)).map(({ form }) => form)
  const standing = forms.includes('full') ? 'none bears' : forms.length > 0 ? 'left out' : 'not run'
  return { standing, ...undecided }
}

/** How a claim stands after what was run: what its findings say, unless reading settles it, else why there are none. */
export function standingOf(claim: Claim, records: readonly ExperimentRecord[]): ClaimStanding {
  const found = findingsOn(records, 'claims', claim.id)
  if (claim.byReading) {
    const findings = found.map((finding): BearingFinding => ({ ...finding, bearing: 'informs' }))
    return { standing: 'by reading', ...undecided, findings }
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
  if (behind.length === 0)
    return { standing: claim.assessment === 'untestable' ? 'untestable' : 'by reading', ...undecided }
  if (behind.every(({ pending }) => pending !== undefined)) return { standing: 'pending', ...undecided }
  return unfound(
    behind.map(({ id }) => id),
    records,
  )
}

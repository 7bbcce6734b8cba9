import { cpus } from 'node:os'
import {
  array,
  custom,
  enum as oneOf,
  exactOptional,
  int,
  literal,
  nullable,
  number,
  record,
  strictObject,
  string,
} from 'zod'
import { clock } from '../../clock.ts'
import { DataError, messageOf } from '../../errors.ts'
import { readText } from '../../files/disk.ts'
import { checkJson, isJsonObject, jsonHash, parseJson } from '../../files/json.ts'
import { versions } from '../../train/versions.ts'
import type { RunResult } from '../statistics/run-result.ts'
import { judge } from '../verdict/judge.ts'
import type { Rule } from '../verdict/rule.ts'
import type { Verdict } from '../verdict/verdict.ts'
import { commitOf } from './commit.ts'
import { armsOf, type Experiment, type Form, namedArms, type Statement } from './experiment.ts'

/** A statement with what was found. */
export interface JudgedStatement extends Statement {
  readonly verdict: Verdict
}

/** What is kept of an experiment that was run: enough to judge it again. */
export interface ExperimentRecord {
  readonly format: 1
  readonly experiment: string
  readonly form: Form
  /** `2026-11-23`. */
  readonly date: string
  /** Of the sources, with `+` where they were changed since; null where it was run from an installed package. */
  readonly commit: string | null
  /** Digest of the experiment's file. */
  readonly source: string
  readonly machine: string
  readonly versions: Readonly<Record<string, string>>
  readonly findings: Readonly<Record<string, JudgedStatement>>
  readonly results: readonly RunResult[]
  /** Of all the rest. */
  readonly digest: string
}

/** The verdicts on the statements whose arms were run. */
export function findingsOf(
  experiment: Experiment,
  form: Form,
  results: readonly RunResult[],
): ExperimentRecord['findings'] {
  const arms = armsOf(experiment, form)
  const judged = Object.entries(experiment.statements).filter(([, { rule }]) =>
    namedArms(rule).every((arm) => arms.includes(arm)),
  )
  return Object.fromEntries(
    judged.map(([name, statement]) => [name, { ...statement, verdict: judge(statement.rule, results) }]),
  )
}

const digestOf = (made: Omit<ExperimentRecord, 'digest'>): string =>
  jsonHash(JSON.parse(JSON.stringify(made)), 'record')

/** The record of an experiment that was run here and now. */
export function recordOf(
  experiment: Experiment,
  form: Form,
  source: string,
  results: readonly RunResult[],
): ExperimentRecord {
  const processors = cpus()
  const made = {
    ...{ format: 1 as const, experiment: experiment.id, form, source },
    date: clock.date().toISOString().slice(0, 10),
    commit: commitOf(),
    machine: `${processors[0]?.model.trim() ?? 'unknown processor'}, ${processors.length} cores, ${process.platform}-${process.arch}`,
    versions: versions(),
    findings: findingsOf(experiment, form, results),
    results,
  }
  return { ...made, digest: digestOf(made) }
}

const text = strictObject({ en: string(), zh: string() })
const bearings = record(string(), oneOf(['supports', 'refutes', 'informs']))
const schema = strictObject({
  format: literal(1),
  experiment: string(),
  form: oneOf(['full', 'short']),
  date: string(),
  commit: nullable(string()),
  source: string(),
  machine: string(),
  versions: record(string(), string()),
  findings: record(
    string(),
    strictObject({
      says: text,
      rule: custom<Rule>(isJsonObject, 'expected a rule'),
      claims: exactOptional(bearings),
      papers: exactOptional(bearings),
      verdict: custom<Verdict>(isJsonObject, 'expected a verdict'),
    }),
  ),
  results: array(
    strictObject({
      arm: string(),
      seed: int().nonnegative(),
      learningRate: exactOptional(number().positive()),
      outcome: oneOf(['trained', 'plateaued', 'diverged']),
      metrics: record(string(), number()),
    }),
  ),
  digest: string(),
})

/** A record out of its file. Throws DataError where it is none, was edited, or is of a newer version. */
export function readRecord(path: string): ExperimentRecord {
  const value = parseJson(readText(path), path)
  if (isJsonObject(value) && typeof value.format === 'number' && value.format > 1)
    throw new DataError(`${path}: it is of a newer version (format ${value.format}, this one reads 1). Update Residua`)
  const found = checkJson(value, schema, path)
  const { digest, ...rest } = found
  if (digestOf(rest) !== digest)
    throw new DataError(`${path}: its digest does not match: it was edited or damaged. Run the experiment again`)
  return found
}

const decision = ({ strength, holds, sentence }: Verdict): string => JSON.stringify([strength, holds, sentence.en])

/** What is wrong with a record: verdicts that do not follow from its results by the rules; empty where all do. */
export function checkRecord({ experiment, findings, results }: ExperimentRecord): string[] {
  return Object.entries(findings).flatMap(([name, { rule, verdict }]) => {
    try {
      const again = judge(rule, results)
      return decision(again) === decision(verdict)
        ? []
        : [`${experiment}: ${name}: stored is '${verdict.sentence.en}', its results say '${again.sentence.en}'`]
    } catch (error) {
      return [`${experiment}: ${name}: its results cannot be judged: ${messageOf(error)}`]
    }
  })
}

/** How a record stands to the experiment as it is now: `rules` that were changed after the run, and whether its file was. */
export function changesSince(
  record: ExperimentRecord,
  experiment: Experiment,
  source: string,
): { readonly changed: boolean; readonly rules: readonly string[] } {
  const rules = Object.entries(record.findings)
    .filter(([name, { rule }]) => JSON.stringify(experiment.statements[name]?.rule) !== JSON.stringify(rule))
    .map(([name]) => name)
  return { changed: record.source !== source, rules }
}

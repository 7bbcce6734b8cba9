import { cpus } from 'node:os'
import {
  array,
  boolean,
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
  type ZodType,
} from 'zod'
import { clock } from '../../clock.ts'
import { DataError, messageOf } from '../../errors.ts'
import { readText } from '../../files/disk.ts'
import { checkJson, isJsonObject, type Json, type JsonObject, jsonHash, parseJson } from '../../files/json.ts'
import type { Language } from '../claims/claim.ts'
import { findingWords } from '../claims/finding-blocks.ts'
import { differences } from '../compare-differences.ts'
import type { RunResult } from '../statistics/run-result.ts'
import type { Origin } from '../study/origin.ts'
import type { Bilingual } from '../verdict/bilingual.ts'
import { judge } from '../verdict/judge.ts'
import type { Rule } from '../verdict/rule.ts'
import type { Evidence, Verdict } from '../verdict/verdict.ts'
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
  /** Of the sources, with `+` where they were changed since, every one that trials were run at; null for an installed package. */
  readonly commit: string | null
  /** Digest of the experiment's file and of what it imports from its folder. */
  readonly source: string
  readonly machine: string
  readonly versions: Readonly<Record<string, string>>
  readonly findings: Readonly<Record<string, JudgedStatement>>
  readonly results: readonly RunResult[]
  /** Of all the rest. */
  readonly digest: string
}

/** The statements whose arms a form runs. */
function statementsOf(experiment: Experiment, form: Form): [string, Statement][] {
  const arms = armsOf(experiment, form)
  return Object.entries(experiment.statements).filter(([, { rule }]) =>
    namedArms(rule).every((arm) => arms.includes(arm)),
  )
}

/** The verdict, or why there is none: results that cannot bear one statement leave the others their verdicts. */
function judgeIfPossible(rule: Rule, results: readonly RunResult[]): Verdict {
  try {
    return judge(rule, results)
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    return {
      ...{ strength: 'inconclusive', holds: null, evidence: [], against: [], more: null },
      sentence: { en: `It cannot be judged: ${error.message}.`, zh: `无法判定：${error.message}。` },
      advice: { en: 'Run the experiment again.', zh: '请重新运行该实验。' },
      wouldChange: { en: 'Results that the rule can be applied to.', zh: '规则适用的结果。' },
    }
  }
}

/** The verdicts on the statements whose arms were run. */
export function findingsOf(
  experiment: Experiment,
  form: Form,
  results: readonly RunResult[],
): ExperimentRecord['findings'] {
  const judged = statementsOf(experiment, form)
  return Object.fromEntries(
    judged.map(([name, statement]) => [name, { ...statement, verdict: judgeIfPossible(statement.rule, results) }]),
  )
}

const digestOf = (made: Omit<ExperimentRecord, 'digest'>): string =>
  jsonHash(JSON.parse(JSON.stringify(made)), 'record')

/** The record of an experiment that was run here. */
export function recordOf(
  experiment: Experiment,
  form: Form,
  source: string,
  results: readonly RunResult[],
  { versions, commits }: Origin,
): ExperimentRecord {
  const processors = cpus()
  const made = {
    ...{ format: 1 as const, experiment: experiment.id, form, source },
    date: clock.date().toISOString().slice(0, 10),
    commit: commits.length === 0 ? null : commits.join(', '),
    machine: `${processors[0]?.model.trim() ?? 'unknown processor'}, ${processors.length} cores, ${process.platform}-${process.arch}`,
    versions,
    findings: findingsOf(experiment, form, results),
    results,
  }
  return { ...made, digest: digestOf(made) }
}

/** Records may come from anybody, and are shown on terminals. */
const line = string().regex(/^\P{Cc}*$/u, 'expected text without control characters')
const text = strictObject({ en: line, zh: line })
const evidence: ZodType<Evidence> = strictObject({
  what: text,
  band: strictObject({
    estimate: number(),
    low: number(),
    high: number(),
    n: int().nonnegative(),
    confidence: number(),
    kind: oneOf(['t', 'paired t', 'Clopper-Pearson', 'exact difference of rates', 'percentile bootstrap', 'range']),
  }),
  effect: exactOptional(nullable(number())),
  p: exactOptional(number()),
})
const verdict: ZodType<Verdict> = strictObject({
  strength: oneOf(['exact', 'deterministic', 'large effect', 'small effect', 'inconclusive', 'untestable']),
  holds: nullable(boolean()),
  sentence: text,
  advice: text,
  evidence: array(evidence),
  against: array(text),
  wouldChange: text,
  more: nullable(number()),
})
const bearings = record(string(), oneOf(['supports', 'refutes', 'informs']))
const schema = strictObject({
  format: literal(1),
  experiment: line,
  form: oneOf(['full', 'short']),
  date: line,
  commit: nullable(line),
  source: line,
  machine: line,
  versions: record(line, line),
  findings: record(
    line,
    strictObject({
      says: text,
      rule: custom<Rule>(isJsonObject, 'expected a rule'),
      claims: exactOptional(bearings),
      papers: exactOptional(bearings),
      verdict,
    }),
  ),
  results: array(
    strictObject({
      arm: line,
      seed: int().nonnegative(),
      learningRate: exactOptional(number().positive()),
      outcome: oneOf(['trained', 'plateaued', 'diverged']),
      metrics: record(line, number()),
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

/** Whether two numbers agree but for rounding, which other processors may do otherwise. */
const agree = ([a, b]: readonly (Json | undefined)[]): boolean =>
  typeof a === 'number' && typeof b === 'number' && Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b))

/** The parts of two verdicts that are not alike. */
function differingParts(stored: Verdict, again: Verdict): string[] {
  const found = differences([stored, again].map((verdict) => JSON.parse(JSON.stringify(verdict)) as JsonObject))
  return [...new Set(found.filter(({ values }) => !agree(values)).map(({ path }) => path.split('.')[0]!))]
}

/** `'Norm helps.' (holds, large effect)`. */
function decision({ sentence, holds, strength }: Verdict): Bilingual {
  const brief = (language: Language): readonly string[] => {
    const say = findingWords[language]
    return [holds === null ? say.open : holds ? say.holds : say.false, say.strengths[strength]]
  }
  return { en: `'${sentence.en}' (${brief('en').join(', ')})`, zh: `“${sentence.zh}”（${brief('zh').join('，')}）` }
}

/** How a stored verdict departs from what its results say; null where it does not. */
function departure(stored: Verdict, again: Verdict): Bilingual | null {
  const parts = differingParts(stored, again)
  if (parts.length === 0) return null
  if (parts.some((part) => ['strength', 'holds', 'sentence'].includes(part))) {
    const [before, now] = [decision(stored), decision(again)]
    return { en: `stored is ${before.en}, its results say ${now.en}`, zh: `存储的是${before.zh}，其结果却是${now.zh}` }
  }
  return {
    en: `the verdict follows from its results, what is stored with it does not (${parts.join(', ')})`,
    zh: `结论由其结果得出，但与之一同存储的内容不符（${parts.join('、')}）`,
  }
}

/** What is wrong with a record: verdicts or their evidence that do not follow from its results; empty where all do. */
export function checkRecord({ experiment, findings, results }: ExperimentRecord): Bilingual[] {
  return Object.entries(findings).flatMap(([name, { rule, verdict }]) => {
    try {
      const found = departure(verdict, judgeIfPossible(rule, results))
      return found === null
        ? []
        : [{ en: `${experiment}: ${name}: ${found.en}`, zh: `${experiment}：${name}：${found.zh}` }]
    } catch (error) {
      return [
        {
          en: `${experiment}: ${name}: its results cannot be judged: ${messageOf(error)}`,
          zh: `${experiment}：${name}：无法对其结果作出判断：${messageOf(error)}`,
        },
      ]
    }
  })
}

/** How a record stands to the experiment as it is now. */
export interface Changes {
  /** Whether the file of the experiment was changed. */
  readonly changed: boolean
  /** Statements whose rule was changed after the run. */
  readonly rules: readonly string[]
  /** Statements that bear on other claims or papers now, or otherwise. */
  readonly bearings: readonly string[]
  /** Statements that have no verdict. */
  readonly missing: readonly string[]
}

/** What was changed after a run. */
export function changesSince(record: ExperimentRecord, experiment: Experiment, source: string): Changes {
  const { findings, form } = record
  const differing = (of: (statement: Statement | undefined) => unknown): string[] =>
    Object.keys(findings).filter(
      (name) => JSON.stringify(of(findings[name])) !== JSON.stringify(of(experiment.statements[name])),
    )
  return {
    changed: record.source !== source,
    rules: differing((statement) => statement?.rule),
    bearings: differing((statement) => [statement?.claims, statement?.papers]),
    missing: statementsOf(experiment, form).flatMap(([name]) => (Object.hasOwn(findings, name) ? [] : [name])),
  }
}

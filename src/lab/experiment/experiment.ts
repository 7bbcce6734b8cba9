import { OptionError } from '../../errors.ts'
import type { JsonObject } from '../../files/json.ts'
import { choose } from '../../nn/options.ts'
import type { Text } from '../claims/claim.ts'
import { claimOf, experimentOf, paperOf } from '../claims/look-up.ts'
import type { Outcome } from '../study/store.ts'
import { checkRule, type Rule } from '../verdict/rule.ts'
import type { Trial } from './trial.ts'

/** The whole experiment, or one of under a minute that shows that it works. */
export type Form = 'full' | 'short'

/** How much is run; other fields are the experiment's own, and reach `measure` as `trial.size`. */
export interface Size {
  /** From 0, the same for every arm, so that arms are compared in pairs. */
  readonly seeds: number
  /** Every arm is tried at each of them, and judged at its best. Absent: nothing is trained at a grid of rates. */
  readonly learningRates?: readonly number[]
  /** Names of the arms. Default: all. Statements about others are not judged. */
  readonly arms?: readonly string[]
}

/**
 * What it means for a claim that a statement holds: it supports or refutes it, and the other way round where the statement
 * is false; or it only shows how things are.
 */
export type Bearing = 'supports' | 'refutes' | 'informs'

/** Something that may be true or false, with the rule that decides: both written before anything runs. */
export interface Statement {
  readonly says: Text
  readonly rule: Rule
  /** By number of the claim. */
  readonly claims?: Readonly<Record<number, Bearing>>
  /** By id of the published result. */
  readonly papers?: Readonly<Record<string, Bearing>>
}

export type Metrics = Readonly<Record<string, number>>

export interface ExperimentOptions<A extends object, S extends Size> {
  /** In the catalogue of the claim book: `E8`. */
  readonly id: string
  /** `import.meta.url`: results are kept with the digest of the file that made them. */
  readonly file: string
  /** Wall time on two cores. */
  readonly minutes: Readonly<Record<Form, number>>
  /** What is compared, by name: plain JSON. */
  readonly arms: Readonly<Record<string, A>>
  readonly full: S
  readonly short: S
  /** Runs one trial at a time, on all cores: where time is measured. */
  readonly alone?: true
  /** One trial of an arm. Metrics alone say that it went well; else `{ state, metrics }`. */
  measure(arm: A, trial: Trial<S>): Metrics | Outcome | Promise<Metrics | Outcome>
  /** By a short name. */
  readonly statements: Readonly<Record<string, Statement>>
}

/** An experiment of the catalogue that can be run; see `runExperiment`. */
export type Experiment = Omit<ExperimentOptions<object, Size>, 'arms'> & {
  readonly arms: Readonly<Record<string, JsonObject>>
}

const forms: readonly Form[] = ['full', 'short']

/** The arms that a form of an experiment runs. */
export const armsOf = ({ arms, full, short }: Experiment, form: Form): string[] => [
  ...((form === 'full' ? full : short).arms ?? Object.keys(arms)),
]

/** The arms that a rule names; none where it is about all. */
export const namedArms = (rule: Rule): readonly string[] =>
  'arms' in rule ? rule.arms : 'arm' in rule ? [rule.arm] : []

/** Throws OptionError where what a statement bears on does not name the experiment, whole or a part of it. */
function needNamed(where: string, what: string, named: readonly string[], id: string): void {
  if (named.some((name) => name.replace(/[a-z]$/, '') === id)) return
  throw new OptionError(
    `${where}: ${what} names ${named.join(', ') || 'no experiment'}, not ${id}; add it to the book, or leave it`,
  )
}

/**
 * An experiment: arms, how one trial of an arm is measured, and statements with their rules.
 *
 * Throws OptionError for an id, a claim or a paper that does not exist or does not name the experiment, and for a rule that
 * cannot be, or names an arm that is not there.
 */
export function experiment<A extends object, S extends Size>(options: ExperimentOptions<A, S>): Experiment {
  const { id, arms, statements } = options
  experimentOf(id)
  for (const form of forms) {
    for (const arm of options[form].arms ?? []) choose(`experiment ${id}: arm`, arms, arm)
    if (!Number.isSafeInteger(options[form].seeds) || options[form].seeds < 1)
      throw new OptionError(`experiment ${id}: ${form}: seeds must be a whole number of at least 1`)
  }
  for (const [name, { rule, claims = {}, papers = {} }] of Object.entries(statements)) {
    const where = `experiment ${id}: ${name}`
    for (const arm of namedArms(checkRule(rule))) choose(`${where}: arm`, arms, arm)
    for (const claim of Object.keys(claims)) needNamed(where, `claim ${claim}`, claimOf(Number(claim)).experiments, id)
    for (const paper of Object.keys(papers)) needNamed(where, paper, paperOf(paper).experiments, id)
  }
  return options as unknown as Experiment
}

/** Whether a value, out of a module, is an experiment. */
export const isExperiment = (value: unknown): value is Experiment =>
  typeof value === 'object' && value !== null && 'measure' in value && 'statements' in value && 'arms' in value

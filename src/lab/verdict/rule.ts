/** Verdict rules as plain JSON, written before anything runs. */
import {
  array,
  enum as oneOf,
  exactOptional,
  literal,
  number,
  object,
  strictObject,
  string,
  tuple,
  type ZodType,
} from 'zod'
import { messageOf, OptionError } from '../../errors.ts'
import { checkJson } from '../../files/json.ts'
import { choose } from '../../nn/options.ts'
import type { Better, RunOutcome } from '../statistics/run-result.ts'
import type { Bilingual } from './bilingual.ts'

interface Sampled {
  /** Share of verdicts like this that are not false alarms; default 0.95. */
  readonly confidence?: number
  /** The one learning rate to judge at; default: of every arm the best of its grid. */
  readonly learningRate?: number
}

interface Measured extends Sampled {
  readonly metric: string
  readonly better: Better
  /** The smallest difference that matters, in units of the metric. */
  readonly smallest: number
  /** From this difference on an effect is called large; default 5 times the smallest. */
  readonly large?: number
}

/** The first arm is better than the second, by what matters. */
export interface DifferenceRule extends Measured {
  readonly kind: 'difference'
  readonly arms: readonly [string, string]
}

/** Every arm is better than the next one. */
export interface OrderRule extends Measured {
  readonly kind: 'order'
  readonly arms: readonly string[]
}

/** Which arms are best: each of the others is worse than the leader, or equal to it within `smallest`. */
export interface BestRule extends Measured {
  readonly kind: 'best'
  readonly arms: readonly string[]
}

/** `failed` is plateaued or diverged. */
export type CountedOutcome = RunOutcome | 'failed'

/** An outcome is more (or less) frequent in the first arm than in the second. */
export interface RateRule extends Sampled {
  readonly kind: 'rate'
  readonly outcome: CountedOutcome
  readonly is: 'lower' | 'higher'
  readonly arms: readonly [string, string]
  /** The smallest difference of rates that matters, in (0, 1]. */
  readonly smallest: number
  /** Default 0.2. */
  readonly large?: number
}

/** The metric of an arm lies on one side of a bound; in `large` (optional) from it the effect is large. */
export interface ThresholdRule extends Sampled {
  readonly kind: 'threshold'
  readonly arm: string
  readonly metric: string
  readonly is: 'above' | 'below'
  readonly bound: number
  readonly large?: number
}

/** How often an outcome comes lies on one side of a bound in (0, 1). */
export interface FrequencyRule extends Sampled {
  readonly kind: 'frequency'
  readonly arm: string
  readonly outcome: CountedOutcome
  readonly is: 'above' | 'below'
  readonly bound: number
}

/**
 * How many of one count are of another, two metrics of every run (`0 <= count <= of`), lies on one side of a bound in
 * (0, 1): over all runs together, for what is counted independently.
 */
export interface ShareRule extends Sampled {
  readonly kind: 'share'
  readonly arm: string
  readonly count: string
  readonly of: string
  readonly is: 'above' | 'below'
  readonly bound: number
}

/** A metric equals a number in every result: `|metric - equals| <= tolerance`. */
export interface IdentityRule {
  readonly kind: 'identity'
  readonly metric: string
  /** Default 0: the metric is an error. */
  readonly equals?: number
  readonly tolerance: number
  /** `exact` (default) for algebra, `deterministic` for facts of a program: a shape, a count, a thrown error. */
  readonly strength?: 'exact' | 'deterministic'
}

/** A statement that cannot be tested here. */
export interface UntestableRule {
  readonly kind: 'untestable'
  readonly reason: Bilingual
}

export type Rule =
  | DifferenceRule
  | OrderRule
  | BestRule
  | RateRule
  | ThresholdRule
  | FrequencyRule
  | ShareRule
  | IdentityRule
  | UntestableRule

const name = string().min(1)
const positive = number().positive()
const rate = number().gt(0).lt(1)
const outcome = oneOf(['trained', 'plateaued', 'diverged', 'failed'])
const side = oneOf(['above', 'below'])
const differing = 'expected different arms'
const pair = tuple([name, name]).refine(([a, b]) => a !== b, differing)
const list = array(name)
  .min(2)
  .refine((arms) => new Set(arms).size === arms.length, differing)
const sampled = { confidence: exactOptional(rate), learningRate: exactOptional(positive) }
const measured = {
  ...sampled,
  metric: name,
  better: oneOf(['lower', 'higher']),
  smallest: positive,
  large: exactOptional(positive),
}

const schemas: { readonly [K in Rule['kind']]: ZodType<Extract<Rule, { kind: K }>> } = {
  difference: strictObject({ kind: literal('difference'), arms: pair, ...measured }),
  order: strictObject({ kind: literal('order'), arms: list, ...measured }),
  best: strictObject({ kind: literal('best'), arms: list, ...measured }),
  rate: strictObject({
    kind: literal('rate'),
    outcome,
    is: oneOf(['lower', 'higher']),
    arms: pair,
    smallest: positive.max(1),
    large: exactOptional(positive.max(1)),
    ...sampled,
  }),
  threshold: strictObject({
    kind: literal('threshold'),
    arm: name,
    metric: name,
    is: side,
    bound: number(),
    large: exactOptional(positive),
    ...sampled,
  }),
  frequency: strictObject({ kind: literal('frequency'), arm: name, outcome, is: side, bound: rate, ...sampled }),
  share: strictObject({ kind: literal('share'), arm: name, count: name, of: name, is: side, bound: rate, ...sampled }),
  identity: strictObject({
    kind: literal('identity'),
    metric: name,
    equals: exactOptional(number()),
    tolerance: number().nonnegative(),
    strength: exactOptional(oneOf(['exact', 'deterministic'])),
  }),
  untestable: strictObject({ kind: literal('untestable'), reason: strictObject({ en: name, zh: name }) }),
}

/** `value` as a rule. Throws OptionError that names the field which does not fit. */
export function checkRule(value: unknown): Rule {
  const head = object({ kind: string() }).safeParse(value)
  if (!head.success)
    throw new OptionError(`rule: expected an object with a kind, one of ${Object.keys(schemas).join(', ')}`)
  const schema: ZodType<Rule> = choose<ZodType<Rule>>('rule', schemas, head.data.kind)
  try {
    return checkJson(value, schema, `rule of kind '${head.data.kind}'`)
  } catch (error) {
    throw new OptionError(messageOf(error))
  }
}

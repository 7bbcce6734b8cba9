import { DivergedError, OptionError } from '../../errors.ts'
import type { Random } from '../../random.ts'

export interface SamplingOptions {
  /** Logits are divided by it; 0 always takes the most probable token. Default 1. */
  readonly temperature?: number
  /** Only this many most probable tokens may be drawn. Default: all. Source: Fan et al. 2018, arXiv:1805.04833. */
  readonly topK?: number
  /** Only the most probable tokens that reach this share of the probability of those left by topK together. Default 1. Source: Holtzman et al. 2019, arXiv:1904.09751. */
  readonly topP?: number
  /** Only tokens of at least this share of the largest probability. Default 0. Source: Nguyen et al. 2024, arXiv:2407.01082. */
  readonly minP?: number
  /** Logits of tokens seen so far are divided by it where positive, multiplied where negative. Default 1. Source: Keskar et al. 2019, arXiv:1909.05858. */
  readonly repetitionPenalty?: number
}

export type Sampling = Required<SamplingOptions>

type Rule = readonly [fits: (value: number) => boolean, expected: string]

const rules: Readonly<Record<keyof Sampling, Rule>> = {
  temperature: [(value) => value >= 0 && value < Infinity, '0 or more'],
  topK: [(value) => value === Infinity || (Number.isInteger(value) && value >= 1), 'a whole number of at least 1'],
  topP: [(value) => value > 0 && value <= 1, 'above 0, at most 1'],
  minP: [(value) => value >= 0 && value <= 1, 'from 0 to 1'],
  repetitionPenalty: [(value) => value > 0 && value < Infinity, 'above 0'],
}

/** The options with nothing left open. Throws OptionError for one out of its range. */
export function samplingOf(options: SamplingOptions): Sampling {
  const { temperature = 1, topK = Infinity, topP = 1, minP = 0, repetitionPenalty = 1 } = options
  const all = { temperature, topK, topP, minP, repetitionPenalty }
  for (const [name, [fits, expected]] of Object.entries(rules)) {
    const value = all[name as keyof Sampling]
    if (!fits(value)) throw new OptionError(`generate: ${name} must be ${expected}, got ${value}`)
  }
  return all
}

/** The place of the largest; of equal ones the first. */
export function argMax(values: ArrayLike<number>): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i
  return best
}

/** `logits` with those of the tokens in `seen` made less likely. */
function penalised(logits: Float32Array, seen: Iterable<number>, penalty: number): Float32Array {
  if (penalty === 1) return logits
  const result = logits.slice()
  for (const id of seen) {
    const value = logits[id]!
    result[id] = value > 0 ? value / penalty : value * penalty
  }
  return result
}

/** Of the weights of tokens, the largest being 1, the smallest that may be drawn, and how many of just that weight. */
function leastAdmitted(weights: Float64Array, { topK, topP, minP }: Sampling): { least: number; ties: number } {
  const rising = weights.slice().sort()
  const top = rising.subarray(Math.max(0, rising.length - topK))
  const wanted = topP * top.reduce((sum, weight) => sum + weight, 0)
  let first = top.length - 1
  for (let total = top[first]!; first > 0 && total < wanted && top[first - 1]! >= minP; total += top[first]!) first--
  const least = top[first]!
  return { least, ties: rising.lastIndexOf(least) - (rising.length - top.length + first) + 1 }
}

/** Sets the weights of tokens that may not be drawn to 0; of equal ones those of larger number first. */
function limit(weights: Float64Array, sampling: Sampling): void {
  const { topK, topP, minP } = sampling
  if (topK >= weights.length && topP === 1 && minP === 0) return
  const { least, ties } = leastAdmitted(weights, sampling)
  let seen = 0
  for (let id = 0; id < weights.length; id++) {
    const weight = weights[id]!
    if (weight < least || (weight === least && ++seen > ties)) weights[id] = 0
  }
}

/** Throws DivergedError for logits of which none is the largest: one is NaN or infinite, or all are -infinity. */
export function needLogits(logits: Float32Array): void {
  if (Number.isFinite(logits[argMax(logits)]) && !logits.includes(NaN)) return
  throw new DivergedError('generate: the logits of the next token are not finite; go on from weights that are')
}

/**
 * The next token of a sequence, drawn by its logits `[vocabulary]`; `seen` are the tokens before it.
 *
 * In this order, each among the tokens that the one before has left: repetition penalty, temperature, top-k, top-p,
 * min-p, draw. Throws DivergedError for logits that are not finite; -infinity stands for a token that is never drawn.
 */
export function sample(logits: Float32Array, seen: Iterable<number>, sampling: Sampling, source: Random): number {
  const { temperature, repetitionPenalty } = sampling
  needLogits(logits)
  const values = penalised(logits, seen, repetitionPenalty)
  const best = argMax(values)
  if (temperature === 0) return best
  const weights = new Float64Array(values.length)
  for (let id = 0; id < weights.length; id++) weights[id] = Math.exp((values[id]! - values[best]!) / temperature)
  limit(weights, sampling)
  let left = source.uniform() * weights.reduce((sum, weight) => sum + weight, 0)
  for (let id = 0; id < weights.length; id++) {
    left -= weights[id]!
    if (left < 0) return id
  }
  return best // what rounding leaves over
}

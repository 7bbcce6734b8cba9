import { OptionError } from '../../errors.ts'
import type { Random } from '../../random.ts'

export interface SamplingOptions {
  /** Logits are divided by it; 0 always takes the most probable token. Default 1. */
  readonly temperature?: number
  /** Only this many most probable tokens may be drawn. Default: all. Source: Fan et al. 2018, arXiv:1805.04833. */
  readonly topK?: number
  /** Only the most probable tokens that reach this share of probability together. Default 1. Source: Holtzman et al. 2019, arXiv:1904.09751. */
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
function penalised(logits: Float32Array, seen: ArrayLike<number>, penalty: number): Float32Array {
  if (penalty === 1) return logits
  const result = logits.slice()
  for (const id of new Set(Array.from(seen))) {
    const value = logits[id]!
    result[id] = value > 0 ? value / penalty : value * penalty
  }
  return result
}

/** How many of probabilities in falling order may be drawn. */
function admitted(probabilities: Float64Array, { topK, topP, minP }: Sampling): number {
  const floor = minP * probabilities[0]!
  let total = 0
  let count = 0
  while (count < Math.min(topK, probabilities.length) && (count === 0 || total < topP)) {
    if (probabilities[count]! < floor) break
    total += probabilities[count++]!
  }
  return Math.max(1, count)
}

/**
 * The next token of a sequence, drawn by its logits `[vocabulary]`; `seen` are the tokens before it.
 *
 * In this order: repetition penalty, temperature, top-k, top-p, min-p, draw.
 */
export function sample(logits: Float32Array, seen: ArrayLike<number>, sampling: Sampling, source: Random): number {
  const { temperature, repetitionPenalty, topK, topP, minP } = sampling
  const values = penalised(logits, seen, repetitionPenalty)
  const best = argMax(values)
  if (temperature === 0) return best
  const weights = Float64Array.from(values, (value) => Math.exp((value - values[best]!) / temperature))
  const unlimited = topK >= weights.length && topP === 1 && minP === 0
  const order = Uint32Array.from(weights.keys())
  if (!unlimited) order.sort((a, b) => weights[b]! - weights[a]! || a - b)
  const sorted = Float64Array.from(order, (id) => weights[id]!)
  const total = sorted.reduce((sum, weight) => sum + weight, 0)
  const probabilities = sorted.map((weight) => weight / total)
  const count = unlimited ? order.length : admitted(probabilities, sampling)
  const mass = probabilities.subarray(0, count).reduce((sum, p) => sum + p, 0)
  let left = source.uniform() * mass
  for (let i = 0; i < count - 1; i++) {
    left -= probabilities[i]!
    if (left < 0) return order[i]!
  }
  return order[count - 1]!
}

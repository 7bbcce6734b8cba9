import { OptionError } from '../../errors.ts'
import type { Session } from '../session.ts'
import { Decoder } from './decoder.ts'
import { contextOf, needRequest, tokenCount } from './generate.ts'
import { argMax, needLogits } from './sampling.ts'

export interface BeamOptions {
  /** Sequences that are kept at every step. Default 4. */
  readonly beams?: number
  /** Most new tokens. Default 100. */
  readonly tokens?: number
  /** A sequence ends with any of these tokens, which are not given. Default none: all have the same length. */
  readonly ends?: readonly number[]
  /** Sequences are compared by log-probability / length^lengthPenalty. Default 1: the mean per token. */
  readonly lengthPenalty?: number
}

/** A sequence that beam search has found. */
export interface Hypothesis {
  /** The new tokens, without the one that ended it. */
  readonly tokens: Int32Array
  /** Sum of the log-probabilities of the new tokens and the end, nats. */
  readonly logProbability: number
  /** What it was compared by. */
  readonly score: number
  readonly reason: 'end' | 'tokens'
}

interface Beam {
  readonly ids: readonly number[]
  readonly logProbability: number
}

interface Candidate {
  readonly parent: number
  readonly token: number
  readonly logProbability: number
}

/** `log(sum(exp(logits)))`. */
function logSumExp(logits: Float32Array): number {
  const largest = logits[argMax(logits)]!
  let total = 0
  for (const x of logits) total += Math.exp(x - largest)
  return largest + Math.log(total)
}

/** The most probable continuations, best first; of equal ones the earlier beam, then the smaller token. */
function best(beams: readonly Beam[], logits: readonly Float32Array[], count: number): Candidate[] {
  const found: Candidate[] = []
  beams.forEach((beam, parent) => {
    needLogits(logits[parent]!)
    const before = beam.logProbability - logSumExp(logits[parent]!)
    logits[parent]!.forEach((value, token) => {
      const logProbability = before + value
      if (found.length === count && logProbability <= found.at(-1)!.logProbability) return
      const place = found.findIndex((other) => other.logProbability < logProbability)
      found.splice(place < 0 ? found.length : place, 0, { parent, token, logProbability })
      if (found.length > count) found.pop()
    })
  })
  return found
}

/**
 * Beam search: the best continuations of one prompt, best first, at most `beams`. At each step the `beams` most probable
 * of all continuations by one token are kept; those that end leave the search, which stops once none that is left can
 * become better than the `beams` found. One beam is the greedy sequence.
 *
 * Source: Graves 2012, arXiv:1211.3711; length penalty: Wu et al. 2016, arXiv:1609.08144, in the simple form `length^a`.
 */
export async function beamSearch(
  session: Session,
  prompt: Int32Array,
  options: BeamOptions,
  source?: Int32Array,
): Promise<Hypothesis[]> {
  const { beams: width = 4, ends = [], lengthPenalty = 1 } = options
  if (!Number.isInteger(width) || width < 1)
    throw new OptionError(`beamSearch: beams must be a whole number of at least 1, got ${width}`)
  if (!(lengthPenalty >= 0 && lengthPenalty < Infinity))
    throw new OptionError(`beamSearch: lengthPenalty must be 0 or more, got ${lengthPenalty}`)
  const count = tokenCount(options.tokens)
  needRequest(session, { prompts: [prompt], ...(source && { sources: [source] }) })
  const context = contextOf(session, source?.length ?? 0)
  const sources = source && new Array<Int32Array>(width).fill(source)
  const room = prompt.length + count
  const decoder = new Decoder(session, { batch: width, context, room, reorder: true, ...(sources && { sources }) })
  const scoreOf = (logProbability: number, length: number): number => logProbability / length ** lengthPenalty
  const done: Hypothesis[] = []
  const finish = (ids: readonly number[], logProbability: number, reason: Hypothesis['reason']): void => {
    const score = scoreOf(logProbability, ids.length + Number(reason === 'end'))
    done.push({ tokens: Int32Array.from(ids), logProbability, score, reason })
    done.sort((a, b) => b.score - a.score)
    done.length = Math.min(done.length, width)
  }
  let beams: Beam[] = [{ ids: [], logProbability: 0 }]
  let parents: number[] | undefined
  try {
    for (let step = 1; step <= count && beams.length > 0; step++) {
      const rows = Array.from({ length: width }, (_, i) => beams[Math.min(i, beams.length - 1)]!)
      const logits = await decoder.next(
        rows.map(({ ids }) => Int32Array.of(...prompt, ...ids)),
        parents,
      )
      const next: Beam[] = []
      const from: number[] = []
      for (const { parent, token, logProbability } of best(beams, logits, width)) {
        const { ids } = beams[parent]!
        if (ends.includes(token)) finish(ids, logProbability, 'end')
        else {
          next.push({ ids: [...ids, token], logProbability })
          from.push(parent)
        }
      }
      beams = next
      parents = Array.from({ length: width }, (_, i) => from[Math.min(i, from.length - 1)]!)
      // A log-probability only falls; divided by the greatest length that is left it can become no better than this.
      const hope = Math.max(...beams.map(({ logProbability }) => scoreOf(logProbability, count)))
      if (done.length === width && done.at(-1)!.score >= hope) beams = []
    }
    for (const { ids, logProbability } of beams) finish(ids, logProbability, 'tokens')
    return done
  } finally {
    await decoder.close()
  }
}

import { OptionError } from '../../errors.ts'
import { random } from '../../random.ts'
import type { Session } from '../session.ts'
import { typeText } from '../../tensor.ts'
import { Decoder } from './decoder.ts'
import { netOption } from './net-option.ts'
import { sample, type SamplingOptions, samplingOf } from './sampling.ts'

export interface TokenOptions extends SamplingOptions {
  /** Most new tokens of each sequence. Default 100. */
  readonly tokens?: number
  /** Decides the draws, of each sequence its own. Default 0. */
  readonly seed?: number
  /** A sequence ends with any of these tokens, which are not given. Default none. */
  readonly ends?: readonly number[]
  /** Asked for every new token; true ends its sequence behind it. */
  readonly until?: (row: number, token: number) => boolean
  /** Ends all sequences after the token in progress. */
  readonly signal?: AbortSignal
}

/** Sequences to go on with. */
export interface TokenRequest {
  /** Of each, the tokens it begins with, at least one. */
  readonly prompts: readonly Int32Array[]
  /** For an encoder, the source of each sequence; all equally long, as the net's `source`. */
  readonly sources?: readonly Int32Array[]
}

/** Why a sequence has ended. */
export type EndReason = 'tokens' | 'end' | 'stop' | 'cancelled'

/** A new token of sequence `row`, or its end. */
export type TokenEvent =
  | { readonly type: 'token'; readonly row: number; readonly token: number }
  | { readonly type: 'end'; readonly row: number; readonly reason: EndReason }

/** The number of new tokens asked for. Throws OptionError unless it is a whole number of at least 1. */
export function tokenCount(tokens = 100): number {
  if (Number.isInteger(tokens) && tokens >= 1) return tokens
  throw new OptionError(`generate: tokens must be a whole number of at least 1, got ${tokens}`)
}

/** Throws OptionError for prompts and sources that the net cannot take. */
export function needRequest(session: Session, { prompts, sources }: TokenRequest): void {
  const { recipe, traced } = session
  const [seen = 0, ...rest] = recipe.inputs.shape
  const [, time = 0, vocabulary] = traced.output.shape
  if (rest.length > 0 || vocabulary === undefined || recipe.inputs.dtype !== 'int32')
    throw new OptionError(
      `generate: expected a net from tokens to logits [batch, time, vocabulary], this one gives ${typeText(traced.output)}`,
    )
  if (!Array.isArray(prompts) || !prompts.every((ids) => ids instanceof Int32Array))
    throw new OptionError('generate: expected tokens as { prompts: [Int32Array, ...] }')
  if (prompts.length === 0) throw new OptionError('generate: expected at least one prompt')
  for (const ids of [...prompts, ...(sources ?? [])]) {
    if (ids.length === 0) throw new OptionError('generate: a prompt needs at least one token, got none')
    const wrong = ids.find((id) => id < 0 || id >= vocabulary)
    if (wrong !== undefined)
      throw new OptionError(`generate: expected tokens from 0 to ${vocabulary - 1}, got ${wrong}`)
  }
  const padding = sources ? undefined : netOption(session, 'padding')
  if (padding !== undefined && prompts.some((ids) => ids.includes(padding)))
    throw new OptionError(
      `generate: token ${padding} fills up sequences and is seen by no other; leave it out of prompts`,
    )
  const length = sources?.[0]?.length
  if (sources && (sources.length !== prompts.length || sources.some((ids) => ids.length !== length)))
    throw new OptionError(`generate: expected ${prompts.length} sources of one length, one for each prompt`)
  if ((length ?? 0) !== seen - time)
    throw new OptionError(`generate: the net reads a source of ${seen - time} tokens, got ${length ?? 0}`)
}

/** The longest sequence that the net of a session takes, in tokens. */
export function contextOf(session: Session, source: number): number {
  const [time = 1] = session.recipe.inputs.shape
  return netOption(session, 'context') ?? Math.max(1, time - source)
}

/**
 * New tokens, one of each sequence per pass, drawn as the options say; keys and values of earlier ones are cached. Past
 * the context of the net a sequence goes on with its last tokens, see `windowStart`.
 */
export async function* tokens(
  session: Session,
  request: TokenRequest,
  options: TokenOptions,
): AsyncGenerator<TokenEvent, void> {
  const { prompts, sources } = request
  const sampling = samplingOf(options)
  const count = tokenCount(options.tokens)
  needRequest(session, request)
  const context = contextOf(session, sources?.[0]?.length ?? 0)
  const room = Math.max(...prompts.map(({ length }) => length)) + count
  const decoder = new Decoder(session, { batch: prompts.length, context, room, ...(sources && { sources }) })
  const sequences = prompts.map((ids) => new Sequence(ids))
  const open = new Set(sequences.keys())
  const end = (row: number, reason: EndReason): TokenEvent => {
    open.delete(row)
    return { type: 'end', row, reason }
  }
  try {
    for (let step = 0; open.size > 0; step++) {
      if (options.signal?.aborted) {
        for (const row of [...open]) yield end(row, 'cancelled')
        return
      }
      const logits = await decoder.next(sequences.map(({ ids }) => ids))
      for (const [row, sequence] of sequences.entries()) {
        const source = random(options.seed ?? 0, `generate.${row}`, step)
        const token = sample(logits[row]!, sequence.ids, sampling, source)
        sequence.push(token) // a sequence that has ended goes on unseen, so that all stay equally far
        if (!open.has(row)) continue
        if (options.ends?.includes(token)) yield end(row, 'end')
        else {
          const stopped = options.until?.(row, token) ?? false
          yield { type: 'token', row, token }
          if (stopped) yield end(row, 'stop')
          else if (step + 1 === count) yield end(row, 'tokens')
        }
      }
    }
  } finally {
    await decoder.close()
  }
}

/** Tokens with room for more. */
class Sequence {
  #all: Int32Array
  #length: number

  constructor(prompt: Int32Array) {
    this.#all = prompt.slice()
    this.#length = prompt.length
  }

  get ids(): Int32Array {
    return this.#all.subarray(0, this.#length)
  }

  push(token: number): void {
    if (this.#length === this.#all.length) {
      const larger = new Int32Array(2 * this.#length)
      larger.set(this.#all)
      this.#all = larger
    }
    this.#all[this.#length++] = token
  }
}

import { pieces } from '../data/tokenizer/pieces.ts'
import type { Tokenizer } from '../data/tokenizer/tokenizer.ts'
import type { Dataset } from '../data/dataset.ts'
import { OptionError } from '../errors.ts'
import type { JsonObject } from '../files/json.ts'
import { type EndReason, tokenCount, type TokenOptions } from './generation/generate.ts'
import { samplingOf } from './generation/sampling.ts'
import { stopFilter } from './generation/stop.ts'
import { Model } from './model.ts'
import type { Session } from './session.ts'
import type { TextInfo } from './text.ts'

export interface GenerateOptions extends Omit<TokenOptions, 'until'> {
  /** A sequence ends before any of these strings, which are not given. */
  readonly stop?: string | readonly string[]
}

/** What is written during a training. */
export interface SampleOptions extends Omit<GenerateOptions, 'signal'> {
  /** Steps from one sample to the next. */
  readonly every: number
  readonly prompt: string
}

/** What came of a prompt. */
export interface Completion {
  /** The new text. */
  readonly text: string
  /** The new tokens, those of a stop string included. */
  readonly tokens: Int32Array
  readonly reason: EndReason
}

/** New tokens of one sequence as text: whole characters, up to a stop string. */
class Writer {
  readonly tokens: number[] = []
  readonly #pieces
  readonly #filter
  /** Characters of the prompt that are still to come. */
  #before: number
  text = ''

  constructor(tokenizer: Tokenizer, prompt: Int32Array, stops: readonly string[]) {
    const tail = prompt.subarray(-8) // so that the first piece keeps its space
    this.#pieces = pieces(tokenizer)
    this.#before = tokenizer.decode(tail).length
    for (const id of tail) this.#own(this.#pieces.push(id))
    this.#filter = stopFilter(stops)
  }

  /** Takes a token; says whether a stop string has come. */
  push(token: number): boolean {
    this.tokens.push(token)
    this.text += this.#filter.push(this.#own(this.#pieces.push(token)))
    return this.#filter.stopped
  }

  end(): void {
    this.text += this.#filter.push(this.#own(this.#pieces.end())) + this.#filter.end()
  }

  /** What of a piece is not the prompt's. */
  #own(piece: string): string {
    const own = piece.slice(this.#before)
    this.#before -= piece.length - own.length
    return own
  }
}

/** A compiled net whose data is text: it also writes. */
export class LanguageModel<M extends string = string> extends Model<M> {
  readonly #info: TextInfo

  constructor(session: Session, train: Dataset | null, config: JsonObject, info: TextInfo) {
    super(session, train, config, info)
    this.#info = info
  }

  get tokenizer(): Tokenizer {
    return this.#info.tokenizer
  }

  /** The text after a prompt, in pieces as they come; a character is never split. Throws OptionError for an empty prompt. */
  async *generate(prompt: string, options: GenerateOptions = {}): AsyncGenerator<string, Completion> {
    const { writers, events } = this.#write([prompt], options)
    const [writer] = writers as [Writer]
    let given = 0
    let reason: EndReason = 'tokens'
    for await (const event of events) {
      if (event.type === 'end') {
        reason = event.reason
        writer.end()
      }
      const piece = writer.text.slice(given)
      given += piece.length
      if (piece !== '') yield piece
    }
    return { text: writer.text, tokens: Int32Array.from(writer.tokens), reason }
  }

  /** What comes after each of several prompts, made side by side; a prompt may stand there more than once. */
  async complete(prompts: readonly string[], options: GenerateOptions = {}): Promise<Completion[]> {
    const { writers, events } = this.#write(prompts, options)
    const reasons = new Array<EndReason>(prompts.length).fill('tokens')
    for await (const event of events) {
      if (event.type !== 'end') continue
      writers[event.row]!.end()
      reasons[event.row] = event.reason
    }
    return writers.map(({ text, tokens }, row) => ({ text, tokens: Int32Array.from(tokens), reason: reasons[row]! }))
  }

  protected override sampler({ every: _, prompt, ...options }: SampleOptions): () => Promise<string> {
    samplingOf(options)
    tokenCount(options.tokens)
    this.#encode(prompt)
    return async () => (await this.complete([prompt], options))[0]!.text
  }

  #write(prompts: readonly string[], options: GenerateOptions) {
    const { stop = [], ...rest } = options
    const stops = typeof stop === 'string' ? [stop] : stop
    if (stops.includes('')) throw new OptionError('generate: a stop string needs at least one character')
    const { tokenizer } = this
    if (!(prompts instanceof Array) || prompts.some((prompt) => typeof prompt !== 'string'))
      throw new OptionError('generate: expected text as prompt; complete takes several: lm.complete([text, ...])')
    const ids = prompts.map((prompt) => this.#encode(prompt))
    const writers = ids.map((prompt) => new Writer(tokenizer, prompt, stops))
    const { separator } = tokenizer
    const ends = options.ends ?? this.#info.ends ?? (separator === null ? [] : [separator])
    const until = (row: number, token: number): boolean => writers[row]!.push(token)
    return { writers, events: this.generateTokens({ prompts: ids }, { ...rest, ends, until }) }
  }

  /** The tokens of a prompt; an empty one is the beginning of a text. */
  #encode(prompt: string): Int32Array {
    const { tokenizer } = this
    const ids = tokenizer.withSpecialTokens?.(prompt) ?? tokenizer.encode(prompt)
    if (ids.length > 0) return ids
    if (tokenizer.separator !== null) return Int32Array.of(tokenizer.separator)
    throw new OptionError(
      `generate: a prompt needs at least one character: ${tokenizer.name} has no token that begins a text`,
    )
  }
}

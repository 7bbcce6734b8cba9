import { DataError, OptionError } from '../../errors.ts'
import { checkInto, checkRow, type Column, type Rows } from '../column.ts'
import type { Dataset } from '../dataset.ts'
import type { Tokenizer } from '../tokenizer/tokenizer.ts'

/** Writes the tokens `from` to `from + count - 1` into `into`, from `at` on. */
export type CopyTokens = (from: number, count: number, into: Int32Array, at: number) => void

/** A long row of token ids, in memory or in a file. */
export interface Tokens {
  readonly length: number
  /** Calls `use` with a function that copies tokens and works until `use` returns. */
  read(use: (copy: CopyTokens) => void): void
}

/** Windows of a text: `context` tokens, and the token that follows each of them. */
export interface TextDataset extends Dataset {
  readonly tokenizer: Tokenizer
  /** Number of tokens of the text. */
  readonly tokens: number
  /** UTF-8 bytes of the text per token: bits per byte are nats per token / ln 2 / bytesPerToken. */
  readonly bytesPerToken: number
  /** The vocabulary. */
  readonly classes: number
}

export interface WindowOptions {
  /** Tokens of one example. */
  readonly context: number
  /** Tokens from the start of one example to the start of the next; default `context`, so that none overlap. */
  readonly stride?: number
}

/** A text for language models, cut into windows. */
export interface TextData {
  readonly train: TextDataset
  /** Null where `validation` is 0. */
  readonly validation: TextDataset | null
  readonly tokenizer: Tokenizer
  /** Number of different tokens. */
  readonly vocabulary: number
  /** Tokens of one example. */
  readonly context: number
}

/** One part of a text. */
export interface TextPart {
  readonly tokens: Tokens
  readonly bytes: number
}

interface Texts {
  readonly name: string
  readonly tokenizer: Tokenizer
  readonly train: TextPart
  readonly validation: TextPart | null
}

/** Throws OptionError unless both are whole numbers >= 1. */
export function checkWindows({ context, stride = context }: WindowOptions): void {
  for (const [name, value] of Object.entries({ context, stride })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new OptionError(`text: expected ${name} to be a whole number >= 1, got ${value}`)
    }
  }
}

/** Cuts both parts into windows. Throws OptionError and DataError as `windows` does. */
export function textData({ name, tokenizer, train, validation }: Texts, options: WindowOptions): TextData {
  checkWindows(options)
  return {
    train: windows(`${name}.train`, train, tokenizer, options),
    validation: validation && windows(`${name}.validation`, validation, tokenizer, options),
    tokenizer,
    vocabulary: tokenizer.vocabulary,
    context: options.context,
  }
}

/**
 * Example i: inputs are the tokens i * stride to i * stride + context - 1, targets the same one further.
 *
 * Shapes: inputs and targets `[size, context]` int32; size is floor((tokens - context - 1) / stride) + 1.
 * Throws DataError where there are less than context + 1 tokens, OptionError for more than 2^32 - 1 windows.
 */
function windows(
  name: string,
  { tokens, bytes }: TextPart,
  tokenizer: Tokenizer,
  { context, stride = context }: WindowOptions,
): TextDataset {
  if (tokens.length <= context) {
    throw new DataError(
      `${name}: expected at least ${context + 1} tokens, context + 1, got ${tokens.length}; give more text or choose a shorter context`,
    )
  }
  const size = Math.floor((tokens.length - context - 1) / stride) + 1
  if (size >= 2 ** 32) {
    throw new OptionError(`${name}: expected less than 2^32 examples, got ${size}; choose a larger stride`)
  }
  const columnAt = (offset: number): Column => ({
    dtype: 'int32',
    shape: [context],
    gather: (rows, into) => {
      checkInto(into, 'int32', rows.length * context)
      for (const row of rows) checkRow(row, size)
      tokens.read((copy) => copyWindows(copy, rows, stride, offset, context, into as Int32Array))
    },
  })
  return {
    name,
    size,
    inputs: columnAt(0),
    targets: columnAt(1),
    classes: tokenizer.vocabulary,
    tokenizer,
    tokens: tokens.length,
    bytesPerToken: bytes / tokens.length,
  }
}

function copyWindows(
  copy: CopyTokens,
  rows: Rows,
  stride: number,
  offset: number,
  context: number,
  into: Int32Array,
): void {
  let at = 0
  for (const row of rows) {
    copy(row * stride + offset, context, into, at)
    at += context
  }
}

import { DataError } from '../../errors.ts'
import type { Tokenizer } from '../tokenizer/tokenizer.ts'
import { pauses } from './pause.ts'
import type { TextSource } from './source.ts'
import { checkSplit, type Part, splitDocuments, type SplitOptions } from './split.ts'
import { type Survey, survey, type WorkOptions } from './survey.ts'
import {
  blankLine,
  checkChoice,
  chooseTokenizer,
  type ChosenTokenizer,
  type TokenizerChoice,
} from './tokenizer-choice.ts'

export interface EncodeOptions extends SplitOptions {
  readonly tokenizer: TokenizerChoice
}

/** A source of which all is decided: its split and its tokenizer. */
export interface Plan extends ChosenTokenizer {
  readonly source: TextSource
  readonly size: Survey
  readonly split: Required<SplitOptions>
}

/** What a part came to. */
export interface PartSize {
  readonly documents: number
  readonly tokens: number
  /** UTF-8 bytes of its text. */
  readonly bytes: number
}

/** Measures a source and makes its tokenizer, in two or three readings. Throws OptionError and DataError. */
export async function plan(
  source: TextSource,
  { tokenizer, validation = 0.1, seed = 0 }: EncodeOptions,
  work: WorkOptions = {},
): Promise<Plan> {
  const split = { validation, seed }
  checkSplit(split)
  checkChoice(tokenizer)
  const size = await survey(source, work)
  return { source, size, split, ...chooseTokenizer(tokenizer, source, size, split, work) }
}

/**
 * Encodes a source, one document at a time, and hands the tokens of each part to `write` in order.
 *
 * Between two documents of a part comes the tokenizer's separator, else a blank line. Throws DataError where a tokenizer
 * gives an id outside its vocabulary.
 */
export async function pack(
  { source, size, split, tokenizer }: Plan,
  write: (part: Part, ids: Int32Array) => void,
  { onProgress, signal }: WorkOptions = {},
): Promise<Record<Part, PartSize>> {
  const pause = pauses(signal)
  const none: PartSize = { documents: 0, tokens: 0, bytes: 0 }
  const parts: Record<Part, PartSize> = { train: none, validation: none }
  const add = (part: Part, ids: Int32Array, documents: number, bytes: number): void => {
    checkIds(ids, tokenizer)
    write(part, ids)
    const before = parts[part]
    parts[part] = {
      documents: before.documents + documents,
      tokens: before.tokens + ids.length,
      bytes: before.bytes + bytes,
    }
  }
  for (const { part, text } of splitDocuments(source, size.documents, split)) {
    if (text === '') continue
    if (parts[part].documents > 0) {
      if (tokenizer.separator === null) add(part, tokenizer.encode(blankLine), 0, blankLine.length)
      else add(part, Int32Array.of(tokenizer.separator), 0, 0)
    }
    add(part, tokenizer.encode(text), 1, Buffer.byteLength(text))
    const { train, validation } = parts
    onProgress?.({
      phase: 'encode',
      documents: train.documents + validation.documents,
      bytes: train.bytes + validation.bytes,
      totalBytes: size.bytes,
    })
    await pause()
  }
  return parts
}

function checkIds(ids: Int32Array, { name, vocabulary }: Tokenizer): void {
  for (const id of ids) {
    if (id < 0 || id >= vocabulary) throw new DataError(`${name}: expected ids from 0 to ${vocabulary - 1}, got ${id}`)
  }
}

import type { JsonObject } from '../../files/json.ts'

/** Turns text into token numbers and back. */
export interface Tokenizer {
  /** How a run names it: `char`, `byte`, `bpe:4096` or the file it came from. */
  readonly name: string
  /** Number of tokens; ids run from 0 to `vocabulary - 1`. */
  readonly vocabulary: number
  /** The token that stands between two documents, or null where there is none. */
  readonly separator: number | null
  /**
   * Ids of a text; special tokens are neither added nor recognised, so that no text can forge one.
   * Half a surrogate pair is written as U+FFFD, as UTF-8 does. Throws DataError for text that it cannot write.
   */
  encode(text: string): Int32Array
  /**
   * The text of ids, special tokens spelled out and no space tidied away; bytes that are no whole character become
   * U+FFFD. Throws DataError for an id outside the vocabulary.
   */
  decode(ids: ArrayLike<number>): string
  /**
   * Ids of a text with its special tokens: those that it spells are recognised, and those that the published tokenizer
   * puts around one text (`[CLS]`, `<s>`) are added unless `around` is false, as a chat template wants it that spells
   * them all. Only for text you trust. Absent where there is no special token.
   */
  withSpecialTokens?(text: string, options?: { readonly around?: boolean }): Int32Array
  /** The standard `tokenizer.json` that says all of this; `readTokenizer` gives the same tokenizer back. */
  toJson(): JsonObject
}

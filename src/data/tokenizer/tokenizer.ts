import type { JsonObject } from '../../files/json.ts'

/** Turns text into token numbers and back. */
export interface Tokenizer {
  /** How a run names it: `char`, `byte`, `bpe:4096` or the file it came from. */
  readonly name: string
  /** Number of tokens; ids run from 0 to `vocabulary - 1`. */
  readonly vocabulary: number
  /** The token that stands between two documents, or null where there is none. */
  readonly separator: number | null
  /** Ids of a text; special tokens are neither added nor recognised. Throws DataError for text that it cannot write. */
  encode(text: string): Int32Array
  /** The text of ids; bytes that are no whole character become U+FFFD. Throws DataError for an id outside the vocabulary. */
  decode(ids: ArrayLike<number>): string
  /** The standard `tokenizer.json` that says all of this; `readTokenizer` gives the same tokenizer back. */
  toJson(): JsonObject
}

import type { Tokenizer } from './tokenizer.ts'

/** Turns ids that come one at a time into text. */
export interface Pieces {
  /** The text that `id` completes, often none: a character is never split. */
  push(id: number): string
  /** What is still held back, in which bytes that are no whole character become U+FFFD; starts anew. */
  end(): string
}

/** Ids that are kept so that the next is decoded in context; UTF-8 is in step again after 3 bytes, a character has 4. */
const context = 8
const window = 32

/**
 * A streaming decoder: the pieces of all pushes and of `end`, joined, are `tokenizer.decode` of all ids. A character is
 * a code point; a U+FFFD at the end waits for the next id, since it may be the beginning of a character.
 *
 * Holds for each tokenizer whose text of some ids begins the text of these and more: bytes, byte-level BPE, characters,
 * WordPiece, and SentencePiece's (Metaspace, byte fallback), whose first piece loses its space.
 * Throws DataError for an id outside the vocabulary. Each push decodes at most 32 ids.
 */
export function pieces(tokenizer: Tokenizer): Pieces {
  let ids: number[] = []
  let shown = 0
  const whole = (text: string): string => (text.endsWith('\uFFFD') ? text.slice(0, -1) : text)
  return {
    push(id) {
      const text = whole(tokenizer.decode([...ids, id]))
      const piece = text.slice(shown)
      ids.push(id)
      shown = text.length
      if (ids.length === window) {
        ids = ids.slice(-context)
        shown = whole(tokenizer.decode(ids)).length
      }
      return piece
    },
    end() {
      const piece = tokenizer.decode(ids).slice(shown)
      ids = []
      shown = 0
      return piece
    },
  }
}

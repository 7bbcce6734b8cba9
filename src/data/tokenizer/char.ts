import { DataError } from '../../errors.ts'
import { quote } from '../../files/json.ts'
import { outside } from './byte-level.ts'
import { bpeJson } from './tokenizer-json.ts'
import type { Tokenizer } from './tokenizer.ts'

const halfPair = /\p{Surrogate}/u

/**
 * One token per character: the distinct code points of a text, or of all `texts`, in the order of their numbers.
 *
 * `encode` throws DataError, naming it, for a character that is not among them; there is no separator.
 * Throws DataError when there is no character at all, or half a surrogate pair.
 */
export function charTokenizer(texts: string | Iterable<string>): Tokenizer {
  const distinct = new Set<string>()
  for (const text of texts) for (const character of text) distinct.add(character)
  return fromCharacters([...distinct].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!))
}

/** The tokenizer whose token `id` is `characters[id]`. */
export function fromCharacters(characters: readonly string[]): Tokenizer {
  const name = 'char'
  if (characters.length === 0) throw new DataError('charTokenizer: expected a text of at least one character, got none')
  const half = characters.find((character) => halfPair.test(character))
  if (half !== undefined) {
    throw new DataError(`charTokenizer: expected whole characters, got half a surrogate pair, ${quote(half)}`)
  }
  const ids = new Map(characters.map((character, id) => [character, id]))
  return {
    name,
    vocabulary: characters.length,
    separator: null,
    encode(text) {
      const out = new Int32Array(text.length)
      let length = 0
      for (const character of text) {
        const id = ids.get(character)
        if (id === undefined) {
          const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')
          throw new DataError(
            `tokenizer char: expected one of its ${characters.length} characters, got ${quote(character)} (U+${code})`,
          )
        }
        out[length++] = id
      }
      return out.slice(0, length)
    },
    decode: (list) =>
      Array.from(list, (id) => {
        const character = characters[id]
        if (character === undefined) throw outside(name, characters.length, id)
        return character
      }).join(''),
    toJson: () =>
      bpeJson({ tokens: characters, merges: [], special: null, preTokenizer: null, decoder: { type: 'Fuse' } }),
  }
}

import { DataError } from '../../errors.ts'

/** The text of the token between two documents in every tokenizer made here, as GPT-2 spells it. */
export const separatorText = '<|endoftext|>'

const printable = (byte: number): boolean =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae

/** The 256 bytes in the order of GPT-2's vocabulary: those that print first, each class ascending. */
export const byteOrder: readonly number[] = Array.from({ length: 256 }, (_, byte) => byte).sort(
  (a, b) => Number(printable(b)) - Number(printable(a)) || a - b,
)

const printing = byteOrder.filter(printable).length
const letters: string[] = []
for (const [i, byte] of byteOrder.entries()) {
  letters[byte] = String.fromCodePoint(i < printing ? byte : 256 + i - printing)
}

/** GPT-2's letter for each byte: itself where it prints, else the next code point from 256, so that a space is `Ġ`. */
export const byteLetters: readonly string[] = letters

const byteOfLetter = new Map(letters.map((letter, byte) => [letter, byte]))

/** The bytes that a token of a byte-level vocabulary stands for; undefined where it is not spelled in `byteLetters`. */
export function bytesOfToken(token: string): Uint8Array | undefined {
  const bytes = new Uint8Array(token.length)
  for (let i = 0; i < token.length; i++) {
    const byte = byteOfLetter.get(token[i]!)
    if (byte === undefined) return undefined
    bytes[i] = byte
  }
  return bytes
}

const wordPattern = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu

/**
 * Calls `visit` with the words of `text` by GPT-2's pattern, in order; together they are the text.
 * White space is what JavaScript's `\s` is, as in @huggingface/tokenizers and gpt-tokenizer: with U+FEFF, without U+0085.
 * Source: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", encoder.py.
 */
export function forEachWord(text: string, visit: (word: string) => void): void {
  let start = 0
  wordPattern.lastIndex = 0
  while (wordPattern.test(text)) {
    const end = wordPattern.lastIndex
    visit(text.slice(start, end))
    wordPattern.lastIndex = start = end
  }
}

/** The text of ids whose bytes are `tokens[id]`. Throws DataError for an id outside the vocabulary. */
export function decodeBytes(tokens: readonly Uint8Array[], ids: ArrayLike<number>, name: string): string {
  const parts = Array.from(ids, (id) => {
    const token = tokens[id]
    if (!token) throw outside(name, tokens.length, id)
    return token
  })
  const bytes = Buffer.concat(parts)
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

/** The error of an id that is no token. */
export function outside(name: string, vocabulary: number, id: number): DataError {
  return new DataError(`tokenizer ${name}: expected ids from 0 to ${vocabulary - 1}, got ${id}`)
}

import { byteLetters, decodeBytes, separatorText } from './byte-level.ts'
import { encodeSpecial } from './special.ts'
import { bpeJson, byteLevelJson } from './tokenizer-json.ts'
import type { Tokenizer } from './tokenizer.ts'

/** One token per UTF-8 byte, ids 0 to 255, and the separator `<|endoftext|>`, id 256. It writes every text. */
export function byteTokenizer(): Tokenizer {
  const name = 'byte'
  const special = { id: 256, content: separatorText }
  const tokens = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte))
  tokens.push(Buffer.from(separatorText))
  const encode = (text: string): Int32Array => Int32Array.from(Buffer.from(text))
  return {
    name,
    vocabulary: tokens.length,
    separator: special.id,
    encode,
    decode: (ids) => decodeBytes(tokens, ids, name),
    withSpecialTokens: (text) => encodeSpecial(text, special, encode),
    toJson: () =>
      bpeJson({
        tokens: byteLetters,
        merges: [],
        special,
        preTokenizer: byteLevelJson(false),
        decoder: byteLevelJson(false),
      }),
  }
}

import type { SpecialToken } from './tokenizer-json.ts'

/** Ids of a text in which `special` is recognised where it is spelled; `encode` gives those of the text between. */
export function encodeSpecial(text: string, special: SpecialToken, encode: (text: string) => Int32Array): Int32Array {
  const parts = text.split(special.content).map(encode)
  const ids = new Int32Array(parts.reduce((sum, part) => sum + part.length, parts.length - 1)).fill(special.id)
  let end = 0
  for (const part of parts) {
    ids.set(part, end)
    end += part.length + 1
  }
  return ids
}

import { byteLetters, bytesOfToken, decodeBytes, forEachWord } from './byte-level.ts'
import { Heap } from './heap.ts'
import { encodeSpecial } from './special.ts'
import { bpeJson, byteLevelJson, type SpecialToken } from './tokenizer-json.ts'
import type { Tokenizer } from './tokenizer.ts'

/** The words whose ids are remembered; a longer word, or more of them, are worked out anew. */
const longestCachedWord = 64
const cachedWords = 2 ** 17

/** A byte-level BPE as a file or a training gives it. */
export interface Bpe {
  /** Every token but the special one by id, spelled in `byteLetters`; all 256 of these are among them. */
  readonly tokens: readonly (string | undefined)[]
  /** The pairs of ids that become one token, the first to be merged first. */
  readonly merges: readonly (readonly [left: number, right: number])[]
  readonly special: SpecialToken | null
}

/** The number of a pair of ids, which are less than 2^20. */
export const pairKey = (left: number, right: number): number => left * 2 ** 20 + right

/**
 * Merges neighbours in `ids`, the pair of the least rank first and the leftmost of equals, until no pair has a rank;
 * O(n log n). Writes to `ids` and returns how many are left.
 */
function mergeAll(ids: Int32Array, ranks: ReadonlyMap<number, number>, merged: Int32Array): number {
  const next = Int32Array.from(ids, (_, i) => i + 1)
  const previous = Int32Array.from(ids, (_, i) => i - 1)
  const heap = new Heap()
  const rankAt = (i: number): number | undefined =>
    next[i]! < ids.length ? ranks.get(pairKey(ids[i]!, ids[next[i]!]!)) : undefined
  const queue = (i: number): void => {
    const rank = rankAt(i)
    if (rank !== undefined) heap.push(rank, i)
  }
  for (let i = 0; i < ids.length; i++) queue(i)
  for (let best = heap.pop(); best; best = heap.pop()) {
    const { priority: rank, value: i } = best
    if (ids[i]! < 0 || rankAt(i) !== rank) continue
    const right = next[i]!
    ids[i] = merged[rank]!
    ids[right] = -1
    next[i] = next[right]!
    if (next[i] < ids.length) previous[next[i]] = i
    queue(i)
    if (previous[i]! >= 0) queue(previous[i]!)
  }
  let length = 0
  for (const id of ids) if (id >= 0) ids[length++] = id
  return length
}

/**
 * A byte-level BPE tokenizer as GPT-2's: the text is split into words, a word into its UTF-8 bytes, and neighbours are
 * merged in the order of training. It writes every text, and `decode` gives it back.
 *
 * Source: Sennrich, Haddow & Birch 2016, arXiv:1508.07909; bytes as in Radford et al. 2019 (GPT-2).
 */
export function bpeTokenizer({ tokens, merges, special }: Bpe): Tokenizer {
  const bytes = tokens.map((token) => (token === undefined ? undefined : bytesOfToken(token)!))
  if (special) bytes[special.id] = Buffer.from(special.content)
  const known = bytes as Uint8Array[]
  const name = `bpe:${known.length}`
  const ids = new Map(tokens.map((token, id) => [token, id]))
  const byteIds = Int32Array.from(byteLetters, (letter) => ids.get(letter)!)
  const merged = Int32Array.from(merges, ([left, right]) => ids.get(tokens[left]! + tokens[right]!)!)
  const ranks = new Map(merges.map(([left, right], rank) => [pairKey(left, right), rank]))
  const cache = new Map<string, Int32Array>()

  function encodeWord(word: string): Int32Array {
    const utf8 = Buffer.from(word)
    const all = Int32Array.from(utf8, (byte) => byteIds[byte]!)
    const found = all.slice(0, mergeAll(all, ranks, merged))
    if (word.length > longestCachedWord) return found
    if (cache.size === cachedWords) cache.clear()
    cache.set(utf8.toString(), found) // a copy, since a slice would keep the whole text alive
    return found
  }

  function encode(text: string): Int32Array {
    let out = new Int32Array(text.length)
    let length = 0
    forEachWord(text, (word) => {
      const found = cache.get(word) ?? encodeWord(word)
      if (length + found.length > out.length) {
        const longer = new Int32Array(2 * (out.length + found.length))
        longer.set(out)
        out = longer
      }
      for (const id of found) out[length++] = id
    })
    return out.slice(0, length)
  }

  const tokenizer: Tokenizer = {
    name,
    vocabulary: known.length,
    separator: special?.id ?? null,
    encode,
    decode: (list) => decodeBytes(known, list, name),
    toJson: () =>
      bpeJson({
        tokens,
        merges: merges.map(([left, right]) => `${tokens[left]!} ${tokens[right]!}`),
        special,
        preTokenizer: byteLevelJson(true),
        decoder: byteLevelJson(true),
      }),
  }
  return special ? { ...tokenizer, withSpecialTokens: (text) => encodeSpecial(text, special, encode) } : tokenizer
}

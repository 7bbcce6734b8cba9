import { DataError, OptionError } from '../../errors.ts'
import { bpeTokenizer, pairKey } from './bpe.ts'
import { byteLetters, byteOrder, forEachWord, separatorText } from './byte-level.ts'
import { Heap } from './heap.ts'
import { maxVocabulary } from './model.ts'
import type { Tokenizer } from './tokenizer.ts'

export interface BpeOptions {
  /** Number of tokens: 256 bytes, the merges and the separator; from 257 to 1,048,576. */
  readonly vocabulary: number
  /** Called after each text and after every hundredth merge. */
  readonly progress?: (done: { readonly characters: number; readonly merges: number }) => void
}

/** A pair of neighbours: how often it stands in the texts, and where it was seen, places that it has left among them. */
interface Pair {
  count: number
  readonly places: number[]
}

/** The distinct words of the texts end to end, as linked lists of symbols; -1 is no neighbour. */
class Words {
  readonly symbols: Int32Array
  readonly next: Int32Array
  readonly previous: Int32Array
  /** How often the word at each place stands in the texts. */
  readonly weights: Float64Array

  constructor(counts: ReadonlyMap<string, number>, symbolOfByte: Int32Array) {
    let length = 0
    for (const word of counts.keys()) length += Buffer.byteLength(word)
    this.symbols = new Int32Array(length)
    this.next = new Int32Array(length)
    this.previous = new Int32Array(length)
    this.weights = new Float64Array(length)
    let place = 0
    for (const [word, count] of counts) {
      const start = place
      for (const byte of Buffer.from(word)) {
        this.symbols[place] = symbolOfByte[byte]!
        this.previous[place] = place === start ? -1 : place - 1
        this.next[place] = place + 1
        this.weights[place++] = count
      }
      this.next[place - 1] = -1
    }
  }
}

/** The pairs of all words and the most frequent of them, kept up to date merge by merge. */
class Pairs {
  readonly #words: Words
  readonly #pairs = new Map<number, Pair>()
  readonly #heap = new Heap()
  readonly #gained = new Set<number>()

  constructor(words: Words) {
    this.#words = words
    for (let place = 0; place < words.symbols.length; place++) this.#gain(place)
    this.#queueGained()
  }

  /** The pair that stands most often, at least twice, and among equals the one of the least left, then right, id. */
  best(): [left: number, right: number] | undefined {
    for (let top = this.#heap.pop(); top; top = this.#heap.pop()) {
      const count = this.#pairs.get(top.value)?.count ?? 0
      if (count < 2) continue
      if (count === -top.priority) return [Math.floor(top.value / 2 ** 20), top.value % 2 ** 20]
      if (count < -top.priority) this.#heap.push(-count, top.value)
    }
    return undefined
  }

  /** Puts `symbol` in place of the pair, in each word from left to right. */
  merge(left: number, right: number, symbol: number): void {
    const { symbols, next, previous } = this.#words
    const key = pairKey(left, right)
    const { places } = this.#pairs.get(key)!
    this.#pairs.delete(key)
    for (const place of Int32Array.from(places).sort()) {
      const second = next[place]!
      if (symbols[place] !== left || second < 0 || symbols[second] !== right) continue
      const before = previous[place]!
      if (before >= 0) this.#lose(before)
      if (next[second]! >= 0) this.#lose(second)
      symbols[place] = symbol
      symbols[second] = -1
      next[place] = next[second]!
      if (next[place] >= 0) previous[next[place]] = place
      if (before >= 0) this.#gain(before)
      this.#gain(place)
    }
    this.#queueGained()
  }

  /** Counts the pair that begins at `place`. */
  #gain(place: number): void {
    const { symbols, next, weights } = this.#words
    if (next[place]! < 0) return
    const key = pairKey(symbols[place]!, symbols[next[place]!]!)
    let pair = this.#pairs.get(key)
    if (!pair) this.#pairs.set(key, (pair = { count: 0, places: [] }))
    pair.count += weights[place]!
    pair.places.push(place)
    this.#gained.add(key)
  }

  #lose(place: number): void {
    const { symbols, next, weights } = this.#words
    const pair = this.#pairs.get(pairKey(symbols[place]!, symbols[next[place]!]!))
    if (pair) pair.count -= weights[place]!
  }

  #queueGained(): void {
    for (const key of this.#gained) this.#heap.push(-this.#pairs.get(key)!.count, key)
    this.#gained.clear()
  }
}

function countWords(texts: Iterable<string>, progress: BpeOptions['progress']): Map<string, number> {
  const counts = new Map<string, number>()
  let characters = 0
  for (const text of texts) {
    forEachWord(text, (word) => {
      const known = counts.has(word) ? word : Buffer.from(word).toString() // a slice would keep the whole text alive
      counts.set(known, (counts.get(known) ?? 0) + 1)
    })
    characters += text.length
    progress?.({ characters, merges: 0 })
  }
  return counts
}

/**
 * Trains a byte-level BPE tokenizer as GPT-2's on a text, or on all `texts`: starting from the 256 bytes, the pair of
 * neighbours within a word that stands most often becomes a token, until there are `vocabulary` tokens with the
 * separator `<|endoftext|>`, the last; fewer when no pair stands twice any more. Of pairs that stand equally often, the
 * one of the least ids is taken, so equal texts give equal tokenizers.
 *
 * Texts are read one at a time; what stays in memory are their distinct words.
 * Throws OptionError for a `vocabulary` out of range; DataError when there is no character at all.
 * Source: Sennrich, Haddow & Birch 2016, arXiv:1508.07909; bytes and words as in Radford et al. 2019 (GPT-2).
 */
export function trainBpe(texts: string | Iterable<string>, { vocabulary, progress }: BpeOptions): Tokenizer {
  if (!Number.isInteger(vocabulary) || vocabulary < 257 || vocabulary > maxVocabulary) {
    throw new OptionError(`trainBpe: vocabulary: expected an integer from 257 to ${maxVocabulary}, got ${vocabulary}`)
  }
  let characters = 0
  const counts = countWords(typeof texts === 'string' ? [texts] : texts, (done) => {
    characters = done.characters
    progress?.(done)
  })
  if (counts.size === 0) throw new DataError('trainBpe: expected a text of at least one character, got none')
  const symbolOfByte = new Int32Array(256)
  for (const [id, byte] of byteOrder.entries()) symbolOfByte[byte] = id
  const pairs = new Pairs(new Words(counts, symbolOfByte))
  const tokens = byteOrder.map((byte) => byteLetters[byte]!)
  const ids = new Map(tokens.map((token, id) => [token, id]))
  const merges: (readonly [left: number, right: number])[] = []
  while (tokens.length < vocabulary - 1) {
    const best = pairs.best()
    if (!best) break
    const [left, right] = best
    const token = tokens[left]! + tokens[right]!
    const id = ids.get(token) ?? tokens.push(token) - 1
    ids.set(token, id)
    merges.push(best)
    pairs.merge(left, right, id)
    if (merges.length % 100 === 0) progress?.({ characters, merges: merges.length })
  }
  return bpeTokenizer({ tokens, merges, special: { id: tokens.length, content: separatorText } })
}

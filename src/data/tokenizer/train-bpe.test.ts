import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dataErrorOf } from '../../../test/data-error.ts'
import { OptionError } from '../../errors.ts'
import { byteLetters, byteOrder } from './byte-level.ts'
import { brownTexts } from './gpt2.test-kit.ts'
import { publishedTokenizer } from './published.ts'
import { readTokenizer } from './read.ts'
import { checkTokenizerFile } from './tokenizer-file.ts'
import type { Tokenizer } from './tokenizer.ts'
import { trainBpe } from './train-bpe.ts'

const mergesOf = (tokenizer: Tokenizer): readonly string[] =>
  (tokenizer.toJson().model as unknown as { merges: readonly string[] }).merges

/** Counts all pairs anew for each merge. */
function bruteForce(texts: readonly string[], vocabulary: number): string[] {
  const pattern = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu
  const tokens = byteOrder.map((byte) => byteLetters[byte]!)
  let words = texts.flatMap((text) =>
    (text.match(pattern) ?? []).map((word) => [...Buffer.from(word)].map((byte) => tokens.indexOf(byteLetters[byte]!))),
  )
  const merges: string[] = []
  while (tokens.length < vocabulary - 1) {
    const counts = new Map<string, { count: number; left: number; right: number }>()
    for (const word of words) {
      for (let i = 0; i + 1 < word.length; i++) {
        const [left, right] = [word[i]!, word[i + 1]!]
        const { count } = counts.get(`${left} ${right}`) ?? { count: 0 }
        counts.set(`${left} ${right}`, { count: count + 1, left, right })
      }
    }
    const [best] = [...counts.values()].sort((a, b) => b.count - a.count || a.left - b.left || a.right - b.right)
    if (!best || best.count < 2) break
    const token = tokens[best.left]! + tokens[best.right]!
    merges.push(`${tokens[best.left]!} ${tokens[best.right]!}`)
    if (!tokens.includes(token)) tokens.push(token)
    words = words.map((word) => {
      const out: number[] = []
      for (let i = 0; i < word.length; i++) {
        const found = word[i] === best.left && word[i + 1] === best.right
        out.push(found ? tokens.indexOf(token) : word[i]!)
        if (found) i++
      }
      return out
    })
  }
  return merges
}

test('the first merges of a text', () => {
  const tokenizer = trainBpe('low low low lower lowest', { vocabulary: 262 })
  expect(mergesOf(tokenizer)).toEqual(['l o', 'lo w', 'Ġ low', 'Ġlow e'])
  expect([tokenizer.name, tokenizer.vocabulary, tokenizer.separator]).toEqual(['bpe:261', 261, 260])
  expect([...tokenizer.encode('lowe low')]).toEqual([257, 68, 258])
})

test('equal to the brute-force trainer', () => {
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 60 }),
    fc.string({ unit: fc.constantFrom('a', ' ', 'ab', 'é', '\n', '1', '!', "'s"), maxLength: 40 }),
    fc.string({ unit: 'binary', maxLength: 20 }),
  )
  const check = fc.property(
    fc.array(text, { minLength: 1, maxLength: 5 }),
    fc.integer({ min: 257, max: 300 }),
    (texts, n) => {
      fc.pre(texts.join('') !== '')
      expect(mergesOf(trainBpe(texts, { vocabulary: n }))).toEqual(bruteForce(texts, n))
    },
  )
  fc.assert(check, { seed: 1, numRuns: 250 })
})

test('equal to the brute-force trainer on 20 kB of English', () => {
  const texts = brownTexts().slice(0, 2)
  expect(mergesOf(trainBpe(texts, { vocabulary: 400 }))).toEqual(bruteForce(texts, 400))
})

test('deterministic, and the texts may come one at a time or all at once', () => {
  const texts = ['to be or not to be', 'that is the question', 'to be']
  const one = trainBpe(texts, { vocabulary: 290 })
  expect(trainBpe(texts.values(), { vocabulary: 290 }).toJson()).toEqual(one.toJson())
  expect(trainBpe(texts.toReversed(), { vocabulary: 290 }).toJson()).toEqual(one.toJson())
  expect(trainBpe('abc abc', { vocabulary: 260 }).toJson()).toEqual(trainBpe(['abc abc'], { vocabulary: 260 }).toJson())
})

test('what was trained is written as a tokenizer.json that the library and we read alike', () => {
  const texts = brownTexts().slice(0, 60)
  const tokenizer = trainBpe(texts, { vocabulary: 2048 })
  expect(tokenizer.name).toBe('bpe:2048')
  const json: unknown = JSON.parse(JSON.stringify(tokenizer.toJson()))
  const again = readTokenizer(json, 'tokenizer.json')
  const library = publishedTokenizer(checkTokenizerFile(json, 'library'), 'library', 2047)
  expect(again.toJson()).toEqual(tokenizer.toJson())
  expect([again.name, again.separator]).toEqual(['bpe:2048', 2047])
  for (const text of [...texts.slice(0, 5), '', 'naïve 日本語 👩‍👩‍👧\r\n\t<|endoftext|> \u0000']) {
    const ids = tokenizer.encode(text)
    expect(again.encode(text)).toEqual(ids)
    expect(library.encode(text)).toEqual(ids)
    expect(tokenizer.decode(ids)).toBe(text)
    expect(library.decode(ids)).toBe(text)
    expect(library.withSpecialTokens!(text)).toEqual(tokenizer.withSpecialTokens!(text))
  }
})

test('progress counts characters, then merges', () => {
  const seen: unknown[] = []
  const texts = brownTexts().slice(0, 2)
  trainBpe(texts, { vocabulary: 257 + 250, progress: (done) => seen.push(done) })
  const [first, both] = [texts[0]!.length, texts.join('').length]
  expect(seen).toEqual([
    { characters: first, merges: 0 },
    { characters: both, merges: 0 },
    { characters: both, merges: 100 },
    { characters: both, merges: 200 },
  ])
})

test('one word of a megabyte, and a million characters of white space, take seconds at most', () => {
  const start = performance.now()
  trainBpe(['ab'.repeat(500_000), ' '.repeat(1_000_000)], { vocabulary: 400 })
  expect(performance.now() - start).toBeLessThan(20_000)
})

test('half a surrogate pair is counted as U+FFFD', () => {
  expect(mergesOf(trainBpe('\uD800\uD800', { vocabulary: 300 }))).toEqual(
    mergesOf(trainBpe('\uFFFD\uFFFD', { vocabulary: 300 })),
  )
  expect(mergesOf(trainBpe(['\uD800', '\uD800'], { vocabulary: 259 }))).toHaveLength(2)
})

test('a vocabulary out of range and an empty text are refused', () => {
  for (const vocabulary of [256, 300.5, 2 ** 20 + 1, NaN]) {
    expect(() => trainBpe('abc', { vocabulary })).toThrow(OptionError)
  }
  expect(() => trainBpe('abc', { vocabulary: 10 })).toThrow(
    'trainBpe: vocabulary: expected an integer from 257 to 1048576, got 10',
  )
  expect(dataErrorOf(() => trainBpe(['', ''], { vocabulary: 300 }))).toContain('got none')
})

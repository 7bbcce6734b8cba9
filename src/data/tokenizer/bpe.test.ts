import * as gpt from 'gpt-tokenizer/encoding/r50k_base'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dataErrorOf } from '../../../test/data-error.ts'
import { brownTexts, gpt2Json } from './gpt2.test-kit.ts'
import { publishedTokenizer } from './published.ts'
import { readTokenizer } from './read.ts'
import { checkTokenizerFile } from './tokenizer-file.ts'
import { trainBpe } from './train-bpe.ts'

const gpt2 = readTokenizer(gpt2Json(), 'gpt2/tokenizer.json')
const expected = (text: string): number[] => gpt.encode(text, { disallowedSpecial: new Set() })

const parts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)), maxLength: 6 }),
  fc.constantFrom(
    ' ',
    '  ',
    '\n\n',
    '\t',
    ' \n ',
    "'s",
    "'LL",
    'é',
    'ß',
    'किं',
    '👩‍👩‍👧',
    '🏳️‍🌈',
    '\uFEFF',
    '\u0085',
    '\u3000',
    '½',
    '１２',
  ),
  fc.constantFrom('<|endoftext|>', 'Ġ', '__proto__', 'constructor', 'The quick brown fox', '0123456789'),
)
const texts = fc.array(parts, { maxLength: 6 }).map((list) => list.join(''))

test('GPT-2 has its 50,257 tokens and its separator', () => {
  expect([gpt2.name, gpt2.vocabulary, gpt2.separator]).toEqual(['bpe:50257', 50257, 50256])
  expect([...gpt2.encode('Hello world')]).toEqual([15496, 995])
})

test('GPT-2 agrees with gpt-tokenizer on the Brown corpus', () => {
  const wrong = brownTexts().filter((text) => {
    const ids = gpt2.encode(text)
    return ids.join() !== expected(text).join() || gpt2.decode(ids) !== text
  })
  expect(wrong).toEqual([])
})

test('GPT-2 agrees with gpt-tokenizer on 10,000 random Unicode strings', () => {
  const check = fc.property(texts, (text) => {
    expect([...gpt2.encode(text)]).toEqual(expected(text))
  })
  fc.assert(check, { seed: 1, numRuns: 10_000 })
})

test('GPT-2 agrees with @huggingface/tokenizers on random Unicode strings', () => {
  const library = publishedTokenizer(checkTokenizerFile(gpt2Json(), 'gpt2'), 'gpt2', 50256)
  const check = fc.property(texts, (text) => {
    const ids = gpt2.encode(text)
    expect(ids).toEqual(library.encode(text))
    expect(gpt2.withSpecialTokens!(text)).toEqual(library.withSpecialTokens!(text))
    expect(gpt2.decode(ids)).toBe(library.decode(ids))
  })
  fc.assert(check, { seed: 2, numRuns: 500 })
})

test('decode gives the text back, bytes that are no character as U+FFFD', () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(gpt2.decode(gpt2.encode(text))).toBe(Buffer.from(text).toString())
    }),
    { seed: 3 },
  )
  const [first, second] = gpt2.encode('\u{1F5A4}')
  expect(gpt2.decode([first!])).toBe('\uFFFD')
  expect(gpt2.decode([first!, 50256, second!])).toBe('\uFFFD<|endoftext|>\uFFFD')
  expect(gpt2.decode([])).toBe('')
})

test('the separator is recognised only when asked for', () => {
  const text = 'a<|endoftext|><|endoftext|>b'
  expect([...gpt2.encode(text)]).not.toContain(50256)
  expect([...gpt2.withSpecialTokens!(text)]).toEqual([64, 50256, 50256, 65])
})

test('a long word takes no quadratic time, and gives what gpt-tokenizer gives', () => {
  const word = 'abracadabra'.repeat(20_000)
  const start = performance.now()
  const ids = gpt2.encode(word)
  expect(performance.now() - start).toBeLessThan(3000)
  expect([...ids.slice(0, 2000)]).toEqual(expected(word.slice(0, 11_000)).slice(0, 2000))
})

test('ids outside the vocabulary are named', () => {
  expect(dataErrorOf(() => gpt2.decode([1, 50257]))).toBe(
    'tokenizer bpe:50257: expected ids from 0 to 50256, got 50257',
  )
  expect(dataErrorOf(() => gpt2.decode([-1]))).toContain('got -1')
  expect(dataErrorOf(() => gpt2.decode([0.5]))).toContain('got 0.5')
})

test('more distinct words than are remembered still get the same ids', () => {
  const tokenizer = trainBpe('aab aab', { vocabulary: 260 })
  const word = (i: number): string => ` ${i.toString(2).replaceAll('0', 'a').replaceAll('1', 'b')}`
  const first = tokenizer.encode(word(7))
  const text = Array.from({ length: 2 ** 17 + 9 }, (_, i) => word(i)).join('')
  expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
  expect(tokenizer.encode(word(7))).toEqual(first)
})

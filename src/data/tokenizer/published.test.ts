import { expect, test } from 'vitest'
import { dataErrorOf } from '../../../test/data-error.ts'
import { bert, llama2, llama3, published, unigram } from './published.test-kit.ts'
import { readTokenizer } from './read.ts'

const hello = readTokenizer(llama2, 'llama2')
const byteFallback = (text: string): number[] => Array.from(Buffer.from(text), (byte) => 3 + byte)

test('Llama 2: a space before the text, bytes for what has no token, <s> around', () => {
  expect([hello.vocabulary, hello.separator, hello.name]).toEqual([269, 2, 'llama2'])
  expect([...hello.encode('abc a')]).toEqual([268, 266])
  expect([...hello.encode('aé')]).toEqual([266, ...byteFallback('é')])
  expect([...hello.withSpecialTokens!('abc')]).toEqual([1, 268])
  expect(hello.decode([268, 266, ...byteFallback('é😀')])).toBe('abc aé😀')
})

test('a text cannot spell a special token, unless it is asked for', () => {
  expect([...hello.encode('<s>')]).not.toContain(1)
  expect(hello.decode(hello.encode('a</s>b'))).toBe('a</s>b')
  expect([...hello.withSpecialTokens!('<s>abc', { around: false })]).toEqual([1, 268])
  const t5 = readTokenizer(unigram, 't5')
  expect([...t5.encode('a</s>ab')]).not.toContain(1)
  expect([...t5.withSpecialTokens!('a</s>')]).toEqual([4, 1])
})

test('Llama 3: its own splits, whole words first, added tokens that are not special recognised', () => {
  const tokenizer = readTokenizer(llama3, 'llama3')
  expect(tokenizer.separator).toBe(259)
  expect([...tokenizer.encode('ab ab<think>')]).toEqual([256, 257, 260])
  expect([...tokenizer.encode('<|begin|>')]).not.toContain(258)
  expect([...tokenizer.withSpecialTokens!('ab')]).toEqual([258, 256])
  const text = 'ab e\u0301 日本\n\t<|begin|>'
  expect(tokenizer.decode(tokenizer.encode(text))).toBe(text.normalize('NFC'))
})

test('BERT: lower case, pieces of words, [UNK], [CLS] and [SEP]', () => {
  const tokenizer = readTokenizer(bert, 'bert')
  expect(tokenizer.separator).toBe(3)
  expect([...tokenizer.encode('Unaffable été!')]).toEqual([4, 5, 6, 7, 8])
  expect([...tokenizer.encode('un unx un')]).toEqual([4, 1, 4])
  expect([...tokenizer.encode('unaffable [SEP]')]).toEqual([4, 5, 6, 9, 11, 10])
  expect([...tokenizer.withSpecialTokens!('un [SEP]')]).toEqual([2, 4, 3, 3])
  expect(tokenizer.decode([4, 5, 6, 8])).toBe('unaffable!')
})

test('Unigram: the most probable pieces, the unknown by its id', () => {
  const tokenizer = readTokenizer(unigram, 't5')
  expect([...tokenizer.encode('ab ab')]).toEqual([7, 7])
  expect([...tokenizer.encode('xab')]).toEqual([3, 2, 6])
  expect(tokenizer.decode([7, 4])).toBe('ab a')
})

test('no text gives no ids, no ids give no text, half a surrogate pair is U+FFFD', () => {
  for (const [name, json] of Object.entries(published)) {
    const tokenizer = readTokenizer(json, name)
    expect([tokenizer.encode(''), tokenizer.decode([])]).toEqual([new Int32Array(), ''])
    expect(tokenizer.encode('\uD800')).toEqual(tokenizer.encode('\uFFFD'))
    expect(tokenizer.toJson()).toEqual(json)
    expect(dataErrorOf(() => tokenizer.decode([0, tokenizer.vocabulary]))).toContain(`${name}: expected ids from 0 to`)
  }
})

test('a failure of the library is a DataError', () => {
  const pattern = { Regex: '(' }
  const broken = { ...llama3, normalizer: { type: 'Replace', pattern, content: '' } }
  expect(dataErrorOf(() => readTokenizer(broken, 'x.json'))).toMatch(
    /^x\.json: @huggingface\/tokenizers cannot run it: Invalid reg/,
  )
})

test('a pattern that backtracks for ages is stopped', () => {
  const normalizer = { type: 'Replace', pattern: { Regex: '(a+)+$' }, content: '' }
  const tokenizer = readTokenizer({ ...llama3, normalizer }, 'x.json')
  expect(dataErrorOf(() => tokenizer.encode(`${'a'.repeat(60)}!`))).toMatch(/^x\.json: .* timed out after 5007ms$/)
})

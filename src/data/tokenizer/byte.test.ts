import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dataErrorOf } from '../../../test/data-error.ts'
import { byteTokenizer } from './byte.ts'
import { publishedTokenizer } from './published.ts'
import { readTokenizer } from './read.ts'
import { checkTokenizerFile } from './tokenizer-file.ts'

const tokenizer = byteTokenizer()

test('256 bytes and a separator', () => {
  expect([tokenizer.name, tokenizer.vocabulary, tokenizer.separator]).toEqual(['byte', 257, 256])
  expect([...tokenizer.encode('aé<|endoftext|>')].slice(0, 4)).toEqual([97, 0xc3, 0xa9, 60])
  expect([...tokenizer.withSpecialTokens!('a<|endoftext|>b')]).toEqual([97, 256, 98])
  expect(tokenizer.decode([0xc3, 256, 0xa9, 0x21])).toBe('\uFFFD<|endoftext|>\uFFFD!')
  expect(tokenizer.decode(tokenizer.encode('\uFEFFa'))).toBe('\uFEFFa')
  expect(dataErrorOf(() => tokenizer.decode([257]))).toBe('tokenizer byte: expected ids from 0 to 256, got 257')
})

test('encode and decode are inverse, and equal to @huggingface/tokenizers on its tokenizer.json', () => {
  const json: unknown = JSON.parse(JSON.stringify(tokenizer.toJson()))
  expect(readTokenizer(json, 'tokenizer.json').name).toBe('byte')
  const library = publishedTokenizer(checkTokenizerFile(json, 'library'), 'library', 256)
  const check = fc.property(fc.string({ unit: 'binary' }), fc.array(fc.nat(256)), (text, any) => {
    const ids = tokenizer.encode(text)
    expect(tokenizer.decode(ids)).toBe(text)
    expect(library.encode(text)).toEqual(ids)
    expect(library.decode(any)).toBe(tokenizer.decode(any))
  })
  fc.assert(check, { seed: 1, numRuns: 200 })
})

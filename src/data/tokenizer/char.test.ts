import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dataErrorOf } from '../../../test/data-error.ts'
import { charTokenizer } from './char.ts'
import { publishedTokenizer } from './published.ts'
import { readTokenizer } from './read.ts'
import { checkTokenizerFile } from './tokenizer-file.ts'

test('the vocabulary is the sorted distinct code points', () => {
  const tokenizer = charTokenizer(['b😀a', 'ﬀ\na'])
  expect([tokenizer.name, tokenizer.vocabulary, tokenizer.separator]).toEqual(['char', 5, null])
  expect(tokenizer.decode([0, 1, 2, 3, 4])).toBe('\nabﬀ😀')
  expect([...tokenizer.encode('😀a')]).toEqual([4, 1])
  expect(charTokenizer('b😀aﬀ\n').toJson()).toEqual(tokenizer.toJson())
})

test('encode and decode are inverse, and equal to @huggingface/tokenizers on its tokenizer.json', () => {
  const check = fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
    fc.pre(!/\p{Surrogate}/u.test(text))
    const tokenizer = charTokenizer(text)
    const json: unknown = JSON.parse(JSON.stringify(tokenizer.toJson()))
    const again = readTokenizer(json, 'tokenizer.json')
    const library = publishedTokenizer(checkTokenizerFile(json, 'library'), 'library', null)
    const ids = tokenizer.encode(text)
    expect(tokenizer.decode(ids)).toBe(text)
    expect([again.name, again.toJson(), again.encode(text)]).toEqual(['char', tokenizer.toJson(), ids])
    expect([library.encode(text), library.decode(ids)]).toEqual([ids, text])
  })
  fc.assert(check, { seed: 1, numRuns: 150 })
})

test('a character that is not in the vocabulary is named', () => {
  const tokenizer = charTokenizer('abc')
  expect(dataErrorOf(() => tokenizer.encode('abé'))).toBe(
    'tokenizer char: expected one of its 3 characters, got "é" (U+00E9)',
  )
  expect(dataErrorOf(() => tokenizer.encode('\uD83D'))).toContain('"\\ud83d" (U+D83D)')
  expect(dataErrorOf(() => tokenizer.decode([3]))).toContain('from 0 to 2, got 3')
  expect(dataErrorOf(() => tokenizer.decode([NaN]))).toContain('got NaN')
})

test('no character, and half a surrogate pair, are refused', () => {
  expect(dataErrorOf(() => charTokenizer(''))).toContain('got none')
  expect(dataErrorOf(() => charTokenizer('a\uDE00'))).toContain('half a surrogate pair, "\\ude00"')
})

test('characters that are names in JavaScript, and digits, keep their ids', () => {
  const tokenizer = charTokenizer('9876543210 \u0000\u2028"\\')
  const again = readTokenizer(JSON.parse(JSON.stringify(tokenizer.toJson())), 'tokenizer.json')
  expect([...again.encode('0 9')]).toEqual([...tokenizer.encode('0 9')])
})

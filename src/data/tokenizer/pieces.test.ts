import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dataErrorOf } from '../../../test/data-error.ts'
import { byteTokenizer } from './byte.ts'
import { charTokenizer } from './char.ts'
import { brownTexts } from './gpt2.test-kit.ts'
import { pieces } from './pieces.ts'
import { published } from './published.test-kit.ts'
import { readTokenizer } from './read.ts'
import type { Tokenizer } from './tokenizer.ts'
import { trainBpe } from './train-bpe.ts'

const byte = byteTokenizer()
const tokenizers: Readonly<Record<string, Tokenizer>> = {
  byte,
  char: charTokenizer('ab\uFFFD😀'),
  bpe: trainBpe([...brownTexts().slice(0, 5), '😀😀 é é', '\u{1F5A4}\u{1F5A5}'], { vocabulary: 600 }),
  ...Object.fromEntries(Object.entries(published).map(([name, json]) => [name, readTokenizer(json, name)])),
}

const streamed = (tokenizer: Tokenizer, ids: ArrayLike<number>): string[] => {
  const stream = pieces(tokenizer)
  return [...Array.from(ids, (id) => stream.push(id)), stream.end()]
}

describe.each(Object.entries(tokenizers))('%s', (_name, tokenizer) => {
  test('the pieces of any ids are the text of all', () => {
    const id = fc.nat(tokenizer.vocabulary - 1)
    const byteLike = fc.constantFrom(
      ...Array.from('é€😀\uFFFD\uFEFF', (character) => [...tokenizerBytes(tokenizer, character)]).flat(),
    )
    const check = fc.property(fc.array(fc.oneof(id, byteLike), { maxLength: 120 }), (ids) => {
      expect(streamed(tokenizer, ids).join('')).toBe(tokenizer.decode(ids))
    })
    fc.assert(check, { seed: 1, numRuns: 400 })
  })
})

/** Ids with which `tokenizer` writes a character, where it can. */
function tokenizerBytes(tokenizer: Tokenizer, character: string): number[] {
  try {
    return [...tokenizer.encode(character)]
  } catch {
    return [0]
  }
}

test('a character is never split', () => {
  const text = 'a😀é\uFFFD€'
  const list = streamed(byte, byte.encode(text))
  expect(list).toEqual(['a', '', '', '', '😀', '', 'é', '', '', '', '\uFFFD', '', '€', ''])
})

test('a character that lies across a cut of the context is whole', () => {
  for (let offset = 0; offset < 4; offset++) {
    const text = 'a'.repeat(offset) + '😀'.repeat(60)
    expect(streamed(byte, byte.encode(text)).join('')).toBe(text)
  }
})

test('bytes that will never be a character are let go, and the last at the end', () => {
  expect(streamed(byte, [0x80, 0x80, 0x80, 0xf0, 0x9f])).toEqual(['', '\uFFFD', '\uFFFD', '\uFFFD', '', '\uFFFD'])
})

test('the first piece of SentencePiece loses its space, the others keep it', () => {
  const llama = tokenizers.llama2!
  expect(streamed(llama, llama.encode('abc abc'))).toEqual(['abc', ' abc', ''])
})

test('starts anew after the end', () => {
  const stream = pieces(tokenizers.llama2!)
  const [id] = tokenizers.llama2!.encode('abc')
  expect([stream.push(id!), stream.end(), stream.push(id!), stream.push(id!), stream.end()]).toEqual([
    'abc',
    '',
    'abc',
    ' abc',
    '',
  ])
})

test('an id outside the vocabulary is refused and changes nothing', () => {
  const stream = pieces(byte)
  stream.push(0xc3)
  expect(dataErrorOf(() => stream.push(300))).toContain('got 300')
  expect(stream.push(0xa9)).toBe('é')
})

test('the work for an id does not grow with the text, nor with what is held back', () => {
  let decoded = 0
  const counting: Tokenizer = {
    ...byte,
    decode: (ids) => {
      decoded += ids.length
      return byte.decode(ids)
    },
  }
  const ids = Array.from({ length: 20_000 }, (_, i) => (i < 10_000 ? 0x80 : 97))
  expect(streamed(counting, ids).join('')).toBe(byte.decode(ids))
  expect(decoded / ids.length).toBeLessThan(33)
})

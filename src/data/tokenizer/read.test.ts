import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dataErrorOf } from '../../../test/data-error.ts'
import { DataError } from '../../errors.ts'
import type { JsonObject } from '../../files/json.ts'
import { byteTokenizer } from './byte.ts'
import { charTokenizer } from './char.ts'
import { bert, llama2, llama3, published, unigram } from './published.test-kit.ts'
import { readTokenizer } from './read.ts'
import { trainBpe } from './train-bpe.ts'

const bpe = trainBpe('low low lower', { vocabulary: 262 }).toJson()
const all: Readonly<Record<string, JsonObject>> = {
  ...published,
  bpe,
  byte: byteTokenizer().toJson(),
  char: charTokenizer('abc').toJson(),
}

/** A copy of `json` with `value` at `path`. */
function put(json: JsonObject, path: string, value: unknown): JsonObject {
  const copy = structuredClone(json) as Record<string, unknown>
  const keys = path.split('.')
  const last = keys.pop()!
  let at = copy
  for (const key of keys) at = at[key] as Record<string, unknown>
  Object.defineProperty(at, last, { value, enumerable: true, writable: true, configurable: true })
  return copy as JsonObject
}

const messageOf = (json: JsonObject, path: string, value: unknown): string =>
  dataErrorOf(() => readTokenizer(put(json, path, value), 'tokenizer.json'))

describe('separator', () => {
  test('a well-known special token, else none', () => {
    expect(readTokenizer(llama3, 'x').separator).toBe(259)
    expect(readTokenizer(put(llama2, 'added_tokens', []), 'x').separator).toBeNull()
    expect(readTokenizer(charTokenizer('</s>').toJson(), 'x').separator).toBeNull()
  })

  test('as eos_token names it', () => {
    expect(readTokenizer(llama2, 'x', { separator: '<unk>' }).separator).toBe(0)
    expect(readTokenizer(bpe, 'x', { separator: 'a' }).separator).toBe(64)
    expect(dataErrorOf(() => readTokenizer(llama2, 'x', { separator: '<eos>' }))).toBe(
      'x: expected the separator "<eos>" in its vocabulary',
    )
  })
})

test.each(Object.entries(all))('%s is read back from its own tokenizer.json', (_name, json) => {
  const tokenizer = readTokenizer(json, 'x')
  const again = readTokenizer(JSON.parse(JSON.stringify(tokenizer.toJson())), 'x')
  expect(again.toJson()).toEqual(tokenizer.toJson())
  const { name, vocabulary, separator } = tokenizer
  expect([again.name, again.vocabulary, again.separator]).toEqual([name, vocabulary, separator])
})

test('tokens that are names in JavaScript are tokens', () => {
  const vocab = JSON.parse(
    '{"<unk>": 0, "__proto__": 1, "constructor": 2, "▁": 3, "▁__proto__": 4, "toString": 5}',
  ) as unknown
  const json = put(put(put(llama2, 'model.vocab', vocab), 'model.merges', [['▁', '__proto__']]), 'added_tokens', [])
  const tokenizer = readTokenizer(put(json, 'post_processor', null), 'x')
  expect(tokenizer.vocabulary).toBe(6)
  expect(tokenizer.decode([3, 1, 2, 5])).toBe('__proto__constructortoString')
})

const wrong: [why: string, json: JsonObject, path: string, value: unknown, message: string | RegExp][] = [
  ['no model', llama2, 'model', undefined, 'tokenizer.json: model: expected an object'],
  [
    'a model that is not run',
    llama2,
    'model.type',
    'WordLevel',
    'tokenizer.json: model: type: expected BPE, WordPiece or Unigram, got "WordLevel"',
  ],
  ['no vocabulary', llama2, 'model.vocab', null, 'tokenizer.json: model: vocab: expected an object of tokens and ids'],
  [
    'an empty vocabulary',
    llama2,
    'model.vocab',
    {},
    'tokenizer.json: model: vocab: expected from 1 to 1048576 tokens, got 0',
  ],
  [
    'an id that is no number',
    llama2,
    'model.vocab.a',
    '260',
    'tokenizer.json: model: vocab: "a": expected an id from 0 to 1048575, got 260',
  ],
  [
    'an id out of range',
    llama2,
    'model.vocab.a',
    2 ** 32,
    /vocab: "a": expected an id from 0 to 1048575, got 4294967296$/,
  ],
  ['a negative id', llama2, 'model.vocab.a', -1, /got -1$/],
  ['a fraction for an id', llama2, 'model.vocab.a', 0.5, /got 0.5$/],
  [
    'an id that stands for two',
    llama2,
    'model.vocab.a',
    0,
    'tokenizer.json: model: vocab: id 0 stands for "<unk>" and "a"',
  ],
  [
    'an id that stands for none',
    llama2,
    'model.vocab.a',
    300,
    'tokenizer.json: expected a token for every id from 0 to 300, got none for 260',
  ],
  [
    'a token that is too long',
    llama2,
    `model.vocab.${'x'.repeat(4097)}`,
    269,
    /expected tokens of at most 4096 characters, got "x{80}…"$/,
  ],
  [
    'a merge of an unknown token',
    llama2,
    'model.merges.1',
    'b x',
    'tokenizer.json: model: merges[1]: "x" is not in the vocabulary',
  ],
  [
    'a merge to an unknown token',
    llama2,
    'model.merges.1',
    ['b', 'b'],
    'tokenizer.json: model: merges[1]: "bb" is not in the vocabulary',
  ],
  [
    'a merge of three',
    llama2,
    'model.merges.1',
    'a b c',
    'tokenizer.json: model: merges[1]: expected two tokens, as "a b" or ["a", "b"]',
  ],
  ['a merge of numbers', llama2, 'model.merges.1', [1, 2], /merges\[1\]: expected two tokens/],
  ['no merges', llama2, 'model.merges', undefined, /^tokenizer\.json: model: "merges": Invalid input: expected array/],
  [
    'dropout',
    llama2,
    'model.dropout',
    0.1,
    'tokenizer.json: model: "dropout": expected none; it would make ids random',
  ],
  [
    'a prefix of continuing pieces',
    llama2,
    'model.continuing_subword_prefix',
    '##',
    'tokenizer.json: model: "continuing_subword_prefix": expected none; @huggingface/tokenizers ignores it',
  ],
  [
    'an unknown that is no token',
    llama2,
    'model.unk_token',
    '[UNK]',
    'tokenizer.json: model: unk_token: "[UNK]" is not in the vocabulary',
  ],
  [
    'an unknown id that is none',
    unigram,
    'model.unk_id',
    9,
    'tokenizer.json: model: unk_id: expected an id of its vocabulary, got 9',
  ],
  [
    'a piece twice',
    unigram,
    'model.vocab.5',
    ['▁', -4],
    'tokenizer.json: model: vocab: the token "▁" stands there twice',
  ],
  [
    'a score that is not finite',
    unigram,
    'model.vocab.5',
    ['b', -Infinity],
    /^tokenizer\.json: model: "vocab.5.1": Invalid input/,
  ],
  [
    'an added token of another id',
    llama2,
    'added_tokens.1.id',
    5,
    'tokenizer.json: added_tokens: "<s>": id 5 stands for "<0x02>" too',
  ],
  [
    'an added token with two ids',
    llama2,
    'added_tokens.1.id',
    269,
    'tokenizer.json: added_tokens: "<s>": "<s>" has two ids',
  ],
  [
    'an added token past a hole',
    llama3,
    'added_tokens.2.id',
    400,
    'tokenizer.json: expected a token for every id from 0 to 400, got none for 260',
  ],
  [
    'an added token far away',
    llama3,
    'added_tokens.2.id',
    2 ** 40,
    /expected an id from 0 to 1048575, got 1099511627776$/,
  ],
  [
    'an added token without text',
    llama3,
    'added_tokens.2.content',
    '',
    /^tokenizer\.json: added_tokens: "2.content": Too small/,
  ],
  [
    'single_word',
    llama3,
    'added_tokens.2.single_word',
    true,
    'tokenizer.json: added_tokens: "2.single_word": expected false; @huggingface/tokenizers ignores it',
  ],
  [
    'a component that is not run',
    llama2,
    'normalizer.normalizers.0.type',
    'Nmt',
    /^tokenizer\.json: "normalizer\.normalizers\.0\.type": expected one of the types .* NFC, NFD/,
  ],
  ['a component that is a list', llama2, 'decoder', [], /^tokenizer\.json: "decoder": expected one of the types/],
  [
    'a splitting that would be another',
    llama3,
    'pre_tokenizer.pretokenizers.0.behavior',
    'MergedWithNext',
    /behavior Isolated, or Removed/,
  ],
  [
    'splits that keep what is still there',
    unigram,
    'pre_tokenizer',
    { type: 'Split', pattern: { String: ' ' }, behavior: 'MergedWithPrevious' },
    /got MergedWithPrevious; @huggingface\/tokenizers runs it as Isolated$/,
  ],
  [
    'pieces of length 0',
    llama3,
    'pre_tokenizer',
    { type: 'FixedLength', length: 0 },
    /"pre_tokenizer\.length": Too small/,
  ],
  [
    'replacements that explode',
    llama2,
    'normalizer',
    { type: 'Sequence', normalizers: Array(13).fill({ type: 'Replace', pattern: { String: 'a' }, content: 'aa' }) },
    'tokenizer.json: normalizer: its replacements could make a text 8192 times longer',
  ],
  [
    'a template of an unknown token',
    bert,
    'post_processor.single.0.SpecialToken.id',
    '[BOS]',
    'tokenizer.json: post_processor: "[BOS]" is not in the vocabulary',
  ],
  [
    'a template that repeats the text',
    bert,
    'post_processor.single',
    Array(65).fill({ Sequence: { id: 'A', type_id: 0 } }),
    /"post_processor\.single": Too big/,
  ],
]

test.each(wrong)('%s is refused by name', (_why, json, path, value, message) => {
  const got = messageOf(json, path, value)
  if (typeof message === 'string') expect(got).toBe(message)
  else expect(got).toMatch(message)
})

test.each([null, 3, 'text', [], undefined])('%j is no tokenizer.json', (value) => {
  expect(dataErrorOf(() => readTokenizer(value, 'tokenizer.json'))).toBe(
    'tokenizer.json: expected a tokenizer.json, which is an object',
  )
})

test('a sequence within a sequence within ... is refused, not followed', () => {
  let normalizer: unknown = { type: 'NFC' }
  for (let i = 0; i < 20_000; i++) normalizer = { type: 'Sequence', normalizers: [normalizer] }
  expect(dataErrorOf(() => readTokenizer({ ...llama2, normalizer }, 'x'))).toContain('"normalizer.normalizers.0.type"')
})

test('Gemma splits at spaces that its normalizer has replaced', () => {
  const split = { type: 'Split', pattern: { String: ' ' }, behavior: 'MergedWithPrevious', invert: false }
  const normalizer = { type: 'Replace', pattern: { String: ' ' }, content: '▁' }
  const tokenizer = readTokenizer({ ...llama2, normalizer, pre_tokenizer: split }, 'x')
  expect([...tokenizer.encode(' abc')]).toEqual([268])
})

/** All paths to values within `json`, one of each kind for long lists. */
function paths(json: unknown, path: readonly string[] = []): string[][] {
  const here = path.length > 0 ? [[...path]] : []
  if (typeof json !== 'object' || json === null) return here
  const keys = Object.keys(json).filter((key, i, list) => !key.includes('.') && (i < 4 || i > list.length - 3))
  return [...here, ...keys.flatMap((key) => paths((json as JsonObject)[key], [...path, key]))]
}

const junk = fc.oneof(
  fc.constantFrom(
    null,
    undefined,
    true,
    -1,
    0,
    0.5,
    7,
    2 ** 31,
    2 ** 53,
    NaN,
    '',
    ' ',
    'a b',
    '▁',
    '<s>',
    '(',
    '\uD800',
    'Sequence',
    'ByteLevel',
    'Fuse',
  ),
  fc.constantFrom(
    {},
    [],
    [null],
    [[]],
    [['a']],
    [{}],
    { type: 'NFC' },
    { type: 'Sequence' },
    { String: 'a' },
    { Regex: '' },
    { Regex: '[' },
  ),
  fc.jsonValue(),
)

test.each(Object.entries(all))('%s: whatever stands in the file, an error is a DataError', (_name, json) => {
  const change = fc.tuple(fc.constantFrom(...paths(json)), junk)
  const check = fc.property(fc.array(change, { minLength: 1, maxLength: 2 }), (changes) => {
    try {
      const changed = changes.reduce((copy, [path, value]) => tryPut(copy, path.join('.'), value), json)
      const tokenizer = readTokenizer(changed, 'x')
      const ids = tokenizer.encode('a bc <s>é\n')
      for (const id of ids) expect(id >= 0 && id < tokenizer.vocabulary).toBe(true)
      tokenizer.decode(Int32Array.from({ length: tokenizer.vocabulary }, (_, id) => id))
      tokenizer.withSpecialTokens?.('a </s>')
    } catch (error) {
      if (!(error instanceof DataError)) throw error
    }
  })
  fc.assert(check, { seed: 1, numRuns: 400 })
})

/** `put`, where an earlier change has left a place for it. */
function tryPut(json: JsonObject, path: string, value: unknown): JsonObject {
  try {
    return put(json, path, value)
  } catch {
    return json
  }
}

import {
  array,
  boolean,
  int,
  literal,
  nullable,
  number,
  object,
  string,
  tuple,
  union,
  unknown,
  null as none,
} from 'zod'
import { DataError } from '../../errors.ts'
import { checkJson, isJsonObject, quote, type JsonObject } from '../../files/json.ts'
import { longestText } from './components.ts'

/** Most tokens of a vocabulary. */
export const maxVocabulary: number = 2 ** 20

const maxMerges = 2 ** 22
const flag = boolean().optional()
const bpeSchema = object({
  dropout: union([none(), literal(0)], { error: 'expected none; it would make ids random' }).optional(),
  unk_token: nullable(string()).optional(),
  continuing_subword_prefix: union([none(), literal('')], {
    error: 'expected none; @huggingface/tokenizers ignores it',
  }).optional(),
  end_of_word_suffix: nullable(string().max(longestText)).optional(),
  fuse_unk: flag,
  byte_fallback: flag,
  ignore_merges: flag,
  merges: array(unknown()).max(maxMerges),
})
const wordPieceSchema = object({
  unk_token: string(),
  continuing_subword_prefix: string().max(longestText),
  max_input_chars_per_word: int().positive().max(longestText).optional(),
})
const unigramSchema = object({
  unk_id: int().nonnegative(),
  byte_fallback: literal(false, { error: 'expected false; @huggingface/tokenizers ignores it' }).optional(),
  vocab: array(tuple([string(), number()])),
})

/** The model of a `tokenizer.json`, checked. */
export interface Model {
  readonly type: 'BPE' | 'WordPiece' | 'Unigram'
  /** Its tokens by id; a hole belongs to an added token. */
  readonly tokens: readonly (string | undefined)[]
  /** Id of each token. */
  readonly ids: ReadonlyMap<string, number>
  /** Tokens that become one, the first to be merged first; empty unless the type is BPE. */
  readonly merges: readonly (readonly [left: string, right: string])[]
  /** The other settings of its type; of Unigram also `vocab`, tokens with their scores. */
  readonly settings: Readonly<Record<string, unknown>>
}

/** Older files leave the type out. */
function typeOf(json: JsonObject): unknown {
  if (json.type !== undefined) return json.type
  if (Array.isArray(json.vocab)) return 'Unigram'
  return json.merges === undefined ? 'WordPiece' : 'BPE'
}

function readVocabulary(entries: [token: string, id: unknown][], where: string): Map<string, number> {
  if (entries.length === 0 || entries.length > maxVocabulary) {
    throw new DataError(`${where}: expected from 1 to ${maxVocabulary} tokens, got ${entries.length}`)
  }
  const ids = new Map<string, number>()
  for (const [token, id] of entries) {
    checkToken(token, id, where)
    if (ids.has(token)) throw new DataError(`${where}: the token ${quote(token)} stands there twice`)
    ids.set(token, id)
  }
  return ids
}

/** Throws DataError unless `token` and `id` can be a token and its id. */
export function checkToken(token: string, id: unknown, where: string): asserts id is number {
  if (token.length > longestText) {
    throw new DataError(`${where}: expected tokens of at most ${longestText} characters, got ${quote(token)}`)
  }
  if (!Number.isInteger(id) || Number(id) < 0 || Number(id) >= maxVocabulary) {
    throw new DataError(`${where}: ${quote(token)}: expected an id from 0 to ${maxVocabulary - 1}, got ${String(id)}`)
  }
}

function readMerges(list: readonly unknown[], ids: ReadonlyMap<string, number>, where: string): [string, string][] {
  return list.map((merge, i) => {
    const pair: unknown = typeof merge === 'string' ? merge.split(' ') : merge
    const [left, right, ...more] = Array.isArray(pair) ? (pair as unknown[]) : []
    if (typeof left !== 'string' || typeof right !== 'string' || more.length > 0) {
      throw new DataError(`${where}[${i}]: expected two tokens, as "a b" or ["a", "b"]`)
    }
    for (const token of [left, right, left + right]) {
      if (!ids.has(token)) throw new DataError(`${where}[${i}]: ${quote(token)} is not in the vocabulary`)
    }
    return [left, right]
  })
}

/** Checks the model of a `tokenizer.json`: its type, vocabulary and merges. Throws DataError that starts with `where`. */
export function readModel(value: unknown, where: string): Model {
  if (!isJsonObject(value)) throw new DataError(`${where}: expected an object`)
  const type = typeOf(value)
  if (type !== 'BPE' && type !== 'WordPiece' && type !== 'Unigram') {
    throw new DataError(`${where}: type: expected BPE, WordPiece or Unigram, got ${quote(String(type))}`)
  }
  let vocabulary: [string, unknown][]
  let settings: Model['settings']
  let merges: readonly unknown[] = []
  if (type === 'Unigram') {
    const unigram = checkJson(value, unigramSchema, where)
    if (unigram.unk_id >= unigram.vocab.length) {
      throw new DataError(`${where}: unk_id: expected an id of its vocabulary, got ${unigram.unk_id}`)
    }
    vocabulary = unigram.vocab.map(([token], id) => [token, id])
    settings = unigram
  } else {
    if (!isJsonObject(value.vocab)) throw new DataError(`${where}: vocab: expected an object of tokens and ids`)
    vocabulary = Object.entries(value.vocab)
    if (type === 'BPE') ({ merges, ...settings } = checkJson(value, bpeSchema, where))
    else settings = checkJson(value, wordPieceSchema, where)
  }
  const ids = readVocabulary(vocabulary, `${where}: vocab`)
  const { unk_token: unknownToken } = settings
  if (typeof unknownToken === 'string' && !ids.has(unknownToken)) {
    throw new DataError(`${where}: unk_token: ${quote(unknownToken)} is not in the vocabulary`)
  }
  const tokens: (string | undefined)[] = []
  for (const [token, id] of ids) {
    if (tokens[id] !== undefined) {
      throw new DataError(`${where}: vocab: id ${id} stands for ${quote(tokens[id])} and ${quote(token)}`)
    }
    tokens[id] = token
  }
  return { type, tokens, ids, merges: readMerges(merges, ids, `${where}: merges`), settings }
}

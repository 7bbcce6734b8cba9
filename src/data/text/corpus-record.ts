import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { enum as oneOf, int, literal, nullable, number, strictObject, string, type ZodType } from 'zod'
import { DataError } from '../../errors.ts'
import { readText } from '../../files/disk.ts'
import { checkJson, isJsonObject, parseJson } from '../../files/json.ts'
import type { PartSize } from './pack.ts'
import type { Part } from './split.ts'
import { type TokenType, tokenTypeOf } from './token-array.ts'

export interface PartRecord extends PartSize {
  /** Of the tokens as the file holds them, header left out. */
  readonly sha256: string
}

/** What `corpus.json` says of a prepared corpus. */
export interface CorpusRecord {
  readonly version: 1
  readonly name: string
  readonly tokenizer: {
    readonly name: string
    readonly vocabulary: number
    /** The token between two documents; null where a blank line stands there. */
    readonly separator: number | null
    /** Of the file `tokenizer.json`. */
    readonly sha256: string
    /** Characters of training documents that it was learnt from; null where it was not learnt from them. */
    readonly learntFrom: number | null
  }
  readonly dtype: TokenType
  readonly split: { readonly validation: number; readonly seed: number }
  readonly parts: { readonly train: PartRecord; readonly validation: PartRecord | null }
}

/** The files of a corpus. */
export const corpusPaths = (folder: string): Record<Part | 'record' | 'tokenizer', string> => ({
  record: join(folder, 'corpus.json'),
  tokenizer: join(folder, 'tokenizer.json'),
  train: join(folder, 'train.tokens'),
  validation: join(folder, 'validation.tokens'),
})

const sha256 = string().regex(/^[0-9a-f]{64}$/, 'expected a sha256 in hex')
const natural = int().nonnegative()
const part = strictObject({ documents: natural, tokens: natural, bytes: natural, sha256 })

const recordSchema: ZodType<CorpusRecord> = strictObject({
  version: literal(1),
  name: string(),
  tokenizer: strictObject({
    name: string(),
    vocabulary: int().positive(),
    separator: nullable(natural),
    sha256,
    learntFrom: nullable(natural),
  }),
  dtype: oneOf(['uint16', 'uint32']),
  split: strictObject({ validation: number(), seed: natural }),
  parts: strictObject({ train: part, validation: nullable(part) }),
})

/** The sha256 (hex) of a text in UTF-8. */
export const hashText = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Reads `corpus.json`. Throws DataError where the folder is no corpus, or one of a later version. */
export function readCorpusRecord(folder: string): CorpusRecord {
  const path = corpusPaths(folder).record
  const json = parseJson(readText(path), path)
  if (isJsonObject(json) && typeof json.version === 'number' && json.version > 1) {
    throw new DataError(`${path}: expected version 1, got ${json.version}; read it with a newer Residua`)
  }
  const record = checkJson(json, recordSchema, path)
  const type = tokenTypeOf(record.tokenizer.vocabulary)
  if (record.dtype !== type) {
    throw new DataError(`${path}: expected ${type} for ${record.tokenizer.vocabulary} tokens, got ${record.dtype}`)
  }
  return record
}

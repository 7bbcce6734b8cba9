import { lstatSync, mkdirSync, readdirSync, renameSync, rmdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DataError, OptionError } from '../../errors.ts'
import { discard, syncFolder, temporaryName, writeSynced } from '../../files/atomic.ts'
import { diskError } from '../../files/disk.ts'
import { exactJson } from '../../files/json.ts'
import { corpusPaths, type CorpusRecord, hashText, type PartRecord } from './corpus-record.ts'
import { type EncodeOptions, pack, type Plan, plan } from './pack.ts'
import { sourceOf, type TextLike } from './source.ts'
import type { Part } from './split.ts'
import type { WorkOptions } from './survey.ts'
import { tokenTypeOf } from './token-array.ts'
import { createTokenFile } from './token-file.ts'

export interface PrepareOptions extends EncodeOptions, WorkOptions {
  readonly source: TextLike
  /** Where the corpus will be; must not exist, or be an empty folder. */
  readonly folder: string
}

/**
 * Writes a text as a prepared corpus: a folder with its tokens (`train.tokens`, `validation.tokens`), `tokenizer.json` and
 * `corpus.json`, to be opened with `corpus`.
 *
 * Tokenizer, split and separators are those of `text`. One document at a time is in memory. The folder appears under its
 * name once it is whole; `signal` ends the work between two documents, without a trace, and throws its reason.
 * Throws OptionError for values out of range and a folder that is in use, DataError for text that cannot be read or
 * parts without at least two tokens, and where the disk refuses.
 */
export async function prepareCorpus({ source, folder, ...options }: PrepareOptions): Promise<CorpusRecord> {
  checkVacant(folder)
  const decided = await plan(sourceOf(source), options, options)
  const target = resolve(folder)
  const temporary = join(dirname(target), temporaryName())
  try {
    mkdirSync(temporary, { recursive: true })
    const record = await writeParts(temporary, decided, options)
    syncFolder(temporary)
    if (checkVacant(folder)) rmdirSync(target)
    renameSync(temporary, target)
    syncFolder(dirname(target))
    return record
  } catch (error) {
    discard(temporary)
    if (options.signal?.aborted && error === options.signal.reason) throw error
    throw diskError('write', folder, error)
  }
}

/** Whether there is an empty folder; throws OptionError where something else is in the way. */
function checkVacant(folder: string): boolean {
  try {
    const found = lstatSync(folder, { throwIfNoEntry: false })
    if (found === undefined) return false
    if (found.isDirectory() && readdirSync(folder).length === 0) return true
  } catch (error) {
    throw diskError('write', folder, error)
  }
  throw new OptionError(`${folder}: expected a folder that does not exist yet; remove it or choose another`)
}

async function writeParts(folder: string, decided: Plan, work: WorkOptions): Promise<CorpusRecord> {
  const { source, tokenizer, split, learntFrom } = decided
  const { name, vocabulary, separator } = tokenizer
  const paths = corpusPaths(folder)
  const dtype = tokenTypeOf(vocabulary)
  const json = exactJson(tokenizer.toJson(), name)
  writeSynced(paths.tokenizer, json)

  const holdsOut = split.validation > 0
  const train = createTokenFile(paths.train, dtype)
  const validation = holdsOut ? createTokenFile(paths.validation, dtype) : null
  try {
    const writers = { train, validation }
    const sizes = await pack(decided, (part, ids) => writers[part]?.append(ids), work)
    const finish = (part: Part): PartRecord => {
      if (sizes[part].tokens >= 2) return { ...sizes[part], sha256: writers[part]?.finish() ?? '' }
      throw new DataError(
        `${source.name}.${part}: expected at least 2 tokens, got ${sizes[part].tokens}; give more text`,
      )
    }
    const record: CorpusRecord = {
      version: 1,
      name: source.name,
      tokenizer: { name, vocabulary, separator, sha256: hashText(json), learntFrom },
      dtype,
      split,
      parts: { train: finish('train'), validation: holdsOut ? finish('validation') : null },
    }
    writeSynced(paths.record, exactJson(record, 'corpus.json'))
    return record
  } finally {
    train.close()
    validation?.close()
  }
}

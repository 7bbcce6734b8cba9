import { DataError } from '../../errors.ts'
import { readText } from '../../files/disk.ts'
import { parseJson } from '../../files/json.ts'
import { readTokenizer } from '../tokenizer/read.ts'
import type { Tokenizer } from '../tokenizer/tokenizer.ts'
import { corpusPaths, type CorpusRecord, hashText, type PartRecord, readCorpusRecord } from './corpus-record.ts'
import type { Part } from './split.ts'
import { hashTokens, tokenFile } from './token-file.ts'
import { type TextData, textData, type TextPart, type WindowOptions } from './windows.ts'

/** A prepared corpus, opened. */
export interface CorpusData extends TextData {
  /** What its `corpus.json` says; the sha256 of its parts tells it from every other. */
  readonly record: CorpusRecord
}

/**
 * Opens a corpus that `prepareCorpus` wrote; its windows are those of `text`, read from the files as they are asked for.
 *
 * The corpus may be larger than memory: windows come by positional reads through the page cache of the operating system
 * (Node maps no files into memory), and a shuffled epoch needs 4 bytes per window.
 * Shapes: inputs and targets `[size, context]` int32. `stride` defaults to `context`.
 * Throws DataError where a file is damaged, or does not belong to the others, or a part has less than context + 1
 * tokens; later, when a window is read, for an id outside the vocabulary and for a file that was changed meanwhile.
 */
export function corpus(folder: string, options: WindowOptions): CorpusData {
  const record = readCorpusRecord(folder)
  const tokenizer = readCorpusTokenizer(folder, record)
  const { train, validation } = record.parts
  const data = textData(
    {
      name: record.name,
      tokenizer,
      train: openPart(folder, record, 'train', train),
      validation: validation && openPart(folder, record, 'validation', validation),
    },
    options,
  )
  return { ...data, record }
}

function readCorpusTokenizer(folder: string, { tokenizer: recorded }: CorpusRecord): Tokenizer {
  const path = corpusPaths(folder).tokenizer
  const json = readText(path)
  if (hashText(json) !== recorded.sha256) throw new DataError(`${path}: it is not the tokenizer that corpus.json names`)
  const tokenizer = readTokenizer(parseJson(json, path), path)
  const { name, vocabulary, separator } = recorded
  if (tokenizer.vocabulary === vocabulary) return { ...tokenizer, name, separator }
  throw new DataError(`${path}: expected a vocabulary of ${recorded.vocabulary}, got ${tokenizer.vocabulary}`)
}

function openPart(folder: string, record: CorpusRecord, part: Part, { tokens: count, bytes }: PartRecord): TextPart {
  const tokens = tokenFile({
    path: corpusPaths(folder)[part],
    type: record.dtype,
    count,
    vocabulary: record.tokenizer.vocabulary,
  })
  return { tokens, bytes }
}

/** Reads a whole corpus and compares it with its sums. Throws DataError where a bit was changed. */
export function verifyCorpus(folder: string): void {
  const { parts } = readCorpusRecord(folder)
  for (const part of ['train', 'validation'] as const) {
    const path = corpusPaths(folder)[part]
    const recorded = parts[part]
    if (recorded && hashTokens(path) !== recorded.sha256)
      throw new DataError(`${path}: its content is not what corpus.json says; prepare it anew`)
  }
}

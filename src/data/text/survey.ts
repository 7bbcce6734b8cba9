import { DataError } from '../../errors.ts'
import { pauses } from './pause.ts'
import type { TextSource } from './source.ts'
import { documentsOf } from './split.ts'

/** How much text a source holds. */
export interface Survey {
  /** Documents that hold text. */
  readonly documents: number
  /** UTF-16 code units. */
  readonly characters: number
  /** Bytes in UTF-8. */
  readonly bytes: number
}

/** How far the work on a source has come. */
export interface TextProgress {
  /** Counting the text, then learning byte pairs where asked for, then encoding the text. */
  readonly phase: 'count' | 'tokenizer' | 'encode'
  /** Documents done in this phase. */
  readonly documents: number
  /** Bytes of text done in this phase. */
  readonly bytes: number
  /** Bytes of the whole text, null while they are counted. */
  readonly totalBytes: number | null
  /** Byte pairs that were learnt. */
  readonly merges?: number
}

export interface WorkOptions {
  readonly onProgress?: (progress: TextProgress) => void
  /** Ends the work with its reason; while a tokenizer is made, only after that. */
  readonly signal?: AbortSignal
}

/** Reads a source once and measures it. Throws DataError where it holds no text. */
export async function survey(source: TextSource, { onProgress, signal }: WorkOptions = {}): Promise<Survey> {
  const pause = pauses(signal)
  let documents = 0
  let characters = 0
  let bytes = 0
  for (const text of documentsOf(source)) {
    documents++
    characters += text.length
    bytes += Buffer.byteLength(text)
    onProgress?.({ phase: 'count', documents, bytes, totalBytes: null })
    await pause()
  }
  if (documents === 0) throw new DataError(`${source.name}: expected at least one document with text, got none`)
  return { documents, characters, bytes }
}

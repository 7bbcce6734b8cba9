import { readText } from '../../files/disk.ts'
import { parseJson } from '../../files/json.ts'
import { readTokenizer, type ReadTokenizerOptions } from './read.ts'
import type { Tokenizer } from './tokenizer.ts'

/** The tokenizer of a `tokenizer.json` on disk. Throws DataError for a file that is none. */
export function openTokenizer(path: string, options: ReadTokenizerOptions = {}): Tokenizer {
  return readTokenizer(parseJson(readText(path), path), path, options)
}

import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { object, string } from 'zod'
import { DataError, OptionError } from '../../errors.ts'
import { diskError, readText } from '../../files/disk.ts'
import { parseJson } from '../../files/json.ts'
import { filesBelow, glob, isGlob } from './glob.ts'
import type { TextSource } from './source.ts'

export interface FilesOptions {
  /** What stands between two documents of one file, such as `<|endoftext|>`; default: a file is one document. */
  readonly separator?: string
}

/** What a folder is searched for. */
const extensions = ['.txt', '.md', '.jsonl']

/** Most characters of one document; a file that is one document may have as many bytes. */
const maxLength = 2 ** 28

/**
 * Documents in UTF-8 files.
 *
 * A pattern is a file, a folder (every .txt, .md and .jsonl below it) or a glob of `*`, `**` and `?`; a file that
 * several patterns name comes once. A file is a document, of at most 256 MiB; with `separator` it is one document for
 * each piece between two of them, less one line end on either side; a .jsonl file holds one JSON object with a string
 * `text` a line. Files of several documents are read piece by piece and may be larger than memory.
 * Throws DataError where a pattern leads to no file, and while reading for what is no UTF-8 or no such JSON.
 */
export function files(patterns: string | readonly string[], { separator }: FilesOptions = {}): TextSource {
  if (separator === '') throw new OptionError('files: expected separator to be a text, got an empty one')
  const given = typeof patterns === 'string' ? [patterns] : patterns
  const paths = [...new Set(given.flatMap(pathsOf))]
  if (paths.length === 0) throw new OptionError('files: expected at least one path, folder or glob, got none')
  return {
    name: given.map(shortName).join('+'),
    *documents() {
      for (const path of paths) yield* documentsIn(path, separator)
    },
  }
}

const shortName = (pattern: string): string => basename(pattern, extname(pattern)) || pattern

function pathsOf(pattern: string): string[] {
  const found = statSync(pattern, { throwIfNoEntry: false })
  if (found?.isFile()) return [pattern]
  if (found === undefined && !isGlob(pattern)) throw new DataError(`${pattern}: there is no such file or folder`)
  const below = found === undefined ? glob(pattern) : filesBelow(pattern).filter(isText)
  if (below.length > 0) return below
  const expected = found === undefined ? 'a file to match' : `a ${extensions.join(', ')} file below it`
  throw new DataError(`${pattern}: expected ${expected}, got none`)
}

const isText = (path: string): boolean => extensions.includes(extname(path).toLowerCase())

function* documentsIn(path: string, separator: string | undefined): Generator<string> {
  if (extname(path).toLowerCase() === '.jsonl') yield* records(path)
  else if (separator === undefined) yield readText(path).replace(/^\ufeff/, '')
  else {
    for (const piece of pieces(path, separator)) yield piece.replace(/^\r?\n/, '').replace(/\r?\n$/, '')
  }
}

const recordSchema = object({ text: string() })

function* records(path: string): Generator<string> {
  let line = 0
  for (const text of pieces(path, '\n')) {
    line++
    if (text.trim() === '') continue
    const where = `${path}: line ${line}`
    const { data } = recordSchema.safeParse(parseJson(text, where))
    if (data === undefined) throw new DataError(`${where}: expected an object with a string "text"`)
    yield data.text
  }
}

/** The text between separators, without the separators and without a byte order mark. */
function* pieces(path: string, separator: string): Generator<string> {
  let pending = ''
  for (const text of decoded(path)) {
    let searched = Math.max(0, pending.length - separator.length + 1)
    pending += text
    let start = 0
    for (let end; (end = pending.indexOf(separator, searched)) >= 0; searched = start) {
      yield pending.slice(start, end)
      start = end + separator.length
    }
    pending = pending.slice(start)
    if (pending.length > maxLength) {
      throw new DataError(`${path}: expected documents of at most ${maxLength} characters, got a longer one`)
    }
  }
  yield pending
}

function* decoded(path: string): Generator<string> {
  const buffer = new Uint8Array(2 ** 20)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const decode = (bytes?: Uint8Array): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined })
    } catch {
      throw new DataError(`${path}: expected UTF-8 text, got other bytes`)
    }
  }
  const descriptor = open(path)
  try {
    for (let count; (count = read(descriptor, buffer, path)) > 0;) yield decode(buffer.subarray(0, count))
    yield decode()
  } finally {
    closeSync(descriptor)
  }
}

function open(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (error) {
    throw diskError('read', path, error)
  }
}

function read(descriptor: number, buffer: Uint8Array, path: string): number {
  try {
    return readSync(descriptor, buffer)
  } catch (error) {
    throw diskError('read', path, error)
  }
}

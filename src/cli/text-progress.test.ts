import { afterEach, expect, test, vi } from 'vitest'
import { clock } from '../clock.ts'
import type { TextProgress } from '../data/text/survey.ts'
import { textProgress } from './text-progress.ts'

afterEach(() => void vi.restoreAllMocks())

const counted: TextProgress = { phase: 'count', documents: 2, bytes: 1_500_000, totalBytes: null }
const events: readonly TextProgress[] = [
  counted,
  { ...counted, phase: 'tokenizer' },
  { ...counted, phase: 'tokenizer', merges: 300 },
  { ...counted, phase: 'encode', totalBytes: 3e6 },
]

/** What is written when an event comes every `stepMs`. */
function written(isTTY: boolean, stepMs: number, enabled = true): string[] {
  let now = 0
  vi.spyOn(clock, 'now').mockImplementation(() => now)
  const lines: string[] = []
  const stream = { isTTY, write: (text: string) => lines.push(text) } as unknown as NodeJS.WriteStream
  const progress = textProgress(enabled, stream)
  for (const event of events) {
    now += stepMs
    progress.see(event)
  }
  progress.done()
  return lines
}

test('a terminal has one line, which goes at the end', () => {
  expect(written(true, 100)).toEqual([
    '\r\x1b[Kcounting: 2 documents, 1.5 MB',
    '\r\x1b[Klearning byte pairs: reading',
    '\r\x1b[Klearning byte pairs: 300',
    '\r\x1b[Kencoding: 2 documents, 1.5 MB of 3.0 MB',
    '\r\x1b[K',
  ])
  expect(written(true, 60)).toHaveLength(3)
})

test('a pipe has a line every ten seconds', () => {
  expect(written(false, 6000)).toEqual(['learning byte pairs: reading\n', 'encoding: 2 documents, 1.5 MB of 3.0 MB\n'])
  expect(written(false, 100)).toEqual([])
})

test('quiet is quiet', () => expect(written(true, 1e6, false)).toEqual([]))

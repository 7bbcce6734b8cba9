import { OptionError } from '../../errors.ts'
import { random } from '../../random.ts'
import { byteTokenizer } from '../tokenizer/byte.ts'
import { charTokenizer } from '../tokenizer/char.ts'
import type { Tokenizer } from '../tokenizer/tokenizer.ts'
import { trainBpe } from '../tokenizer/train-bpe.ts'
import type { TextSource } from './source.ts'
import { boundary, documentsOf, splitDocuments, type SplitOptions } from './split.ts'
import type { Survey, WorkOptions } from './survey.ts'

/** A tokenizer, or how to make one: of characters, of bytes, or byte pairs learnt up to a vocabulary. */
export type TokenizerChoice = 'char' | 'byte' | `bpe:${number}` | Tokenizer

/** Between documents where the tokenizer has no token for it: a blank line. */
export const blankLine = '\n\n'

/** Most characters of training documents that byte pairs are learnt from. */
export const maxBpeCharacters = 100_000_000

/** Throws OptionError for the name of no tokenizer. */
export function checkChoice(choice: TokenizerChoice): void {
  if (typeof choice !== 'string' || /^(char|byte|bpe:\d{1,9})$/.test(choice)) return
  throw new OptionError(
    `text: expected tokenizer to be char, byte, bpe:<vocabulary> such as bpe:4096 or a tokenizer, got ${JSON.stringify(choice)}`,
  )
}

export interface ChosenTokenizer {
  readonly tokenizer: Tokenizer
  /** Characters of training documents that it was learnt from; null where it was not learnt from them. */
  readonly learntFrom: number | null
}

/** Makes the tokenizer for a source that was surveyed. Throws OptionError for a vocabulary out of range. */
export function chooseTokenizer(
  choice: TokenizerChoice,
  source: TextSource,
  { documents, characters, bytes }: Survey,
  split: Required<SplitOptions>,
  { onProgress }: WorkOptions = {},
): ChosenTokenizer {
  if (typeof choice !== 'string') return { tokenizer: choice, learntFrom: null }
  if (choice === 'byte') return { tokenizer: byteTokenizer(), learntFrom: null }
  if (choice === 'char') return { tokenizer: charTokenizer(withBlankLine(source, documents)), learntFrom: null }
  let learntFrom = 0
  function* counted(): Generator<string> {
    for (const text of trainingSample(source, documents, characters, split)) {
      learntFrom += text.length
      yield text
    }
  }
  const tokenizer = trainBpe(counted(), {
    vocabulary: Number(choice.slice('bpe:'.length)),
    progress: ({ merges }) => onProgress?.({ phase: 'tokenizer', documents: 0, bytes: 0, totalBytes: bytes, merges }),
  })
  return { tokenizer, learntFrom }
}

/** All documents, and what will stand between them. */
function* withBlankLine(source: TextSource, documents: number): Generator<string> {
  yield* documentsOf(source)
  if (documents > 1) yield blankLine
}

/** The training documents, or at random as many of them as `maxBpeCharacters` allow. */
export function* trainingSample(
  source: TextSource,
  documents: number,
  characters: number,
  split: Required<SplitOptions>,
  limit: number = maxBpeCharacters,
): Generator<string> {
  const share = limit / (characters * (1 - split.validation))
  const { uniform } = random(split.seed, 'data.text.sample')
  let left = limit
  for (const { part, text } of splitDocuments(source, documents, split)) {
    if (part !== 'train' || (documents > 1 && share < 1 && uniform() >= share)) continue
    const taken = text.slice(0, boundary(text, Math.min(left, text.length)))
    yield taken
    left -= taken.length
    if (left < 2) return
  }
}

import { type Dataset, split, take } from '../../data/dataset.ts'
import { mobyDick } from '../../data/moby-dick.ts'
import { text } from '../../data/text/text.ts'
import { OptionError } from '../../errors.ts'
import { gpt } from '../../models/gpt.ts'
import { crossEntropy } from '../../nn/loss.ts'
import { classEntropy } from '../../train/plateau.ts'
import type { Task } from '../study/task.ts'
import { optionsOf } from './options.ts'

export interface CharacterOptions {
  /** Blocks of attention and feed-forward. Default 6. */
  readonly depth?: number
  /** Width of the stream. Default 64. */
  readonly width?: number
  /** Default 4. */
  readonly heads?: number
  /** Tokens of a window. Default 64. */
  readonly context?: number
  /** Characters to train on, in windows drawn from the whole text. Default: all. */
  readonly trainCharacters?: number | null
  /** Windows of the held-out text that are measured. Default 256. */
  readonly testSize?: number
}

/** So many windows of the text that they have `characters`; those of fewer characters are among those of more. */
function drawn(all: Dataset, characters: number, context: number): Dataset {
  const windows = Math.floor(characters / context)
  if (!(windows >= 1 && windows < all.size)) {
    throw new OptionError(
      `characters: expected trainCharacters from ${context}, one window, to less than ${all.size * context}, got ${characters}. Leave it out for the whole text`,
    )
  }
  return split(all, windows / all.size, 0)[0]
}

/** A GPT on the characters of a novel; measured is the loss on held-out text, nats per character. */
export function charactersTask(given: CharacterOptions = {}): Task<Required<CharacterOptions>> {
  return {
    name: 'characters',
    options: optionsOf<CharacterOptions>(
      'characters',
      { depth: 6, width: 64, heads: 4, context: 64, trainCharacters: null, testSize: 256 },
      given,
    ),
    batchSize: 8,
    loss: crossEntropy,
    metrics: {},
    open: async ({ context, trainCharacters, testSize }) => {
      const { train: all, validation } = await text(mobyDick(), { tokenizer: 'char', context })
      const train = trainCharacters === null ? all : drawn(all, trainCharacters, context)
      const test = take(validation!, Math.min(testSize, validation!.size))
      return { train, test, measures: { loss: { better: 'lower', chance: classEntropy(train)!, smallest: 0.02 } } }
    },
    net: ({ depth, width, heads, context }, wiring, { train }) =>
      gpt({ layers: depth, width, heads, context, vocabulary: train.classes!, wiring }),
  }
}

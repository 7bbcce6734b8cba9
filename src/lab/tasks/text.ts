import { take } from '../../data/dataset.ts'
import { mobyDick } from '../../data/moby-dick.ts'
import { text } from '../../data/text/text.ts'
import { gpt } from '../../models/gpt.ts'
import { crossEntropy } from '../../nn/loss.ts'
import { classEntropy } from '../../train/plateau.ts'
import type { Task } from '../study/task.ts'

export interface CharacterOptions {
  /** Blocks of attention and feed-forward. Default 6. */
  readonly depth?: number
  /** Width of the stream. Default 64. */
  readonly width?: number
  /** Default 4. */
  readonly heads?: number
  /** Tokens of a window. Default 64. */
  readonly context?: number
  /** Windows of the held-out text that are measured. Default 256. */
  readonly testSize?: number
}

/** A GPT on the characters of a novel; measured is the loss on held-out text, nats per character. */
export function charactersTask(given: CharacterOptions = {}): Task<Required<CharacterOptions>> {
  return {
    name: 'characters',
    options: { depth: 6, width: 64, heads: 4, context: 64, testSize: 256, ...given },
    batchSize: 8,
    loss: crossEntropy,
    metrics: {},
    open: async ({ context, testSize }) => {
      const { train, validation } = await text(mobyDick(), { tokenizer: 'char', context })
      const test = take(validation!, Math.min(testSize, validation!.size))
      return { train, test, measures: { loss: { better: 'lower', chance: classEntropy(train)!, smallest: 0.02 } } }
    },
    net: ({ depth, width, heads, context }, wiring, { train }) =>
      gpt({ layers: depth, width, heads, context, vocabulary: train.classes!, wiring }),
  }
}

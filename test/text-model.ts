import { text } from '../src/data/text/text.ts'
import type { TokenizerChoice } from '../src/data/text/tokenizer-choice.ts'
import type { TextData } from '../src/data/text/windows.ts'
import { gpt, type GptOptions } from '../src/models/gpt.ts'
import { crossEntropy } from '../src/nn/loss.ts'
import { adamW } from '../src/optim/adam.ts'
import { compile } from '../src/train/compile.ts'
import type { LanguageModel } from '../src/train/language-model.ts'
import { closing } from './training.ts'

/** About 8,000 characters in which every line differs from the next, also with two spaces and signs that tokenizers tidy away. */
const lines = Array.from({ length: 160 }, (_, i) => {
  const animal = ['whale', 'ship', 'sailor', 'harpoon', 'mate'][(i * 7) % 5]!
  return `Line ${i}: the  ${animal} did n't see ${(i * i) % 97} , said he ; "call me ${animal} !"`
})

/** A text that a tiny net learns to go on with in a few hundred steps. */
export const shanty: string = lines.join('\n')

export const shantyData = (tokenizer: TokenizerChoice): Promise<TextData> => text(shanty, { tokenizer, context: 32 })

/** Nets of GPT-2's and of Llama's kind, and one of no family that others know. */
export const kinds: Readonly<Record<'GPT-2' | 'Llama' | 'own', Partial<GptOptions>>> = {
  'GPT-2': { tied: true, activation: 'geluTanh', wiring: { norm: 'layer', placement: 'pre', init: 'gpt2' } },
  Llama: {
    ...{ positions: 'rotary', feedForward: 'gated', bias: false, keyValueHeads: 1 },
    wiring: { norm: 'rms', placement: 'pre' },
  },
  own: { positions: 'rotary', softcap: 20, wiring: { skip: 'reZero', norm: 'layer', placement: 'peri' } },
}

export interface TextModelOptions {
  readonly kind?: keyof typeof kinds
  readonly tokenizer?: TokenizerChoice
  readonly steps?: number
  /** Where the run is written. */
  readonly run?: string
}

/** A small language model that was trained on `shanty`; closed when the file's tests are done. */
export async function textModel({
  kind = 'GPT-2',
  tokenizer = 'char',
  steps = 1,
  run,
}: TextModelOptions = {}): Promise<LanguageModel> {
  const { train, vocabulary } = await shantyData(tokenizer)
  const net = gpt({ layers: 2, heads: 2, width: 32, vocabulary, context: 96, ...kinds[kind] })
  const optimizer = adamW({ learningRate: 3e-3 })
  const model = closing(await compile(net, { train, loss: crossEntropy, optimizer, threads: 1 }))
  await model.fit({ steps, batchSize: 8, progress: false, ...(run === undefined ? {} : { run }) })
  return model
}

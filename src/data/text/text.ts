import { pack, type EncodeOptions, plan } from './pack.ts'
import { sourceOf, type TextLike } from './source.ts'
import { tokenArray } from './token-array.ts'
import { checkWindows, type TextData, textData, type WindowOptions } from './windows.ts'

export interface TextOptions extends EncodeOptions, WindowOptions {}

/**
 * Text for language models, held in memory as tokens: a source, one string (the text itself; `files` reads files) or one string a document.
 *
 * Shapes: inputs and targets `[size, context]` int32; an example is a window of the text, its targets are the same
 * window one token further.
 *
 * `tokenizer` is a tokenizer, 'char' (every character of the whole text), 'byte', or 'bpe:4096' (byte pairs learnt from
 * the training documents up to that vocabulary; from a sample of 100 million characters where they have more).
 * `validation` (default 0.1) of the documents, drawn by `seed` (default 0), are held out; of an only document its last
 * characters. Documents stand one after another in their order, with the tokenizer's separator between them, or a blank
 * line where it has none; empty ones are left out.
 * Throws OptionError for values out of range, DataError where a part has less than context + 1 tokens.
 */
export async function text(source: TextLike, options: TextOptions): Promise<TextData> {
  checkWindows(options)
  const decided = await plan(sourceOf(source), options)
  const { tokenizer, split } = decided
  const train = tokenArray(tokenizer.vocabulary)
  const validation = tokenArray(tokenizer.vocabulary)
  const sizes = await pack(decided, (part, ids) => (part === 'train' ? train : validation).append(ids))
  return textData(
    {
      name: decided.source.name,
      tokenizer,
      train: { tokens: train, bytes: sizes.train.bytes },
      validation: split.validation === 0 ? null : { tokens: validation, bytes: sizes.validation.bytes },
    },
    options,
  )
}

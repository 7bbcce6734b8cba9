import type { Dataset } from '../data/dataset.ts'
import type { TextDataset } from '../data/text/windows.ts'
import type { Tokenizer } from '../data/tokenizer/tokenizer.ts'

/** What the tokens of a model mean. */
export interface TextInfo {
  readonly tokenizer: Tokenizer
  /** Tokens that end a text. Default: the tokenizer's separator. */
  readonly ends?: readonly number[]
}

/** Whether a data set is text. */
export const isText = (dataset: Dataset): dataset is TextDataset => 'tokenizer' in dataset

import type { Dataset } from '../data/dataset.ts'
import type { TextDataset } from '../data/text/windows.ts'

/** Whether a data set is text. */
export const isText = (dataset: Dataset): dataset is TextDataset => 'tokenizer' in dataset

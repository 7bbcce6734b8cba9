import type { Dataset } from '../data/dataset.ts'
import { OptionError } from '../errors.ts'
import { LanguageModel } from '../train/language-model.ts'
import type { Model } from '../train/model.ts'
import { readTrainedRun } from './run.ts'
import { openExamples, reopenSource } from './source.ts'
import { openHeldOut } from './text-source.ts'

/** The data to measure a run's model on: a source that was named, else what the training held out. */
export async function examplesOf(folder: string, model: Model, data: string | undefined): Promise<Dataset> {
  const { note, classifies, features } = readTrainedRun(folder)
  const tokenizer = model instanceof LanguageModel ? model.tokenizer : undefined
  if (data !== undefined && tokenizer) return openHeldOut(data, tokenizer, features)
  if (data !== undefined) return openExamples(data, note?.table ?? null, classifies ? 'classify' : 'regress')
  if (note === null) throw new OptionError(`${folder}: the run does not say which data it held out; give --data`)
  const { heldOut } = await reopenSource(note.settings, note, tokenizer)
  if (heldOut === null) throw new OptionError(`${folder}: the training held no examples out; give --data`)
  return heldOut
}

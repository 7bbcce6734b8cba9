/** What a run folder says to the commands that read it. */
import {
  array,
  exactOptional,
  int,
  looseObject,
  nullable,
  object,
  optional,
  strictObject,
  string,
  type ZodType,
} from 'zod'
import { OptionError } from '../errors.ts'
import { checkJson } from '../files/json.ts'
import { readRun } from '../train/files/run-folder.ts'
import { type Settings, settingsSchema } from './settings.ts'
import { type SourceNote, tableNoteSchema } from './source.ts'
import { textNoteSchema } from './text-source.ts'

/** What `residua train` adds to the configuration of a run. */
export interface Note extends SourceNote {
  readonly settings: Settings
}

const noteSchema: ZodType<Note> = strictObject({
  settings: settingsSchema,
  table: nullable(tableNoteSchema),
  text: exactOptional(textNoteSchema),
})

const configSchema = looseObject({
  inputs: object({ dtype: string(), shape: array(int().positive()) }),
  loss: string(),
  note: optional(noteSchema),
})

export interface TrainedRun {
  readonly state: string
  /** Numbers per example; of tokens, how many it has. */
  readonly features: number
  /** Whether an example is a row of numbers. */
  readonly takesRows: boolean
  /** Whether the outputs are the logits of classes. */
  readonly classifies: boolean
  /** Null for a run that a program of its own began. */
  readonly note: Note | null
}

/** Reads a run folder. Throws DataError where there is none or it is damaged. */
export function readTrainedRun(folder: string): TrainedRun {
  const { run, config } = readRun(folder)
  const { inputs, loss, note } = checkJson(config, configSchema, `${folder}/config.json`)
  const features = inputs.shape.reduce((product, axis) => product * axis, 1)
  const takesRows = inputs.dtype === 'float32' && inputs.shape.length === 1
  return { state: run.state, features, takesRows, classifies: loss === 'crossEntropy', note: note ?? null }
}

/** The same of a run whose net takes rows of numbers. Throws OptionError for any other. */
export function readRowRun(folder: string): TrainedRun {
  const run = readTrainedRun(folder)
  if (run.takesRows) return run
  throw new OptionError(`${folder}: expected a net that takes rows of numbers, this one takes something else`)
}

import { looseObject, nullable, object, record, string, unknown, array, int } from 'zod'
import type { Dataset } from '../data/dataset.ts'
import type { TextDataset } from '../data/text/windows.ts'
import { openTokenizer } from '../data/tokenizer/open.ts'
import type { Tokenizer } from '../data/tokenizer/tokenizer.ts'
import { OptionError } from '../errors.ts'
import { checkJson } from '../files/json.ts'
import { lora } from '../models/lora.ts'
import { type ModelSpec, type SpecifiedNet, specOf } from '../models/spec.ts'
import { modelOf } from '../models/table.ts'
import type { LoraOptions } from '../nn/lora.ts'
import { crossEntropy, type Loss } from '../nn/loss.ts'
import type { HostTensor, TensorType } from '../tensor.ts'
import { compile, type CompileOptions } from './compile.ts'
import { loadCheckpoint } from './files/checkpoint.ts'
import { runPaths } from './files/paths.ts'
import { readRun } from './files/run-folder.ts'
import type { LanguageModel } from './language-model.ts'
import { merged } from './merge.ts'
import { isSlot } from './program-builder.ts'
import { isText } from './text.ts'

/** As of `compile`; `train` is a text in the run's own tokens. */
export interface FinetuneOptions<M extends string = string> extends Omit<CompileOptions<M>, 'loss' | 'weights'> {
  /** Default `nn.crossEntropy`. */
  readonly loss?: Loss
  /** Trains adapters and leaves the run's weights as they are. Default: all weights are trained. */
  readonly lora?: LoraOptions
}

/** What of a run a fine-tuning begins with: its adapters, where it has some, are merged. */
export interface Pretrained {
  readonly net: SpecifiedNet
  readonly weights: Readonly<Record<string, HostTensor>>
  readonly tokenizer: Tokenizer
  /** Tokens that end a text; none: the tokenizer's separator. */
  readonly ends: readonly number[]
  /** Longest sequence, in tokens. */
  readonly context: number
}

const configSchema = looseObject({
  model: nullable(object({ name: string(), options: record(string(), unknown()) })),
  inputs: object({ dtype: string(), shape: array(int().positive()) }),
  text: object({ tokenizer: string(), separator: nullable(int()), ends: array(int()) }).optional(),
})

/** A net as it was: one that left its context open had that of its data. */
function sized({ name, options }: ModelSpec, context: number): ModelSpec {
  return { name, options: { context, ...options } }
}

/** Reads a run on text at its newest checkpoint. Throws OptionError for any other run, DataError for a damaged one. */
export function readPretrained(run: string): Pretrained {
  const { model, inputs, text } = checkJson(readRun(run).config, configSchema, `${run}/config.json`)
  if (text === undefined)
    throw new OptionError(`${run}: expected a run on text, but it has no tokenizer. Import it with its tokenizer.json`)
  if (model === null)
    throw new OptionError(`${run}: it has a net of its own. Compile that net and give it the weights: model.setWeights`)
  const path = runPaths(run).tokenizer
  const tokenizer = openTokenizer(path)
  const { tensors } = loadCheckpoint(run)
  const stored = Object.fromEntries(Object.entries(tensors).filter(([name]) => !isSlot(name)))
  const { net, weights } = merged({ net: modelOf(model), weights: stored }, inputs as TensorType)
  const own = modelOf(sized(specOf(net)!, inputs.shape[0]!))
  const { context } = own.spec.options as { readonly context: number }
  const { tokenizer: name, separator, ends } = text
  return { net: own, weights, tokenizer: { ...tokenizer, name, separator }, ends, context }
}

/** Whether two tokenizers give a text the same numbers. */
const sameTokens = (a: Tokenizer, b: Tokenizer): boolean => JSON.stringify(a.toJson()) === JSON.stringify(b.toJson())

function needTokens({ tokenizer, context }: Pretrained, train: Dataset, run: string): asserts train is TextDataset {
  if (!isText(train)) throw new OptionError(`finetune: expected a text, such as data.text gives, got ${train.name}`)
  if (!sameTokens(train.tokenizer, tokenizer))
    throw new OptionError(
      `finetune: ${train.name} has other tokens than ${run}. Encode it with ${runPaths(run).tokenizer}`,
    )
  const [time = 0] = train.inputs.shape
  if (time > context)
    throw new OptionError(`finetune: expected examples of at most ${context} tokens, ${train.name} has ${time}`)
}

/**
 * A model that begins with the weights of a run, one trained here or imported; `train` it into a run of its own.
 *
 * Throws OptionError for a run or a data set that is not text in the same tokens, DataError for a damaged run.
 */
export async function finetune<M extends string = never>(
  run: string,
  options: FinetuneOptions<M>,
): Promise<LanguageModel<M>> {
  const { lora: adapters, loss = crossEntropy, train, ...rest } = options
  const pretrained = readPretrained(run)
  needTokens(pretrained, train, run)
  const net = adapters === undefined ? pretrained.net : lora(pretrained.net, adapters)
  const { weights, ends } = pretrained
  return compile<M>(net, { ...(ends.length > 0 && { ends }), ...rest, loss, train, weights })
}

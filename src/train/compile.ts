import {
  array,
  custom,
  enum as oneOf,
  exactOptional,
  int,
  looseObject,
  nullable,
  number,
  object,
  optional,
  record,
  strictObject,
  string,
  type output,
  unknown,
  type ZodType,
} from 'zod'
import type { Dataset } from '../data/dataset.ts'
import type { TextDataset } from '../data/text/windows.ts'
import { openTokenizer } from '../data/tokenizer/open.ts'
import { OptionError } from '../errors.ts'
import type { Layer } from '../graph/scope.ts'
import { modelOf } from '../models/table.ts'
import { specOf } from '../models/spec.ts'
import {
  binaryCrossEntropy,
  crossEntropy,
  type CrossEntropyOptions,
  crossEntropyWith,
  type Loss,
  meanSquaredError,
} from '../nn/loss.ts'
import type { Optimizer } from '../optim/optimizer.ts'
import { sgd } from '../optim/sgd.ts'
import type { EngineOptions } from '../runtime/engine.ts'
import { openEngine } from '../runtime/node/remote.ts'
import type { HostTensor } from '../tensor.ts'
import { calibrate } from './calibrate.ts'
import { checkJson, isJsonObject, type JsonObject } from '../files/json.ts'
import { runPaths } from './files/paths.ts'
import { readRun } from './files/run-folder.ts'
import { accuracy, crossEntropy as crossEntropyMetric, meanAbsoluteError, type Metric } from './metrics.ts'
import { LanguageModel } from './language-model.ts'
import { Model } from './model.ts'
import { needProbes } from './probes/measurements.ts'
import type { Probes } from './probes/table.ts'
import { restoreCheckpoint } from './record.ts'
import { Session } from './session.ts'
import type { Example, Recipe } from './step.ts'
import { isText, type TextInfo } from './text.ts'

export interface CompileOptions<M extends string = string> extends EngineOptions {
  /** The data to train on; it decides the shapes and dtypes. */
  readonly train: Dataset
  /** What is lowered. */
  readonly loss: Loss
  readonly optimizer: Optimizer
  /** What is measured beside the loss, by name. */
  readonly metrics?: Readonly<Record<M, Metric>>
  /** Whether the optimizer runs as a fused host kernel where its ops allow it, else as nodes of the graph. Default true. */
  readonly fusedUpdate?: boolean
  /**
   * What probed steps measure (`probeEvery`), as scalars of the same graph: 'all' for everything that the net has places
   * for, or a list of names. Default ['rms', 'gradientNorm'], of every tap. A probe never changes a weight.
   */
  readonly probes?: Probes
  /**
   * 'blocks': training keeps what runs between the blocks that `nn.wire` has wired, and computes what is inside them once
   * more on the way back: less memory, about a third more time, and not one bit of any weight changes. Default: all is
   * kept. Throws OptionError for a net without such blocks.
   *
   * Source: Chen, Xu, Zhang & Guestrin 2016, arXiv:1604.06174.
   */
  readonly recompute?: 'blocks'
  /** Decides initial values, data order and noise. Default 0. */
  readonly seed?: number
  /** What parameters and running statistics begin with instead, by path; all that are frozen must be there. */
  readonly weights?: Readonly<Record<string, HostTensor>>
  /** Tokens that end a text, where the data is one. Default: the tokenizer's separator. */
  readonly ends?: readonly number[]
  /** What the caller wants to find again in the configuration of a run: it is stored as `note` and must agree on resume. */
  readonly note?: JsonObject
}

const example = ({ dtype, shape }: Example): Example => ({ dtype, shape })

/** Losses and metrics that a run folder can name. */
const losses: Readonly<Record<string, Loss>> = { crossEntropy, meanSquaredError, binaryCrossEntropy }
const metrics: Readonly<Record<string, Metric>> = { accuracy, crossEntropy: crossEntropyMetric, meanAbsoluteError }

const nameIn = <T>(table: Readonly<Record<string, T>>, value: T): string =>
  Object.entries(table).find(([, known]) => known === value)?.[0] ?? 'custom'

function configOf(
  recipe: Recipe,
  seed: number,
  data: string,
  note: JsonObject | undefined,
  text: TextInfo | null,
): JsonObject {
  const { net, inputs, targets, loss, optimizer } = recipe
  const { name, options, learningRate, clipNorm } = optimizer
  const { crossEntropyOptions } = loss
  const spec = specOf(net)
  return {
    model: spec && (JSON.parse(JSON.stringify(spec)) as JsonObject),
    inputs: { dtype: inputs.dtype, shape: [...inputs.shape] },
    targets: { dtype: targets.dtype, shape: [...targets.shape] },
    loss: crossEntropyOptions ? 'crossEntropy' : nameIn(losses, loss),
    ...(crossEntropyOptions && { crossEntropy: JSON.parse(JSON.stringify(crossEntropyOptions)) as JsonObject }),
    metrics: Object.fromEntries(Object.entries(recipe.metrics).map(([key, metric]) => [key, nameIn(metrics, metric)])),
    optimizer: { name, ...options, learningRate: learningRate.name, clipNorm: clipNorm ?? null },
    seed,
    train: data,
    ...(text === null
      ? {}
      : {
          text: { tokenizer: text.tokenizer.name, separator: text.tokenizer.separator, ends: [...(text.ends ?? [])] },
        }),
    ...(note === undefined ? {} : { note }),
  }
}

function modelWith<M extends string>(
  session: Session,
  train: Dataset | null,
  config: JsonObject,
  text: TextInfo | null,
): Model<M> {
  return text === null ? new Model(session, train, config) : new LanguageModel(session, train, config, text)
}

async function open<T>(
  where: string,
  recipe: Recipe,
  engine: EngineOptions,
  seed: number,
  train: Dataset | null,
  begin: (session: Session) => Promise<unknown>,
  make: (session: Session) => T,
): Promise<T> {
  const device = openEngine(engine)
  try {
    const session = new Session(recipe, device, seed)
    needProbes(`${where}: probes`, recipe.probes, session.traced)
    if (train) session.needFits(where, train)
    await begin(session)
    return make(session)
  } catch (error) {
    await device.close()
    throw error
  }
}

/** For callers without types: says what is missing instead of failing somewhere inside. */
function needParts({ train, loss, optimizer, metrics: measured = {} }: Partial<CompileOptions>): void {
  if (typeof train?.inputs !== 'object') throw new OptionError('compile: expected a data set as `train`')
  if (typeof loss !== 'function')
    throw new OptionError('compile: expected a function as `loss`, such as nn.crossEntropy')
  if (typeof optimizer?.update !== 'function')
    throw new OptionError('compile: expected an optimizer, such as optim.adamW({ ... })')
  for (const [name, metric] of Object.entries(measured)) {
    if (typeof metric !== 'function') throw new OptionError(`compile: metrics: expected a function as \`${name}\``)
  }
}

/**
 * Traces a net against its data, opens the engine and sets the initial values, which come from the seed and, where layers
 * ask for it, from a calibration on the first 256 training examples, or are given as `weights`.
 *
 * Throws ShapeError or GraphError, with the line of the caller, where net, loss and data do not fit; DivergedError where a
 * calibrated value is not finite.
 */
export function compile<M extends string = never>(
  net: Layer,
  options: CompileOptions<M> & { readonly train: TextDataset },
): Promise<LanguageModel<M>>
export function compile<M extends string = never>(net: Layer, options: CompileOptions<M>): Promise<Model<M>>
export async function compile<M extends string>(net: Layer, options: CompileOptions<M>): Promise<Model<M>> {
  needParts(options)
  const { train, loss, optimizer, seed = 0, note, weights, ends } = options
  const measured = (options.metrics ?? {}) as Readonly<Record<string, Metric>>
  const recipe = {
    fusedUpdate: options.fusedUpdate ?? true,
    ...(options.probes === undefined ? {} : { probes: options.probes }),
    ...(options.recompute === undefined ? {} : { recompute: options.recompute }),
    net,
    inputs: example(train.inputs),
    targets: example(train.targets),
    loss,
    optimizer,
    metrics: measured,
  }
  const text = isText(train) ? { tokenizer: train.tokenizer, ...(ends && { ends }) } : null
  const config = configOf(recipe, seed, train.name, note, text)
  const begin = async (session: Session): Promise<void> => {
    await session.initialize(weights)
    if (weights === undefined) await calibrate(session, train)
    else await session.restore(weights, session.weightPaths(), 'compile: weights', session.weightPaths('frozen'))
  }
  return open('compile', recipe, options, seed, train, begin, (session) => modelWith<M>(session, train, config, text))
}

export interface LoadOptions<M extends string = string> extends EngineOptions {
  /** The net, where the run was trained with one that the user composed. */
  readonly net?: Layer
  readonly loss?: Loss
  readonly metrics?: Readonly<Record<M, Metric>>
  /** Needed to train on; restores the optimizer's state. */
  readonly optimizer?: Optimizer
  readonly train?: Dataset
  /** As in `CompileOptions`; a run does not remember it. */
  readonly recompute?: 'blocks'
}

const objectSchema = custom<JsonObject>(isJsonObject, 'expected a JSON object')
const exampleSchema = object({ dtype: oneOf(['float32', 'int32']), shape: array(int().positive()) })
const textSchema = object({
  tokenizer: string(),
  separator: nullable(int().nonnegative()),
  ends: array(int().nonnegative()),
})
const crossEntropySchema: ZodType<CrossEntropyOptions> = strictObject({
  labelSmoothing: exactOptional(number()),
  ignoreIndex: exactOptional(int()),
  classWeights: exactOptional(array(number())),
  zLoss: exactOptional(number()),
})
const configSchema = looseObject({
  model: nullable(object({ name: string(), options: record(string(), unknown()) })),
  inputs: exampleSchema,
  targets: exampleSchema,
  loss: string(),
  crossEntropy: optional(crossEntropySchema),
  metrics: record(string(), string()),
  optimizer: objectSchema,
  seed: int().nonnegative(),
  train: string(),
  text: optional(textSchema),
  note: optional(objectSchema),
})

/** The tokenizer that lies in a run folder. */
function textOf(folder: string, stored: output<typeof textSchema>): TextInfo {
  const path = runPaths(folder).tokenizer
  const tokenizer = openTokenizer(path)
  const { tokenizer: name, separator, ends } = stored
  return { tokenizer: { ...tokenizer, name, separator }, ...(ends.length > 0 ? { ends } : {}) }
}

/** A cross-entropy with options, where a run has one. */
const lossOf = (options: CrossEntropyOptions | undefined): Loss | undefined => options && crossEntropyWith(options)

/** A named entry of a table, or the one given; a custom one must be given again. */
function recall<T>(what: string, table: Readonly<Record<string, T>>, name: string, given: T | undefined): T {
  const found = given ?? (Object.hasOwn(table, name) ? table[name] : undefined)
  if (found === undefined)
    throw new OptionError(`load: the run has a ${what} of its own; pass it: load(folder, { ${what} })`)
  return found
}

/**
 * A model out of a run folder, at its newest whole checkpoint: evaluates, predicts and exports; with `optimizer` and
 * `train` it trains on.
 *
 * Throws DataError for a damaged folder, OptionError where a net, loss or metric of the user's own must be given again.
 */
export async function load<M extends string = string>(folder: string, options: LoadOptions<M> = {}): Promise<Model<M>> {
  const stored = checkJson(readRun(folder).config, configSchema, `${folder}/config.json`)
  const net = options.net ?? (stored.model && modelOf(stored.model))
  if (net === null) throw new OptionError('load: the run has a net of its own; pass it: load(folder, { net })')
  if (options.train && !options.optimizer) throw new OptionError('load: to train on, give an optimizer beside the data')
  const names = Object.entries(stored.metrics)
  const given = (options.metrics ?? {}) as Readonly<Record<string, Metric>>
  const recipe: Recipe = {
    net,
    inputs: stored.inputs,
    targets: stored.targets,
    loss: recall('loss', losses, stored.loss, options.loss ?? lossOf(stored.crossEntropy)),
    metrics: {
      ...Object.fromEntries(names.map(([key, name]) => [key, recall('metrics', metrics, name, given[key])])),
      ...given,
    },
    optimizer: options.optimizer ?? sgd({ learningRate: 0 }),
    ...(options.recompute === undefined ? {} : { recompute: options.recompute }),
  }
  const text = stored.text === undefined ? null : textOf(folder, stored.text)
  const train = options.train ?? null
  const current = configOf(recipe, stored.seed, train?.name ?? stored.train, stored.note, text)
  const config = options.optimizer ? current : { ...current, optimizer: stored.optimizer }
  const restore = (session: Session): Promise<unknown> => restoreCheckpoint(session, folder)
  return open('load', recipe, options, stored.seed, train, restore, (session) => {
    return modelWith<M>(session, train, config, text)
  })
}

/** As `load`, of a run whose data was text. Throws OptionError for any other. */
export async function loadText<M extends string = string>(
  folder: string,
  options: LoadOptions<M> = {},
): Promise<LanguageModel<M>> {
  const model = await load(folder, options)
  if (model instanceof LanguageModel) return model
  await model.close()
  throw new OptionError(`loadText: ${folder} was not trained on text: it has no tokenizer. Use load`)
}

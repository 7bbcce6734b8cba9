import {
  array,
  custom,
  enum as oneOf,
  int,
  looseObject,
  nullable,
  object,
  optional,
  record,
  string,
  unknown,
} from 'zod'
import type { Dataset } from '../data/dataset.ts'
import { OptionError } from '../errors.ts'
import type { Layer } from '../graph/scope.ts'
import { modelOf } from '../models/table.ts'
import { specOf } from '../models/spec.ts'
import { binaryCrossEntropy, crossEntropy, type Loss, meanSquaredError } from '../nn/loss.ts'
import type { Optimizer } from '../optim/optimizer.ts'
import { sgd } from '../optim/sgd.ts'
import type { EngineOptions } from '../runtime/engine.ts'
import { openEngine } from '../runtime/node/remote.ts'
import { calibrate } from './calibrate.ts'
import { checkJson, isJsonObject, type JsonObject } from '../files/json.ts'
import { readRun } from './files/run-folder.ts'
import { accuracy, meanAbsoluteError, type Metric } from './metrics.ts'
import { Model } from './model.ts'
import { needProbes } from './probes/measurements.ts'
import type { Probes } from './probes/table.ts'
import { restoreCheckpoint } from './record.ts'
import { Session } from './session.ts'
import type { Example, Recipe } from './step.ts'

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
  /** Decides initial values, data order and noise. Default 0. */
  readonly seed?: number
  /** What the caller wants to find again in the configuration of a run: it is stored as `note` and must agree on resume. */
  readonly note?: JsonObject
}

const example = ({ dtype, shape }: Example): Example => ({ dtype, shape })

/** Losses and metrics that a run folder can name. */
const losses: Readonly<Record<string, Loss>> = { crossEntropy, meanSquaredError, binaryCrossEntropy }
const metrics: Readonly<Record<string, Metric>> = { accuracy, meanAbsoluteError }

const nameIn = <T>(table: Readonly<Record<string, T>>, value: T): string =>
  Object.entries(table).find(([, known]) => known === value)?.[0] ?? 'custom'

function configOf(recipe: Recipe, seed: number, data: string, note: JsonObject | undefined): JsonObject {
  const { net, inputs, targets, loss, optimizer } = recipe
  const { name, options, learningRate, clipNorm } = optimizer
  const spec = specOf(net)
  return {
    model: spec && (JSON.parse(JSON.stringify(spec)) as JsonObject),
    inputs: { dtype: inputs.dtype, shape: [...inputs.shape] },
    targets: { dtype: targets.dtype, shape: [...targets.shape] },
    loss: nameIn(losses, loss),
    metrics: Object.fromEntries(Object.entries(recipe.metrics).map(([key, metric]) => [key, nameIn(metrics, metric)])),
    optimizer: { name, ...options, learningRate: learningRate.name, clipNorm: clipNorm ?? null },
    seed,
    train: data,
    ...(note === undefined ? {} : { note }),
  }
}

async function open<M extends string>(
  where: string,
  recipe: Recipe,
  engine: EngineOptions,
  seed: number,
  train: Dataset | null,
  config: JsonObject,
  begin: (session: Session) => Promise<unknown>,
): Promise<Model<M>> {
  const device = openEngine(engine)
  try {
    const session = new Session(recipe, device, seed)
    needProbes(`${where}: probes`, recipe.probes, session.traced)
    if (train) session.needFits(where, train)
    await session.initialize()
    await begin(session)
    return new Model<M>(session, train, config)
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
 * ask for it, from a calibration on the first 256 training examples.
 *
 * Throws ShapeError or GraphError, with the line of the caller, where net, loss and data do not fit; DivergedError where a
 * calibrated value is not finite.
 */
export async function compile<M extends string = never>(net: Layer, options: CompileOptions<M>): Promise<Model<M>> {
  needParts(options)
  const { train, loss, optimizer, seed = 0, note } = options
  const measured = (options.metrics ?? {}) as Readonly<Record<string, Metric>>
  const recipe = {
    fusedUpdate: options.fusedUpdate ?? true,
    ...(options.probes === undefined ? {} : { probes: options.probes }),
    net,
    inputs: example(train.inputs),
    targets: example(train.targets),
    loss,
    optimizer,
    metrics: measured,
  }
  const config = configOf(recipe, seed, train.name, note)
  return open('compile', recipe, options, seed, train, config, (session) => calibrate(session, train))
}

export interface LoadOptions<M extends string = string> extends EngineOptions {
  /** The net, where the run was trained with one that the user composed. */
  readonly net?: Layer
  readonly loss?: Loss
  readonly metrics?: Readonly<Record<M, Metric>>
  /** Needed to train on; restores the optimizer's state. */
  readonly optimizer?: Optimizer
  readonly train?: Dataset
}

const objectSchema = custom<JsonObject>(isJsonObject, 'expected a JSON object')
const exampleSchema = object({ dtype: oneOf(['float32', 'int32']), shape: array(int().positive()) })
const configSchema = looseObject({
  model: nullable(object({ name: string(), options: record(string(), unknown()) })),
  inputs: exampleSchema,
  targets: exampleSchema,
  loss: string(),
  metrics: record(string(), string()),
  optimizer: objectSchema,
  seed: int().nonnegative(),
  train: string(),
  note: optional(objectSchema),
})

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
    loss: recall('loss', losses, stored.loss, options.loss),
    metrics: {
      ...Object.fromEntries(names.map(([key, name]) => [key, recall('metrics', metrics, name, given[key])])),
      ...given,
    },
    optimizer: options.optimizer ?? sgd({ learningRate: 0 }),
  }
  const current = configOf(recipe, stored.seed, options.train?.name ?? stored.train, stored.note)
  const config = options.optimizer ? current : { ...current, optimizer: stored.optimizer }
  const restore = (session: Session): Promise<unknown> => restoreCheckpoint(session, folder)
  return open('load', recipe, options, stored.seed, options.train ?? null, config, restore)
}

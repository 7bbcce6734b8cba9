import { crossEntropy } from '../nn/loss.ts'
import { OptionError, ShapeError } from '../errors.ts'
import { type Parameter, trainedOf } from '../graph/scope.ts'
import { type Initialized, initialize } from '../nn/initialize.ts'
import { zeros } from '../nn/init.ts'
import type { Engine } from '../runtime/engine.ts'
import { type HostTensor, sameShape, type TensorType, typeText } from '../tensor.ts'
import type { Cursor } from '../data/batch.ts'
import type { Dataset } from '../data/dataset.ts'
import { largestLabel } from './labels.ts'
import { type Measurement, measurements } from './probes/measurements.ts'
import { Programs } from './programs.ts'
import { gradientSum, isSlot, slotName } from './program-builder.ts'
import { type Forward, forward, type Recipe } from './step.ts'
import { isText } from './text.ts'
import { needDatasetIds, tableRows } from './token-ids.ts'

/** Where a training stands: all that a resumed run needs beside its tensors. */
export interface Position {
  /** Updates done. */
  readonly step: number
  /** Where the data goes on, and for which batch size that holds. */
  readonly cursor: Cursor
  readonly batchSize: number
  /** Batches drawn so far: the key of random inputs. */
  readonly draws: number
  /** Best value of the watched quantity, and evaluations since. */
  readonly best: number | null
  readonly sinceBest: number
  /** Whether this step asks for an evaluation, or a sample, that has not been made yet. */
  readonly evaluationDue: boolean
  readonly sampleDue: boolean
}

export const start: Position = {
  step: 0,
  cursor: { epoch: 0, index: 0 },
  batchSize: 0,
  draws: 0,
  best: null,
  sinceBest: 0,
  evaluationDue: false,
  sampleDue: false,
}

/** Which parameters: those that training changes, or those that are frozen. */
export type Part = 'all' | 'trained' | 'frozen'

/** A recipe on an engine: its tensors live there, its position here. */
export class Session {
  readonly recipe: Recipe
  readonly engine: Engine
  readonly seed: number
  readonly programs: Programs
  /** The training graph at batch size 2: what it asks for by path. */
  readonly traced: Forward
  /** Tokens that the net knows, where its inputs are tokens. */
  readonly tableRows: number | null
  position: Position = start
  #summing = false
  #measured: readonly Measurement[] | null = null

  constructor(recipe: Recipe, engine: Engine, seed: number) {
    this.recipe = recipe
    this.engine = engine
    this.seed = seed
    this.programs = new Programs(recipe, engine, seed)
    this.traced = forward(recipe, 2, 'train')
    this.tableRows = recipe.inputs.dtype === 'int32' ? tableRows(this.traced) : null
  }

  /** What a probed step measures. */
  get measured(): readonly Measurement[] {
    return (this.#measured ??= measurements(this.traced, this.recipe.probes))
  }

  /** The parameters that are not frozen. */
  get trained(): Parameter[] {
    return trainedOf(this.traced)
  }

  /** Paths of parameters and running statistics. */
  weightPaths(part: Part = 'all'): string[] {
    const { parameters, states } = this.traced
    const chosen = [...parameters.values()].filter(
      ({ frozen = false }) => part === 'all' || frozen === (part === 'frozen'),
    )
    return [...chosen.map(({ path }) => path), ...states.keys()]
  }

  /** Paths of everything that a checkpoint holds: weights, and the optimizer's state of those that are trained. */
  get paths(): string[] {
    const { slots } = this.recipe.optimizer
    return [...this.weightPaths(), ...this.trained.flatMap(({ path }) => slots.map((slot) => slotName(path, slot)))]
  }

  /** All that is initialized: parameters, running statistics, and the optimizer's state of what is trained. */
  get #initialized(): Initialized[] {
    const { parameters, states } = this.traced
    const slots = this.trained.flatMap(({ path, value }) =>
      this.recipe.optimizer.slots.map((slot) => ({ path: slotName(path, slot), value, init: zeros })),
    )
    return [...parameters.values(), ...states.values(), ...slots]
  }

  /** Initial values from the seed, but for those of `given`, which `restore` brings; optimizer slots are 0. */
  async initialize(given: Readonly<Record<string, HostTensor>> = {}): Promise<void> {
    const drawn = this.#initialized.filter(({ path }) => !Object.hasOwn(given, path))
    await this.engine.write(initialize(drawn, this.seed))
    this.position = start
  }

  /** Makes room for summed gradients once accumulation is asked for. */
  async prepareSums(): Promise<void> {
    if (this.#summing) return
    const sums = this.trained.map(({ path, value }) => ({ path: gradientSum(path), value, init: zeros }))
    await this.engine.write(initialize(sums, this.seed))
    this.#summing = true
  }

  /**
   * Throws OptionError for a data set of another shape or dtype, ShapeError where its labels exceed the net's outputs,
   * DataError for labels below 0 and tokens outside the net's table.
   */
  needFits(where: string, dataset: Dataset): void {
    const { inputs, targets, loss } = this.recipe
    const fits = (a: TensorType, b: TensorType): boolean => a.dtype === b.dtype && sameShape(a.shape, b.shape)
    if (!fits(dataset.inputs, inputs) || !fits(dataset.targets, targets)) {
      throw new OptionError(
        `${where}: ${dataset.name} has ${typeText(dataset.inputs)} and ${typeText(dataset.targets)} per example, the model takes ${typeText(inputs)} and ${typeText(targets)}`,
      )
    }
    const width = this.traced.output.shape.at(-1) ?? 0
    const scanned = !isText(dataset) // a text is checked against its vocabulary as it is read
    const indices = loss === crossEntropy || loss.ignoreIndex !== undefined
    const largest = indices && scanned ? largestLabel(where, dataset, loss.ignoreIndex) : -1
    if (scanned && this.tableRows !== null) needDatasetIds(where, dataset, this.tableRows)
    const classes = dataset.classes ?? largest + 1
    if (classes > width) {
      throw new ShapeError(
        `${where}: ${dataset.name} has ${classes} classes, the net gives ${width} outputs; widen its last layer`,
      )
    }
  }

  /**
   * Replaces tensors by path; `where` names their source in errors. Throws OptionError where one that is `needed` is
   * missing, or one does not fit or belongs to another net; slots of another optimizer may be left over.
   */
  async restore(
    tensors: Readonly<Record<string, HostTensor>>,
    paths: readonly string[],
    where: string,
    needed: readonly string[] = paths,
  ): Promise<void> {
    const foreign = Object.keys(tensors).find((path) => !isSlot(path) && !paths.includes(path))
    if (foreign !== undefined)
      throw new OptionError(`${where}: '${foreign}' is not in this model; is it of another net?`)
    const required = new Set(needed)
    const replaced = paths.filter((path) => required.has(path) || Object.hasOwn(tensors, path))
    const types = new Map(this.#initialized.map(({ path, value }) => [path, value.type]))
    const fitting = replaced.map((path) => {
      const stored = Object.hasOwn(tensors, path) ? tensors[path] : undefined
      const wanted = types.get(path)!
      if (stored === undefined)
        throw new OptionError(`${where}: '${path}' is missing; is it of another model or optimizer?`)
      if (stored.dtype !== wanted.dtype || !sameShape(stored.shape, wanted.shape)) {
        throw new OptionError(`${where}: '${path}' is ${typeText(stored)}, this model needs ${typeText(wanted)}`)
      }
      return [path, stored] as const
    })
    await this.engine.write(Object.fromEntries(fitting))
  }
}

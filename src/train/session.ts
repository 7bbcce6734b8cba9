import { OptionError } from '../errors.ts'
import { type Traced, trace } from '../graph/scope.ts'
import { initialize } from '../nn/initialize.ts'
import { zeros } from '../nn/init.ts'
import type { Engine } from '../runtime/engine.ts'
import { type HostTensor, sameShape, typeText } from '../tensor.ts'
import type { Cursor } from '../data/batch.ts'
import { Programs } from './programs.ts'
import { gradientSum, type Recipe, slotName } from './step.ts'

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
}

export const start: Position = {
  step: 0,
  cursor: { epoch: 0, index: 0 },
  batchSize: 0,
  draws: 0,
  best: null,
  sinceBest: 0,
}

/** A recipe on an engine: its tensors live there, its position here. */
export class Session {
  readonly recipe: Recipe
  readonly engine: Engine
  readonly seed: number
  readonly programs: Programs
  /** The training graph at batch size 2: what it asks for by path. */
  readonly traced: Traced
  position: Position = start
  #summing = false

  constructor(recipe: Recipe, engine: Engine, seed: number) {
    this.recipe = recipe
    this.engine = engine
    this.seed = seed
    this.programs = new Programs(recipe, engine, seed)
    this.traced = trace(recipe.net, recipe.inputs.dtype, [2, ...recipe.inputs.shape])
  }

  /** Paths of everything that is trained or carried from step to step. */
  get paths(): string[] {
    const { slots } = this.recipe.optimizer
    const parameters = [...this.traced.parameters.keys()]
    return [
      ...parameters,
      ...this.traced.states.keys(),
      ...parameters.flatMap((path) => slots.map((slot) => slotName(path, slot))),
    ]
  }

  /** Initial values from the seed; optimizer slots are 0. */
  async initialize(): Promise<void> {
    const { parameters, states } = this.traced
    const slots = [...parameters.values()].flatMap(({ path, value }) =>
      this.recipe.optimizer.slots.map((slot) => ({ path: slotName(path, slot), value, init: zeros })),
    )
    await this.engine.write(initialize([...parameters.values(), ...states.values(), ...slots], this.seed))
    this.position = start
  }

  /** Makes room for summed gradients once accumulation is asked for. */
  async prepareSums(): Promise<void> {
    if (this.#summing) return
    const sums = Array.from(this.traced.parameters.values(), ({ path, value }) => ({
      path: gradientSum(path),
      value,
      init: zeros,
    }))
    await this.engine.write(initialize(sums, this.seed))
    this.#summing = true
  }

  /** Replaces tensors by path; `where` names their source in errors. Throws OptionError where one is missing or does not fit. */
  async restore(tensors: Readonly<Record<string, HostTensor>>, paths: readonly string[], where: string): Promise<void> {
    const current = await this.engine.read(paths)
    const fitting = paths.map((path) => {
      const stored = Object.hasOwn(tensors, path) ? tensors[path] : undefined
      const wanted = current[path] as HostTensor
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

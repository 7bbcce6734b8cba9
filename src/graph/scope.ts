import { GraphError } from '../errors.ts'
import type { Random } from '../random.ts'
import type { DType, Shape } from '../tensor.ts'
import type { Cached, Decoding, Remembered } from './decoding.ts'
import { input, type Value } from './value.ts'

/** What the graph is traced for: layers that behave differently (dropout, batch norm, caches) ask. */
export type Mode = 'train' | 'evaluate' | 'decode'

/** What a parameter is for; initialisation gains, weight decay and adapters go by role, never by name. */
export type Role =
  'embed' | 'query' | 'key' | 'value' | 'inner' | 'out' | 'head' | 'skip' | 'residual' | 'gain' | 'bias'

/** The initial value of a parameter: depends on (seed, path, shape, initializer) alone. */
export interface Initializer {
  readonly name: string
  readonly fill: (source: Random, shape: Shape) => Float32Array
}

export interface ParameterOptions {
  readonly role: Role
  readonly init: Initializer
  /** What the layer sees instead of the stored tensor (weight norm, spectral norm). */
  readonly transform?: (stored: Value) => Value
  /** Applied to the stored tensor after each update (unit norm). */
  readonly constraint?: (updated: Value) => Value
  /** The same path may be asked for again, with the same shape, and gives the same tensor (tying). */
  readonly shared?: true
  /** What it starts from instead, computed from the drawn value and the calibration batch, which goes on with the result. */
  readonly calibrate?: (drawn: Value) => Value
  /** It is never updated, and no gradient, optimizer state or gradient sum is kept for it. */
  readonly frozen?: true
}

export interface Parameter extends ParameterOptions {
  readonly path: string
  readonly value: Value
}

/** A tensor that the forward pass itself carries from step to step (running statistics). */
export interface State {
  readonly path: string
  readonly value: Value
  readonly init: Initializer
  next: Value | null
}

/** A graph input that the host fills with random numbers, keyed by (seed, path, step). */
export interface Noise {
  readonly path: string
  readonly value: Value
  /** 'keep': 1 with probability `rate`, else 0. */
  readonly kind: 'uniform' | 'normal' | 'keep'
  readonly rate: number
}

/** A block of a wired stack: the stream that enters it and the one that leaves it. */
export interface BlockEnds {
  readonly before: readonly Value[]
  readonly after: readonly Value[]
}

/** What a training with so many steps of warm-up should think about: one sentence each, with the way out. */
export type Advice = (training: { readonly warmupSteps: number }) => readonly string[]

/** Everything that the layers of one trace asked for, by path. */
export interface Trace {
  readonly mode: Mode
  readonly parameters: Map<string, Parameter>
  readonly states: Map<string, State>
  readonly noises: Map<string, Noise>
  readonly taps: Map<string, Value>
  readonly published: Map<string, readonly Value[]>
  readonly advice: Map<string, Advice>
  /** In the order in which they were traced. */
  readonly blocks: BlockEnds[]
  readonly caches: Map<string, Cached>
  readonly remembered: Map<string, Remembered>
  readonly decoding: Decoding | null
  /** In a calibration pass: what parameters and states will start from, by path. */
  readonly calibrated: Map<string, Value> | null
}

/** What a wiring lays over the branches it calls; inherited by the scopes below. */
export interface Overlay {
  /** What stands in for the options with which a layer asks for a parameter: initial value, transform, constraint. */
  readonly parameter?: (own: ParameterOptions, scope: Scope, name: string, shape: Shape) => ParameterOptions
  /** What happens at a site that the branch offers, by default nothing. */
  readonly site?: (name: string, scope: Scope, x: Value) => Value
  /** How many features the branch must produce; by default as many as it reads. */
  readonly width?: number
  /** Features are on axis 1, as convolutions have them, instead of the last. */
  readonly channelsFirst?: boolean
  /** What is added to the map `y = W x + b` of a linear layer (low-rank adapters). */
  readonly adapt?: (scope: Scope, x: Value, y: Value) => Value
  /** Whether the parameter of this path is frozen, whatever its layer says. */
  readonly freezes?: (path: string) => boolean
  /** What stands in for tapped values, also where taps are not recorded and in replays. */
  readonly tap?: (path: string, values: readonly Value[]) => readonly Value[]
}

const validName = /^[A-Za-z0-9_]+$/

/** What a scope hands on to the scopes below it. */
interface Context {
  readonly trace: Trace
  readonly overlay: Overlay
  /** Tracing a part once more: what was asked for then is given again. */
  readonly replaying: boolean
  /** Whether taps are recorded. */
  readonly tapping: boolean
  /** Whether sequences are whole also in mode 'decode'. */
  readonly whole: boolean
  /** What look-ups find; the trace's own record, except in a replay. */
  readonly published: Map<string, readonly Value[]>
}

/** A part of a trace that is traced again when it is differentiated. */
export interface Region {
  /**
   * Traces the part. Its taps are not recorded: the gradient of what is inside exists only in a replay, and vjp would
   * report zeros.
   */
  readonly scope: Scope
  /** A scope that traces the part once more, with the same leaves, and the look-ups that its first tracing saw. */
  readonly replay: () => Scope
  /** What it may look up. */
  readonly published: readonly Value[]
}

/** Where a layer asks, while it is traced, for parameters, state, randomness and taps; it knows its path. */
export class Scope {
  readonly path: string
  readonly #context: Context

  constructor(trace: Trace, path = '', context: Partial<Context> = {}) {
    this.path = path
    const { published } = trace
    this.#context = { overlay: {}, replaying: false, tapping: true, whole: false, published, ...context, trace }
  }

  get mode(): Mode {
    return this.#context.trace.mode
  }

  /** The scope of a part: `blocks`, `3`, `up`. */
  in(name: string | number): Scope {
    return new Scope(this.#context.trace, this.#join(String(name)), this.#context)
  }

  /** What lies over this scope, for an overlay that goes on with it. */
  get overlay(): Overlay {
    return this.#context.overlay
  }

  /** This scope with another overlay. */
  with(overlay: Overlay): Scope {
    return this.#fork({ overlay: { ...this.#context.overlay, ...overlay } })
  }

  /** Opens a region here. */
  region(): Region {
    const published = new Map(this.#context.published)
    return {
      scope: this.#fork({ tapping: false }),
      replay: () => this.#fork({ replaying: true, tapping: false, published: new Map(published) }),
      published: [...published.values()].flat(),
    }
  }

  /** A trained tensor of float32. Throws GraphError when the path was asked for before and is not shared. */
  parameter(name: string, shape: Shape, options: ParameterOptions): Value {
    const { trace, overlay, replaying } = this.#context
    const path = this.#join(name)
    const seen = trace.parameters.get(path)
    if (seen !== undefined) {
      const same = seen.value.shape.join() === shape.join()
      if (!same || !(replaying || (seen.shared && options.shared))) {
        const reason = same
          ? 'name the parts apart, or mark both uses shared'
          : `it is [${seen.value.shape.join(', ')}]`
        throw new GraphError(`parameter '${path}' [${shape.join(', ')}] was asked for twice; ${reason}`)
      }
    }
    const value = seen?.value ?? input(path, 'float32', shape)
    const chosen = overlay.parameter?.(options, this, name, shape) ?? options
    const frozen = overlay.freezes?.(path) ? { frozen: true as const } : {}
    if (seen === undefined) trace.parameters.set(path, { ...chosen, ...frozen, path, value })
    const start = this.#calibrated(path, () => chosen.calibrate?.(value)) ?? value
    return chosen.transform?.(start) ?? start
  }

  /**
   * A tensor that is not trained: `update` carries it to the next step, and without an update it stays as it is.
   * `calibrate` is what it starts from instead, computed from the calibration batch.
   */
  state(name: string, shape: Shape, init: Initializer, calibrate?: () => Value): Value {
    const { states } = this.#context.trace
    const value = this.#once('state', states, name, shape, (path, leaf) => ({ path, value: leaf, init, next: null }))
    return this.#calibrated(this.#join(name), () => calibrate?.()) ?? value
  }

  /** Sets what a state will hold after this step. */
  update(name: string, next: Value): void {
    const path = this.#join(name)
    const state = this.#context.trace.states.get(path)
    if (state === undefined) throw new GraphError(`state '${path}' does not exist; ask for it before updating it`)
    if (!this.#context.replaying) state.next = next
  }

  /** A tensor of random numbers that the host fills anew each step; for 'keep', `rate` is the probability of a 1. */
  noise(name: string, shape: Shape, kind: Noise['kind'], rate = 1): Value {
    const { noises } = this.#context.trace
    return this.#once('noise', noises, name, shape, (path, value) => ({ path, value, kind, rate }))
  }

  /** In mode 'decode', what is known beside the new tokens; else, and inside `whole`, null. */
  get decoding(): Decoding | null {
    return this.#context.whole ? null : this.#context.trace.decoding
  }

  /** This scope for a part whose sequences are whole also in mode 'decode', such as an encoder. */
  whole(): Scope {
    return this.#fork({ whole: true })
  }

  /**
   * All values of a sequence so far, from those of the new tokens `[batch, heads, time, size]`: in order along axis 2, in
   * one piece or several. Outside mode 'decode' the new tokens are all there is.
   */
  cache(name: string, added: Value): readonly Value[] {
    const { decoding } = this
    const { caches } = this.#context.trace
    if (decoding === null) return [added]
    const path = this.#join(name)
    if (caches.has(path)) throw new GraphError(`cache '${path}' was asked for twice; name the parts apart`)
    const shape = added.shape.map((size, axis) => (axis === 2 ? decoding.past : size))
    const past = input(decoding.leaf(path), added.dtype, shape)
    caches.set(path, { path, past, added })
    return decoding.join(past, added)
  }

  /** What `make` gives; in mode 'decode' the first pass computes it and later ones read it, in the same shape. */
  remember(name: string, shape: Shape, make: () => Value): Value {
    const { decoding } = this
    const { remembered } = this.#context.trace
    if (decoding === null) return make()
    const path = this.#join(name)
    if (remembered.has(path)) throw new GraphError(`'${path}' was to be remembered twice; name the parts apart`)
    const value = decoding.first ? make() : input(path, 'float32', shape)
    remembered.set(path, { path, value })
    return value
  }

  /** The map of a linear layer from `x` to `y`, with what the overlay adds to it. */
  adapt(x: Value, y: Value): Value {
    return this.#context.overlay.adapt?.(this, x, y) ?? y
  }

  /** Names a value so that probes can find it; returns it, or what an overlay puts in its place. */
  tap(name: string, value: Value): Value {
    return this.tapAll(name, [value]).at(-1)!
  }

  /** The same for values that belong together; the last one is recorded. */
  tapAll(name: string, values: readonly Value[]): readonly Value[] {
    const { overlay, tapping, trace } = this.#context
    const path = this.#join(name)
    const used = overlay.tap?.(path, values) ?? values
    if (tapping) trace.taps.set(path, used.at(-1)!)
    return used
  }

  /** Leaves what a training should think about with this part. */
  advise(advice: Advice): void {
    this.#context.trace.advice.set(this.path, advice)
  }

  /** Records a block of a wired stack, unless it is inside a region, which is recomputed already. */
  block(ends: BlockEnds): void {
    const { tapping, trace } = this.#context
    if (tapping) trace.blocks.push(ends)
  }

  /** Leaves a value for branches traced later. */
  publish(name: string, value: Value): void {
    const { published } = this.#context
    published.set(name, [...(published.get(name) ?? []), value])
  }

  /** All values published under `name` so far, first to last. */
  lookup(name: string): readonly Value[] {
    return this.#context.published.get(name) ?? []
  }

  /** Offers a place for a norm inside a branch (query, key, value, hidden, output); the wiring decides. */
  site(name: string, x: Value): Value {
    return this.#context.overlay.site?.(name, this, x) ?? x
  }

  /** How many features a branch that reads `x` must produce. */
  width(x: Value): number {
    return this.#context.overlay.width ?? x.shape[this.axis(x)]!
  }

  /** The axis of `x` that holds the features: the last, or 1 among channels-first layers. */
  axis(x: Value): number {
    return this.#context.overlay.channelsFirst ? 1 : x.shape.length - 1
  }

  /** In a calibration pass, what the tensor at `path` starts from; else nothing. */
  #calibrated(path: string, start: () => Value | undefined): Value | undefined {
    const { calibrated } = this.#context.trace
    if (calibrated === null) return undefined
    const known = calibrated.get(path) ?? start()
    if (known !== undefined) calibrated.set(path, known)
    return known
  }

  #fork(change: Partial<Context>): Scope {
    return new Scope(this.#context.trace, this.path, { ...this.#context, ...change })
  }

  /** Records a leaf that may be asked for once, or once more when replaying. */
  #once<T extends { readonly value: Value }>(
    what: string,
    known: Map<string, T>,
    name: string,
    shape: Shape,
    make: (path: string, value: Value) => T,
  ): Value {
    const path = this.#join(name)
    const seen = known.get(path)
    if (seen !== undefined) {
      if (this.#context.replaying) return seen.value
      throw new GraphError(`${what} '${path}' was asked for twice; name the parts apart`)
    }
    const value = input(path, 'float32', shape)
    known.set(path, make(path, value))
    return value
  }

  #join(name: string): string {
    if (!validName.test(name)) throw new GraphError(`'${name}' cannot be part of a path: use letters, digits and _`)
    return this.path === '' ? name : `${this.path}.${name}`
  }
}

/** A layer: a function that asks its scope for what it needs and returns a value. */
export type Layer = (s: Scope, x: Value, ...context: Value[]) => Value

/** An empty record of a trace; `calibrating` makes it a calibration pass. */
export function newTrace(mode: Mode, calibrating = false, decoding: Decoding | null = null): Trace {
  return {
    mode,
    parameters: new Map(),
    states: new Map(),
    noises: new Map(),
    taps: new Map(),
    published: new Map(),
    advice: new Map(),
    blocks: [],
    caches: new Map(),
    remembered: new Map(),
    decoding,
    calibrated: calibrating ? new Map() : null,
  }
}

/** The parameters that are not frozen. */
export const trainedOf = ({ parameters }: Pick<Trace, 'parameters'>): Parameter[] =>
  [...parameters.values()].filter(({ frozen }) => !frozen)

/** What `trace` returns: the layer's result and everything it asked for. */
export interface Traced extends Trace {
  readonly input: Value
  readonly output: Value
}

/** Traces a layer on one input named `inputs`. */
export function trace(layer: Layer, dtype: DType, shape: Shape, mode: Mode = 'train', calibrating = false): Traced {
  const record = newTrace(mode, calibrating)
  const x = input('inputs', dtype, shape)
  return { ...record, input: x, output: layer(new Scope(record), x) }
}

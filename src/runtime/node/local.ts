import { InferenceSession, Tensor } from 'onnxruntime-node'
import { EngineError } from '../../errors.ts'
import { allocate, type DType, type HostTensor, sizeOf, type TensorData, type TensorType } from '../../tensor.ts'
import type { Arena } from '../arena.ts'
import type { Engine, FusedUpdate, ProgramSpec, Tensors } from '../engine.ts'
import { FusedHost } from '../fused-host.ts'
import { zeroCopyWorks } from './self-test.ts'
import { sessionOptions } from './session-options.ts'
import { runUntilStopped } from './stop.ts'

/** A state: its value, and the buffer that the next update is written into. */
interface State {
  current: Tensor
  spare: Tensor | null
}

interface Program {
  readonly spec: ProgramSpec
  readonly fused: FusedHost | null
  /** Null where it was released, and the next one could not be made. */
  session: InferenceSession | null
  inputs: ReadonlySet<string>
  /** Whether the session holds values that states had before. */
  stale: boolean
}

/** States that a program replaces or works on in place. */
const changedBy = ({ updates, fused }: ProgramSpec): string[] => [
  ...Object.values(updates).map(({ state }) => state),
  ...Object.keys(fused?.states ?? {}),
]

const toOrt = ({ dtype, shape, data }: HostTensor): Tensor => new Tensor(dtype, data as Float32Array, shape)

const empty = (type: TensorType): Tensor => toOrt({ ...type, data: allocate(type) })

const toHost = (value: Tensor): HostTensor => ({
  dtype: value.type as DType,
  shape: value.dims,
  data: value.data as TensorData,
})

/** Writes `added` `[a, b, n, ...]` into `state` `[a, b, places, ...]` from place `at` on. Throws EngineError where it does not fit. */
function append(state: Tensor, added: Tensor, at: number): void {
  const [places = 0, ...rest] = state.dims.slice(2)
  const [count = 0] = added.dims.slice(2)
  if (!(Number.isInteger(at) && at >= 0 && at + count <= places)) {
    throw new EngineError(`engine: ${count} places from ${at} on do not fit into a state of ${places}`)
  }
  const width = sizeOf(rest)
  const [from, into] = [added.data as Float32Array, state.data as Float32Array]
  for (let row = 0; row * count * width < from.length; row++) {
    into.set(from.subarray(row * count * width, (row + 1) * count * width), (row * places + at) * width)
  }
}

/** ONNX Runtime in this thread: blocks it while a program runs. */
export class LocalEngine implements Engine {
  readonly #threads: number
  readonly #zeroCopy: boolean
  readonly #states = new Map<string, State>()
  readonly #programs = new Map<number, Program>()
  #opened = 0
  #arena: Arena | null = null
  /** A guarded program gave a result that is not finite, and nobody has rolled back yet. */
  #halted = false
  /** States that the last updating run replaced. */
  #updated: readonly string[] = []

  private constructor(threads: number, zeroCopy: boolean) {
    this.#threads = threads
    this.#zeroCopy = zeroCopy
  }

  /** Opens an engine; `zeroCopy` takes effect only where the self-test passes. */
  static async create(threads: number, zeroCopy: boolean): Promise<LocalEngine> {
    return new LocalEngine(threads, zeroCopy && (await zeroCopyWorks()))
  }

  allocate(type: TensorType): TensorData {
    return allocate(type)
  }

  async open(spec: ProgramSpec): Promise<number> {
    const session = await this.#create(spec)
    const fused = spec.fused === undefined ? null : this.#fuse(spec.fused)
    this.#outdate(changedBy(spec))
    this.#programs.set(++this.#opened, { session, spec, inputs: new Set(session.inputNames), fused, stale: false })
    return this.#opened
  }

  async run(program: number, feeds: Tensors): Promise<Record<string, HostTensor>> {
    const { session, spec, inputs: taken, fused } = await this.#current(program)
    const { guards = [] } = spec
    if (this.#halted && guards.length > 0) {
      throw new EngineError('run: the result of the last guarded program was not finite; roll back first')
    }
    const inputs: Record<string, Tensor> = {}
    for (const name of spec.reads) if (taken.has(name)) inputs[name] = this.#state(name).current
    for (const [name, value] of Object.entries(feeds)) if (taken.has(name)) inputs[name] = toOrt(value)
    const outputs = await (this.#zeroCopy && spec.stop !== undefined
      ? this.#runInPlace(session, spec, spec.stop, inputs)
      : this.#runPlain(session, spec, inputs))
    const updated = Object.entries(spec.updates).map(([output, { state: name }]) => {
      const state = this.#state(name)
      const previous = state.current
      state.current = outputs[output]!
      state.spare = previous
      return name
    })
    if (!spec.appends && (updated.length > 0 || fused)) this.#updated = updated // a rollback is of training
    for (const [output, { state }] of Object.entries(spec.appends ?? {})) {
      append(this.#state(state).current, outputs[output]!, feeds.at?.data[0] ?? 0)
    }
    const results = Object.fromEntries(Object.keys(spec.results).map((name) => [name, toHost(outputs[name]!)]))
    if (!guards.every((name) => Number.isFinite(results[name]?.data[0]))) this.#halted = true
    else fused?.run(feeds, results)
    return results
  }

  rollback(): Promise<void> {
    this.#halted = false
    this.#outdate(this.#updated)
    for (const name of this.#updated) {
      const state = this.#state(name)
      const { current, spare } = state
      if (spare !== null) Object.assign(state, { current: spare, spare: current })
    }
    this.#updated = []
    return Promise.resolve()
  }

  /** Sets states; the arrays are this engine's own from then on, and later updates are written into them. */
  write(states: Tensors): Promise<void> {
    this.#outdate(Object.keys(states))
    for (const [name, value] of Object.entries(states)) {
      if (this.#arena?.has(name)) this.#arena.view(name).set(value.data)
      else this.#states.set(name, { current: toOrt(value), spare: null })
    }
    return Promise.resolve()
  }

  read(names: readonly string[]): Promise<Record<string, HostTensor>> {
    const copies = names.map((name) => {
      const value = toHost(this.#state(name).current)
      return [name, { ...value, data: value.data.slice() }] as const
    })
    return Promise.resolve(Object.fromEntries(copies))
  }

  async release(program: number): Promise<void> {
    const { session } = this.#program(program)
    this.#programs.delete(program)
    await session?.release()
  }

  async close(): Promise<void> {
    for (const program of [...this.#programs.keys()]) await this.release(program)
    this.#states.clear()
  }

  /** The session of a program: states are its constants as long as no open program changes them. */
  #create({ model, constant }: ProgramSpec): Promise<InferenceSession> {
    const options = sessionOptions(this.#threads)
    const changed = new Set(Array.from(this.#programs.values(), ({ spec }) => changedBy(spec)).flat())
    if (constant === undefined || constant.states.some((name) => changed.has(name)))
      return InferenceSession.create(model, options)
    const externalData = constant.states.map((path) => {
      const { buffer, byteOffset, byteLength } = this.#state(path).current.data as Float32Array
      return { path, data: new Uint8Array(buffer, byteOffset, byteLength) }
    })
    return InferenceSession.create(constant.model, { ...options, externalData })
  }

  /** Marks the sessions whose constants are no longer what the states are. */
  #outdate(states: readonly string[]): void {
    const changed = new Set(states)
    for (const program of this.#programs.values())
      if (program.spec.constant?.states.some((name) => changed.has(name))) program.stale = true
  }

  /** A program with a session that holds what the states are. */
  async #current(id: number): Promise<Program & { readonly session: InferenceSession }> {
    const program = this.#program(id)
    const { session, stale } = program
    if (session !== null && !stale) return { ...program, session }
    program.session = null
    await session?.release() // before the next takes as much memory
    const next = await this.#create(program.spec)
    program.inputs = new Set(next.inputNames)
    program.stale = false
    program.session = next
    return { ...program, session: next }
  }

  #program(program: number): Program {
    const found = this.#programs.get(program)
    if (found === undefined) throw new EngineError(`run: program ${program} is not open`)
    return found
  }

  #state(name: string): State {
    const state = this.#states.get(name)
    if (state === undefined) throw new EngineError(`engine: there is no state '${name}'; write it before running`)
    return state
  }

  /** Moves the states that kernels work on into the arena. */
  #fuse(update: FusedUpdate): FusedHost {
    const fused = new FusedHost(update, this.#arena ?? undefined)
    this.#arena = fused.arena
    for (const name of Object.keys(update.states)) {
      const state = this.#state(name)
      const view = fused.arena.view(name)
      const data = state.current.data as Float32Array
      if (data.buffer === view.buffer) continue
      view.set(data)
      state.current = toOrt({ dtype: 'float32', shape: state.current.dims, data: view })
      state.spare = null
    }
    return fused
  }

  async #runPlain(
    session: InferenceSession,
    spec: ProgramSpec,
    inputs: Record<string, Tensor>,
  ): Promise<Record<string, Tensor>> {
    const fused = Object.keys(spec.fused?.outputs ?? {})
    const { updates, appends = {}, results } = spec
    const outputs = await session.run(inputs, [updates, appends, results].flatMap(Object.keys).concat(fused))
    for (const name of fused) this.#arena?.view(name).set(outputs[name]!.data as Float32Array)
    return outputs
  }

  /**
   * Node's binding copies every output into a new buffer, after the kernels have filled the given ones. A first output
   * that it cannot convert ends the run before those copies: everything is in place by then (engine.md 2.1).
   */
  async #runInPlace(
    session: InferenceSession,
    spec: ProgramSpec,
    stop: string,
    inputs: Record<string, Tensor>,
  ): Promise<Record<string, Tensor>> {
    const fetches: Record<string, Tensor | null> = { [stop]: null }
    for (const [output, { state, type }] of Object.entries(spec.updates)) {
      fetches[output] = this.#state(state).spare ?? empty(type)
    }
    for (const [name, { type }] of Object.entries(spec.appends ?? {})) fetches[name] = empty(type)
    for (const [name, type] of Object.entries(spec.results)) fetches[name] = empty(type)
    for (const [name, shape] of Object.entries(spec.fused?.outputs ?? {})) {
      fetches[name] = new Tensor('float32', this.#arena!.view(name), shape)
    }
    await runUntilStopped(session, inputs, fetches)
    return fetches as Record<string, Tensor>
  }
}

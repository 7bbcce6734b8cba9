import { OptionError } from '../../errors.ts'
import { allocate, type HostTensor, tensor } from '../../tensor.ts'
import type { Engine } from '../../runtime/engine.ts'
import type { Session } from '../session.ts'
import type { DecodeSize } from './decode-program.ts'
import { type OpenProgram, openProgram, takesConstants } from './decode-programs.ts'
import { netOption } from './net-option.ts'
import { windowStart } from './window.ts'

/** Engines whose caches belong to somebody. */
const taken = new WeakSet<Engine>()

/** Most tokens of a prompt that one run takes. */
const chunk = 64

export interface DecoderOptions {
  /** Sequences. */
  readonly batch: number
  /** Longest sequence that the net takes, in tokens. */
  readonly context: number
  /** Longest sequence that will be asked for, prompt included; past the context only a window of it is held. */
  readonly room: number
  /** For an encoder: its source of each sequence, equally long. */
  readonly sources?: readonly Int32Array[]
  /** Whether sequences may become copies of others. Default false. */
  readonly reorder?: boolean
}

/** Some sequences in the making: keys and values of their tokens stay in the engine between two tokens. */
export class Decoder {
  readonly #session: Session
  readonly #options: DecoderOptions
  readonly #capacity: number
  readonly #constant: boolean
  readonly #keep: Uint8Array
  /** Tokens of each sequence that the caches hold, and the place in the sequence of the first of them. */
  #cached: Int32Array[]
  #starts: number[]
  #at = 0
  #remembers = false
  /** The caches in the engine. */
  #states: readonly string[] | null = null

  constructor(session: Session, options: DecoderOptions) {
    const { batch, context, room } = options
    if (taken.has(session.engine))
      throw new OptionError(
        'generate: this model is generating already; end that first, or ask for several sequences at once',
      )
    taken.add(session.engine)
    this.#session = session
    this.#options = options
    const places = Math.min(context, Math.max(room, 1))
    this.#constant = takesConstants(session)
    this.#capacity = Math.ceil(places / chunk) * chunk
    this.#keep = new Uint8Array(batch * this.#capacity)
    this.#cached = Array.from({ length: batch }, () => new Int32Array(0))
    this.#starts = new Array<number>(batch).fill(0)
  }

  /**
   * Logits `[vocabulary]` of the token after each of these sequences, as a view of one array. What an earlier call was
   * given is not computed again. `parents` says of which earlier sequence each is a continuation; by default the same.
   */
  async next(sequences: readonly Int32Array[], parents?: readonly number[]): Promise<Float32Array[]> {
    const { batch, context } = this.#options
    if (sequences.length !== batch || sequences.some(({ length }) => length === 0))
      throw new OptionError(`generate: expected ${batch} sequences of at least one token`)
    const from = parents ?? sequences.keys()
    const moved = [...from]
    this.#cached = moved.map((i) => this.#cached[i]!)
    this.#starts = moved.map((i) => this.#starts[i]!)
    this.#moveKeep(moved)
    const starts = sequences.map(({ length }) => windowStart(length, context))
    const added = sequences.map((ids, b) => ids.length - starts[b]! - this.#cached[b]!.length)
    const same = sequences.every((ids, b) => starts[b] === this.#starts[b] && added[b]! > 0 && this.#begins(ids, b))
    const fits = this.#at + this.#rounded(Math.max(...added)) <= this.#capacity
    if (!same || !fits) this.#clear(starts)
    return this.#feed(sequences, parents === undefined || this.#at === 0 ? null : moved)
  }

  /** Frees the caches; the programs stay open for the next. */
  async close(): Promise<void> {
    const { engine } = this.#session
    const states = this.#states ?? []
    const freed = engine.write(Object.fromEntries(states.map((name) => [name, tensor(new Float32Array(0), [0])])))
    taken.delete(engine) // whoever comes next is served after this call
    await freed
  }

  #begins(ids: Int32Array, b: number): boolean {
    const start = this.#starts[b]!
    return this.#cached[b]!.every((id, i) => ids[start + i] === id)
  }

  #moveKeep(parents: readonly number[]): void {
    const before = this.#keep.slice()
    const width = this.#capacity
    parents.forEach((parent, b) => this.#keep.set(before.subarray(parent * width, (parent + 1) * width), b * width))
  }

  #clear(starts: number[]): void {
    this.#keep.fill(0)
    this.#at = 0
    this.#cached = this.#cached.map(() => new Int32Array(0))
    this.#starts = starts
  }

  /** The size of the run that takes so many new tokens: one, or a chunk. */
  #sizeFor(count: number): number {
    return count === 1 ? 1 : Math.min(chunk, 2 ** Math.ceil(Math.log2(count)))
  }

  #rounded(count: number): number {
    const whole = Math.floor((count - 1) / chunk) * chunk
    return whole + this.#sizeFor(count - whole)
  }

  async #feed(sequences: readonly Int32Array[], parents: readonly number[] | null): Promise<Float32Array[]> {
    const fresh = sequences.map((ids, b) => ids.subarray(this.#starts[b]! + this.#cached[b]!.length))
    const longest = Math.max(...fresh.map(({ length }) => length))
    const results: Float32Array[] = []
    let moving = parents
    for (let from = 0; from < longest;) {
      const time = this.#sizeFor(Math.min(chunk, longest - from))
      const parts = fresh.map((ids) => ids.subarray(from, from + time))
      const logits = await this.#run(parts, time, moving)
      const width = logits.length / parts.length
      fresh.forEach((ids, b) => {
        if (ids.length > from && ids.length <= from + time) results[b] = logits.subarray(b * width, (b + 1) * width)
      })
      moving = null
      from += time
    }
    this.#cached = sequences.map((ids, b) => ids.slice(this.#starts[b]))
    return results
  }

  /** Runs new tokens of each sequence, filled up to `time`, and appends them to the caches. */
  async #run(parts: readonly Int32Array[], time: number, parents: readonly number[] | null): Promise<Float32Array> {
    const { batch, sources, reorder = false } = this.#options
    const capacity = this.#capacity
    const source = sources?.[0]?.length ?? 0
    const { id } = await this.#open({
      batch,
      time,
      capacity,
      context: this.#options.context,
      source,
      first: !this.#remembers,
      reorder: reorder && parents !== null,
      constant: this.#constant && this.#remembers && time === 1,
    })
    const ids = new Int32Array(batch * (source + time))
    const positions = new Int32Array(batch * time)
    const keep = new Uint8Array(batch * (capacity + time))
    const rows = new Int32Array(batch)
    parts.forEach((part, b) => {
      if (sources) ids.set(sources[b]!, b * (source + time))
      ids.set(part, b * (source + time) + source)
      const own = this.#keep.subarray(b * capacity, (b + 1) * capacity)
      const before = own.reduce((count, kept) => count + kept, 0)
      for (let t = 0; t < time; t++) positions[b * time + t] = Math.min(before + t, this.#options.context - 1)
      keep.set(own, b * (capacity + time))
      keep.fill(1, b * (capacity + time) + capacity, b * (capacity + time) + capacity + part.length)
      own.fill(1, this.#at, this.#at + part.length)
      rows[b] = b * time + Math.max(0, part.length - 1)
    })
    const feeds = {
      inputs: tensor(ids, [batch, source + time]),
      positions: tensor(positions, [batch, time]),
      keep: tensor(keep, [batch, capacity + time], 'bool'),
      rows: tensor(rows, [batch]),
      at: tensor(Int32Array.of(this.#at), []),
      ...(parents === null ? {} : { parents: tensor(Int32Array.from(parents), [batch]) }),
    }
    const { logits } = await this.#session.engine.run(id, feeds)
    this.#forbidPadding(logits!)
    this.#at += Math.max(...parts.map(({ length }) => length)) // what only fills up gives its places to the next run
    this.#remembers = true
    return logits!.data as Float32Array
  }

  /** The token that fills up sequences is no continuation: no other would see it. */
  #forbidPadding({ data, shape }: HostTensor): void {
    const padding = netOption(this.#session, 'padding')
    if (padding === undefined) return
    for (let row = 0; row < data.length; row += shape[1]!) data[row + padding] = -Infinity
  }

  async #open(size: DecodeSize): Promise<OpenProgram> {
    const opened = await openProgram(this.#session, size)
    if (this.#states === null) {
      const { states } = opened.program
      this.#states = Object.keys(states)
      const empty = Object.entries(states).map(([name, type]) => [name, { ...type, data: allocate(type) }] as const)
      await this.#session.engine.write(Object.fromEntries(empty))
    }
    return opened
  }
}

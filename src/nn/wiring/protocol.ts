import type { Layer, Role, Scope } from '../../graph/scope.ts'
import type { Value } from '../../graph/value.ts'

/** A layer that stands beside a skip, and what it is (attention, feedForward). */
export type Branch = Layer & { readonly kind: string }

/** Marks a layer as a branch of some kind. */
export function branch(kind: string, layer: Layer): Branch {
  return Object.assign((s: Scope, x: Value, ...context: Value[]) => layer(s, x, ...context), { kind })
}

/** Where a branch sits: seat `seat` of block `block`, the `index`-th of `count` seats of the whole stack. */
export interface Seat {
  readonly block: number
  readonly blocks: number
  readonly seat: number
  readonly seats: number
  readonly index: number
  readonly count: number
  readonly kind: string
}

/** What runs around the branches: one value for most skips, several for reversible pairs; probes see the last one. */
export type Stream = readonly Value[]

export type Norm = Layer

/** What the placement does where a branch rejoins: its factors and sum, and its norm on the sum. */
export interface Join {
  readonly sum: (kept: Value, added: Value) => Value
  readonly norm: (x: Value) => Value
}

/** How a branch rejoins what went around it. Parameters of a skip live under the scope it is given. */
export interface Skip<S extends Stream = Stream> {
  /** The stream that starts at `x`. */
  open(s: Scope, x: Value, seats: readonly Seat[]): S
  /** What the branch at this seat sees. */
  read(s: Scope, stream: S, at: Seat): Value
  /** The stream after the branch has rejoined. */
  write(s: Scope, stream: S, added: Value, at: Seat, join: Join): S
  /** What leaves the stack. */
  close(s: Scope, stream: S): Value
  /**
   * The stream before this seat, from the one after it; `run` traces the branch again. Makes every seat reversible, so
   * that training keeps the last stream alone; needs a placement whose sum is `kept + added`, without a norm on it.
   */
  undo?(s: Scope, stream: S, run: (read: Value) => Value, at: Seat): S
  /** Features a branch that reads `x` must produce, where that is not as many as it reads. */
  width?(x: Value, at: Seat): number
  /** Why this skip cannot go with that placement and norm, or null. */
  refuses?(placement: string, norm: string): string | null
}

/** Where norms stand relative to the branch and the sum. The norm it is handed is the wiring's; paths are its own. */
export interface Placement {
  /** Between the stream and the branch. */
  readonly before?: (s: Scope, x: Value, at: Seat, norm: Norm) => Value
  /** Between the branch and the sum. */
  readonly after?: (s: Scope, x: Value, at: Seat, norm: Norm) => Value
  /** Factors and sum; by default `kept + added`. */
  readonly sum?: (s: Scope, kept: Value, added: Value, at: Seat) => Value
  /** On the sum. */
  readonly onSum?: (s: Scope, x: Value, at: Seat, norm: Norm) => Value
  /** The norm at a site inside the branch (query, key, value, hidden, output), or null. */
  readonly site?: (name: string, at: Seat, norm: Norm) => Norm | null
  /** Factor on the initial weights, by the parameter's role. */
  readonly gain?: (role: Role, at: Seat) => number
  /** All branches of a block share one seat: they read the same value, and their results are summed. */
  readonly merge?: true
  /** A placement that is defined by its own stream. */
  readonly skip?: Skip
  /** Whether the stream needs a norm where it leaves the stack. */
  readonly finalNorm: boolean
}

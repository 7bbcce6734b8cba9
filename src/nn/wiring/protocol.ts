import type { Initializer, Layer, Overlay, Role, Scope } from '../../graph/scope.ts'
import type { Value } from '../../graph/value.ts'
import type { Shape } from '../../tensor.ts'
import type { BranchMoments, Law, Moments, NormLaw, Rejoin, SeatLaw } from './law.ts'

/** A layer that stands beside a skip, and what it is (attention, feedForward, convolution). */
export type Branch = Layer & {
  readonly kind: string
  /** It may give another shape than it reads; what goes around is then brought into that shape. */
  readonly changesShape?: boolean
  /** A token sees itself and earlier ones only. */
  readonly causal?: boolean
}

/** Whether a branch of this kind is attention. */
export const attends = (kind: string): boolean => kind === 'attention' || kind === 'crossAttention'

/** Marks a layer as a branch of some kind. */
export function branch(kind: string, layer: Layer, options: Pick<Branch, 'changesShape' | 'causal'> = {}): Branch {
  return Object.assign((s: Scope, x: Value, ...context: Value[]) => layer(s, x, ...context), { kind, ...options })
}

/** Blocks of an encoder and a decoder that belong together, and which of the two a seat is in. */
export interface Stacks {
  readonly encoder: number
  readonly decoder: number
  readonly here: 'encoder' | 'decoder'
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
  readonly stacks?: Stacks
}

/** What runs around the branches: one value for most skips, several for others; probes see the last one. */
export type Stream = readonly Value[]

/** A norm of activations; `parameter` is what it does to the parameters of the branches (weight norm). */
export type Norm = Layer & { readonly parameter?: NonNullable<Overlay['parameter']>; readonly law?: NormLaw }

/** What a skip may lay over one run of a branch. */
export interface RunOptions {
  /** Features the branch shall produce; by default as many as it reads. */
  readonly width?: number
  /** What happens at a site of the branch, after the placement's own norm there; `input` is what the branch sees. */
  readonly site?: (name: string, x: Value, s: Scope) => Value
}

/** Runs the branch at a seat: the placement's norms before, inside and after it, and the branch's own factor. */
export type Run = (read: Value, options?: RunOptions) => Value

/** What the placement does where a branch rejoins. */
export interface Join {
  /** Factors and sum. */
  readonly sum: (kept: Value, added: Value) => Value
  /** The norm on the sum. */
  readonly norm: (total: Value) => Value
  /** `x` in the shape of what the branch gave: itself, or brought there by the skip. Names tell several apart. */
  readonly kept: (x: Value, added: Value, name?: string) => Value
}

/** How a branch rejoins what went around it. Parameters of a skip live under the scope it is given. */
export interface Skip<S extends Stream = Stream> {
  /** The stream that starts at `x`. */
  open(s: Scope, x: Value, seats: readonly Seat[]): S
  /** The stream past a seat: what the branch there reads, and how what it gives rejoins. */
  through(s: Scope, stream: S, run: Run, at: Seat, join: Join): S
  /** What leaves the stack. */
  close(s: Scope, stream: S, norm: Norm): Value
  /** What is done to that past the final norm. */
  leave?(y: Value): Value
  /**
   * The stream before this seat, from the one after it; `run` traces the branch again. Makes every seat reversible, so
   * that training keeps the last stream alone; needs a placement whose sum is `kept + added`, without a norm on it.
   */
  undo?(s: Scope, stream: S, run: Run, at: Seat): S
  /** What goes around a branch that changes the shape; by default a linear map where the width or the size changes. */
  match?(s: Scope, x: Value, to: Shape): Value
  /** Why this skip cannot go with that placement, or null. */
  refuses?(placement: Placement): string | null
  /** What to think about before using it with that placement, norm and initialisation, or null. */
  warns?(setting: Setting): string | null
  /** Initialisation that belongs to it, by name. */
  readonly init?: string
  /** Second moments past a seat, where they have a closed form. */
  law?(stream: Moments, branch: BranchMoments, at: Seat, sum: Rejoin): Law
  /** Whether its law holds only without a norm on the sum. Default false. */
  readonly lawNeedsPlainSum?: true
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
  /** The norm at a site inside the branch (query, key, value, heads, activation, hidden, output), or null. */
  readonly site?: (name: string, at: Seat, norm: Norm) => Layer | null
  /** Factor on the initial weights, by the parameter's role. */
  readonly gain?: (role: Role, at: Seat) => number
  /** All branches of a block share one seat: they read the same value, and their results are summed. */
  readonly merge?: true
  /** A placement that is defined by its own stream. */
  readonly skip?: Skip
  /** Whether the stream needs a norm where it leaves the stack. */
  readonly finalNorm: boolean
  /** Whether it puts a norm on what enters the stack. Default false. */
  readonly embedNorm?: true
  /** Whether attention under it needs its queries and keys normalised. Default false. */
  readonly qkNorm?: true
  /** Nothing of it is left without a norm. Default false: then it is refused with norm 'none'. */
  readonly normsOnly?: boolean
  /** Why it cannot stand at these seats, or null. */
  readonly refuses?: (seats: readonly Seat[]) => string | null
  /** What to think about before using it, or null. */
  readonly warns?: (setting: Setting) => string | null
  /** What it does to second moments at a seat, where that has a closed form. */
  readonly law?: (at: Seat) => SeatLaw
}

/** How initial values follow from role, seat (null outside the blocks: embedding, head) and number of blocks. */
export interface Init {
  readonly initializer: (own: Initializer, role: Role, at: Seat | null, blocks: number) => Initializer
}

/** What is known of a training when its wiring is looked at for warnings. */
export interface Setting {
  readonly skip: string
  readonly norm: string
  readonly placement: string
  readonly init: string
  readonly qkNorm: boolean
  /** The factor on every branch. */
  readonly branchScale: number
  /** Seats of the stack, where known. */
  readonly seats?: number
  /** Steps of warm-up, where known. */
  readonly warmupSteps?: number
  /** Whether a branch is attention. */
  readonly attention?: boolean
}

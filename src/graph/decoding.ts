import type { Value } from './value.ts'

/** What the layers of a trace in mode 'decode' know beside their new tokens. */
export interface Decoding {
  /** Place of each new token in its sequence, int32 `[batch, time]`. */
  readonly positions: Value
  /** Which keys may be seen, the cached ones first, then the new tokens: bool `[batch, past + time]`. */
  readonly keep: Value
  /** Cached places. */
  readonly past: number
  /** Of each sequence the one of all `batch * time` new tokens whose logits are wanted, int32 `[batch]`; null: those of all. */
  readonly rows: Value | null
  /** Longest sequence, in tokens. */
  readonly context: number
  /** Whether what is remembered is computed in this pass, or was in an earlier one. */
  readonly first: boolean
  /** The name of the leaf that brings what a cache held, by the cache's path. */
  readonly leaf: (path: string) => string
  /** What is attended to, from what a cache held `[batch, heads, past, size]` and what is new: one value or several, in order. */
  readonly join: (past: Value, added: Value) => readonly Value[]
}

/** What a cache held, and what this pass adds to it behind the last cached place (axis 2). */
export interface Cached {
  readonly path: string
  readonly past: Value
  readonly added: Value
}

/** What is computed once and read in every later pass, such as keys and values of an encoder's memory. */
export interface Remembered {
  readonly path: string
  readonly value: Value
}

import { setImmediate } from 'node:timers/promises'
import { clock } from '../../clock.ts'

/** Longest time between two pauses, milliseconds, where the work itself comes in small portions. */
const workMs = 50

/**
 * For long work in portions: the function that is returned, awaited after each portion, lets the rest of the process run
 * every 50 ms, and throws the signal's reason where it was aborted.
 */
export function pauses(signal: AbortSignal | undefined): () => Promise<void> {
  signal?.throwIfAborted()
  let began = clock.now()
  return async () => {
    if (clock.now() - began < workMs) return
    await setImmediate()
    signal?.throwIfAborted()
    began = clock.now()
  }
}

/**
 * The place of the first token that a model with room for `context` tokens sees of a sequence of `length`, when it gives
 * the next: 0 while all fit; then half of the room is left free at once, so that caches serve the next context / 2 tokens.
 */
export function windowStart(length: number, context: number): number {
  if (length <= context) return 0
  const step = Math.max(1, Math.floor(context / 2))
  return Math.ceil((length - context) / step) * step
}

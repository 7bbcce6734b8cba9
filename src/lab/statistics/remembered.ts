/**
 * A function of numbers that is not asked twice: studies put the same few questions to many pairs of arms. At most `most`
 * values are kept; then the memory starts anew.
 */
export function remembered<A extends readonly number[], T extends object | number | null>(
  find: (...given: A) => T,
  most = 10_000,
): (...given: A) => T {
  const known = new Map<string, T>()
  return (...given) => {
    const key = given.join()
    const found = known.get(key)
    if (found !== undefined) return found
    const value = find(...given)
    if (known.size >= most) known.clear()
    known.set(key, value)
    return value
  }
}

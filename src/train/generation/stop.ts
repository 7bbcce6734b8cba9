/** What a stop string leaves of a text that comes in pieces. */
export interface StopFilter {
  /** What of the text so far can be given on. */
  push(piece: string): string
  /** The rest, once no more comes. */
  end(): string
  /** Whether a stop string has come. */
  readonly stopped: boolean
}

/**
 * Lets text through up to the first of the strings `stops` to be complete, of several at one place the longest; a tail
 * that may be the beginning of one is held back. How the text is cut into pieces changes nothing.
 */
export function stopFilter(stops: readonly string[]): StopFilter {
  let held = ''
  let stopped = false
  const heldBack = (text: string): number => {
    const longest = Math.max(0, ...stops.map((stop) => stop.length - 1))
    for (let length = Math.min(longest, text.length); length > 0; length--) {
      const tail = text.slice(-length)
      if (stops.some((stop) => stop.startsWith(tail))) return length
    }
    return 0
  }
  const give = (keep: number): string => {
    const given = held.slice(0, held.length - keep)
    held = held.slice(held.length - keep)
    return given
  }
  return {
    get stopped() {
      return stopped
    },
    push(piece) {
      if (stopped) return ''
      held += piece
      const found = stops.map((stop) => ({ from: held.indexOf(stop), length: stop.length }))
      const [first] = found
        .filter(({ from }) => from >= 0)
        .sort((a, b) => a.from + a.length - b.from - b.length || a.from - b.from)
      if (first === undefined) return give(heldBack(held))
      stopped = true
      const text = held.slice(0, first.from)
      held = ''
      return text
    },
    end: () => give(0),
  }
}

import { clock } from '../clock.ts'

export interface StatusLine {
  /** Shows a text in place of the one before, as often as an eye can follow. */
  show(text: string): void
  /** Ends the line in progress. */
  done(): void
}

const intervalMs = 100

/** One line on standard error that renews itself; in a pipe it is left out. */
export function statusLine(enabled: boolean, stream: NodeJS.WriteStream = process.stderr): StatusLine {
  let shownAt = -Infinity
  let open = false
  return {
    show(text) {
      const now = clock.now()
      if (!enabled || !stream.isTTY || now - shownAt < intervalMs) return
      shownAt = now
      stream.write(`\r\x1b[K${text}`)
      open = true
    },
    done() {
      if (open) stream.write('\r\x1b[K')
      open = false
    },
  }
}

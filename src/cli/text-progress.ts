import { clock } from '../clock.ts'
import type { TextProgress } from '../data/text/survey.ts'

export interface TextProgressLine {
  see(progress: TextProgress): void
  /** Ends the line in progress. */
  done(): void
}

/** Milliseconds between two updates of a terminal line, and between two lines of a pipe. */
const terminalMs = 100
const pipeMs = 10_000

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

function line({ phase, documents, bytes, totalBytes, merges }: TextProgress): string {
  const done = `${documents} documents, ${megabytes(bytes)}`
  if (phase === 'count') return `counting: ${done}`
  if (phase === 'encode') return `encoding: ${done} of ${megabytes(totalBytes ?? bytes)}`
  return merges ? `learning byte pairs: ${merges}` : `learning byte pairs: reading`
}

/** Shows on standard error how a corpus comes about: one line that renews itself, in a pipe a line every ten seconds. */
export function textProgress(enabled: boolean, stream: NodeJS.WriteStream = process.stderr): TextProgressLine {
  let shownAt = stream.isTTY ? -Infinity : clock.now()
  let open = false
  return {
    see(progress) {
      const now = clock.now()
      if (!enabled || now - shownAt < (stream.isTTY ? terminalMs : pipeMs)) return
      shownAt = now
      stream.write(stream.isTTY ? `\r\x1b[K${line(progress)}` : `${line(progress)}\n`)
      open = stream.isTTY
    },
    done() {
      if (open) stream.write('\r\x1b[K')
      open = false
    },
  }
}

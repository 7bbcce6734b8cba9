import { clock } from '../clock.ts'
import type { JobEvent } from '../lab/study/pool.ts'
import { duration } from '../train/progress.ts'

/** Milliseconds between two updates of a terminal line, and between two lines of a pipe. */
const terminalMs = 200
const pipeMs = 10_000

export interface StudyProgress {
  see(event: JobEvent): void
  done(): void
}

/** One line for a whole study on standard error: cells (of `steps` each, 0 if not known) done, the time that is left. */
export function studyProgress(
  total: number,
  steps: number,
  alreadyDone: number,
  stream: NodeJS.WriteStream = process.stderr,
): StudyProgress {
  const began = clock.now()
  const running = new Map<string, number>()
  let finished = 0
  let failed = 0
  let shownAt = -Infinity
  const line = (): string => {
    const cells =
      finished + [...running.values()].reduce((sum, step) => sum + (steps === 0 ? 0 : Math.min(1, step / steps)), 0)
    const seconds = (clock.now() - began) / 1000
    const left = cells > 0.05 ? `<${duration(((total - alreadyDone - cells) * seconds) / cells)}` : ''
    const bad = failed > 0 ? `, ${failed} failed` : ''
    return `${alreadyDone + finished}/${total} cells, ${running.size} running${bad}  ${duration(seconds)}${left}`
  }
  const show = (now: boolean): void => {
    if (!now && clock.now() - shownAt < (stream.isTTY ? terminalMs : pipeMs)) return
    shownAt = clock.now()
    stream.write(stream.isTTY ? `\r${line()}\u001B[K` : `${line()}\n`)
  }
  return {
    see(event) {
      if (event.type === 'begin' || event.type === 'step') running.set(event.id, event.type === 'step' ? event.step : 0)
      else {
        running.delete(event.id)
        if (event.type === 'end') finished++
        else failed++
      }
      show(false)
    },
    done() {
      show(true)
      if (stream.isTTY) stream.write('\n')
    },
  }
}

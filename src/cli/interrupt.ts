import { constants } from 'node:os'
import { clock } from '../clock.ts'

type Signal = 'SIGINT' | 'SIGTERM'

export interface Interrupt {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal
  /** The exit code that stands for the first signal, 128 + its number; 0 while there was none. */
  readonly exitCode: number
  /** Gives the signals back to Node. */
  release(): void
}

/** Under npm a Ctrl-C arrives twice, from the terminal and from npm: what comes this soon (ms) is the same one. */
const echoMs = 400

/**
 * Takes over Ctrl-C (SIGINT) and SIGTERM: the first one aborts `signal` and says so on standard error; a Ctrl-C after
 * that calls `stop`, which ends the process at once.
 */
export function takeInterrupts(stop: (exitCode: number) => void = (code) => process.exit(code)): Interrupt {
  const controller = new AbortController()
  let exitCode = 0
  let firstAt = 0
  const take = (name: Signal): void => {
    if (exitCode === 0) {
      exitCode = 128 + constants.signals[name]
      firstAt = clock.now()
      process.stderr.write(
        `${process.stderr.isTTY ? '\n' : ''}residua: finishing this step; Ctrl-C once more stops at once\n`,
      )
      controller.abort()
    } else if (name === 'SIGINT' && clock.now() - firstAt > echoMs) stop(exitCode)
  }
  process.on('SIGINT', take).on('SIGTERM', take)
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode
    },
    release: () => void process.off('SIGINT', take).off('SIGTERM', take),
  }
}

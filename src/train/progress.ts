import { styleText } from 'node:util'
import { clock } from '../clock.ts'
import type { EvaluationEvent, StepEvent, TrainEvent } from './events.ts'
import type { Pace } from './pace.ts'

export interface ProgressOptions {
  /** What stands before the figures. */
  readonly label?: string
  readonly stream?: NodeJS.WriteStream
  /** By which the share of the machine is told that a training on tokens reaches. */
  readonly pace?: Pace | null
}

export interface Progress {
  see(event: TrainEvent): void
  /** Ends the line in progress. */
  done(): void
}

/** Milliseconds between two updates of a terminal line, and between two lines of a pipe. */
const terminalMs = 100
const pipeMs = 10_000

/** `4:07`, from an hour on `1h05`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds)
  return whole < 3600
    ? `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
    : `${Math.floor(whole / 3600)}h${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')}`
}

const figure = (value: number): string => (Number.isFinite(value) ? value.toPrecision(4) : String(value))

const figures = (loss: number, metrics: Readonly<Record<string, number>>): string =>
  [`loss ${figure(loss)}`, ...Object.entries(metrics).map(([name, value]) => `${name} ${figure(value)}`)].join(' ')

/** A rate with three digits: 87.5, 12300 as 12.3k. */
const rateFigure = (perSecond: number): string =>
  perSecond < 1000 ? String(Number(perSecond.toPrecision(3))) : `${Number((perSecond / 1000).toPrecision(3))}k`

/** Text without what moves the cursor of a terminal. */
const lines = (text: string): string => text.replace(/[^\P{Cc}\n]/gu, '?')

function bar(share: number): string {
  const filled = Math.round(10 * Math.min(1, share))
  return '█'.repeat(filled) + '░'.repeat(10 - filled)
}

/**
 * Shows a training on a stream (default standard error): one line that renews itself on a terminal; in a pipe a plain
 * line every ten seconds and for whatever happens.
 */
export function progress(
  enabled: boolean,
  { label = '', stream = process.stderr, pace = null }: ProgressOptions = {},
): Progress {
  if (!enabled) return { see: () => undefined, done: () => undefined }
  const terminal = stream.isTTY
  const began = clock.now()
  const head = label === '' ? '' : `${label} `
  let shownAt = terminal ? -Infinity : began
  let first: number | null = null
  let smooth: number | null = null
  let msPerToken: number | null = null
  let last: EvaluationEvent | null = null
  let open = false

  const line = (text: string): void => {
    stream.write(`${open ? '\r\x1b[K' : ''}${head}${text}\n`)
    open = false
  }
  const tokenRate = (): string[] => {
    if (msPerToken === null) return []
    const perSecond = 1000 / msPerToken
    const share = pace && ((100 * perSecond * pace.flopsPerToken) / pace.machineRate).toFixed(0)
    return [`${rateFigure(perSecond)} tokens/s${share === null ? '' : ` (${share}% of matrix products)`}`]
  }
  const step = (event: StepEvent): void => {
    if (first !== null && event.tokens !== undefined) {
      const ms = event.stepMs / event.tokens // of the first step only the start of the engine would be seen
      msPerToken = msPerToken === null ? ms : 0.95 * msPerToken + 0.05 * ms
    }
    first ??= event.step - 1
    smooth = smooth === null ? event.loss : 0.95 * smooth + 0.05 * event.loss
    const now = clock.now()
    if (now - shownAt < (terminal ? terminalMs : pipeMs) && event.step < event.steps) return
    shownAt = now
    const elapsed = (now - began) / 1000
    const rate = (event.step - first) / elapsed
    const left = (event.steps - event.step) / rate
    const fields = [
      `${event.step}/${event.steps}`,
      figures(smooth, event.metrics),
      ...(last ? [`val ${figure(last.loss)}`] : []),
      ...(event.gradientNorm === undefined ? [] : [`|g| ${figure(event.gradientNorm)}`]),
      `${rate.toFixed(rate < 10 ? 1 : 0)}/s`,
      ...tokenRate(),
      `${duration(elapsed)}<${duration(left)}`,
    ]
    if (!terminal) {
      line(fields.join(' '))
      return
    }
    let text = `${head}${bar(event.step / event.steps)} ${fields.join(' ')}`
    while (text.length > stream.columns && fields.length > 2) {
      fields.pop()
      text = `${head}${bar(event.step / event.steps)} ${fields.join(' ')}`
    }
    stream.write(`\r\x1b[K${text}`)
    open = true
  }
  const colour = (kind: 'red' | 'yellow', text: string): string => (terminal ? styleText(kind, text) : text)
  const done = (): void => {
    if (open) stream.write('\n')
    open = false
  }
  return {
    done,
    see(event) {
      if (event.type === 'step') step(event)
      else if (event.type === 'evaluation') {
        last = event
        line(`step ${event.step}: evaluation ${figures(event.loss, event.metrics)}`)
      } else if (event.type === 'sample') line(`step ${event.step}: sample\n${lines(event.prompt + event.text)}`)
      else if (event.type === 'notice') line(event.message)
      else if (event.type === 'diverged') line(colour('red', `diverged: ${event.message}`))
      else if (event.type === 'plateau') {
        line(
          colour(
            'yellow',
            `step ${event.step}: the loss stays at ${figure(event.level)}, which is what class frequencies alone give`,
          ),
        )
      } else if (event.type === 'end') done()
    },
  }
}

/** A training that a command runs: progress, events, interrupts and the summary at its end. */
import { DivergedError } from '../errors.ts'
import { readRun } from '../train/files/run-folder.ts'
import type { Model, TrainOptions } from '../train/model.ts'
import { progress } from '../train/progress.ts'
import { takeInterrupts } from './interrupt.ts'
import { pairs, print, printJson } from './output.ts'
import type { Settings } from './settings.ts'
import type { Source } from './source.ts'
import { spread } from './text-source.ts'

/** A training with nothing left open. */
export interface Job {
  readonly folder: string
  readonly settings: Settings
  readonly source: Source
  readonly resume: boolean
  readonly evaluateEvery: number | null
}

export interface OutputFlags {
  readonly json?: true
  readonly quiet?: true
}

function trainOptions({ folder, settings, source, evaluateEvery, resume }: Job, signal: AbortSignal): TrainOptions {
  const { steps, epochs, batchSize, accumulate, checkpointEvery, probeEvery, earlyStopping, gpt } = settings
  const { heldOut } = source
  return {
    run: folder,
    resume,
    signal,
    batchSize,
    accumulate,
    checkpointEvery,
    probeEvery,
    ...(steps === null ? {} : { steps }),
    ...(epochs === null ? {} : { epochs }),
    ...(heldOut === null ? {} : { evaluate: gpt ? spread(heldOut, gpt.evaluateOn) : heldOut }),
    ...(gpt?.sample ? { sample: gpt.sample } : {}),
    ...(evaluateEvery === null ? {} : { evaluateEvery }),
    ...(earlyStopping === null ? {} : { earlyStopping: { patience: earlyStopping } }),
  }
}

async function train(model: Model, job: Job, flags: OutputFlags, signal: AbortSignal): Promise<string> {
  const sharesTerminal = flags.json && process.stdout.isTTY
  const shown = !flags.quiet && !sharesTerminal
  const show = progress(shown, { pace: shown ? await model.pace(job.settings) : null })
  let reason = 'finished'
  let diverged: string | null = null
  for await (const event of model.train({ ...trainOptions(job, signal), runAhead: true })) {
    if (event.type !== 'diverged') show.see(event)
    if (flags.json) printJson(event)
    if (event.type === 'end') reason = event.reason
    if (event.type === 'diverged') diverged = event.message
  }
  show.done()
  if (diverged === null) return reason
  report(job.folder, flags)
  throw new DivergedError(diverged)
}

/** Prints what a run came to. */
export function report(folder: string, { json }: OutputFlags): void {
  const { summary } = readRun(folder)
  if (json) printJson({ type: 'summary', run: folder, ...summary })
  else print(pairs({ run: folder, ...summary }))
}

/** Trains until the end or Ctrl-C; `command` is what goes on with the run. Throws DivergedError. */
export async function runTraining(model: Model, job: Job, flags: OutputFlags, command: string): Promise<void> {
  const interrupt = takeInterrupts() // not before: until here a Ctrl-C loses nothing, and compiling would not see it
  try {
    const reason = await train(model, job, flags, interrupt.signal)
    report(job.folder, flags)
    if (reason !== 'cancelled') return
    process.stderr.write(`residua: stopped; go on with: residua ${command} --resume ${job.folder}\n`)
    process.exitCode = interrupt.exitCode
  } finally {
    interrupt.release()
  }
}

import { existsSync, readdirSync } from 'node:fs'
import { boolean, int, nullable, number, strictObject, type ZodType } from 'zod'
import { clock } from '../clock.ts'
import { GraphError, OptionError } from '../errors.ts'
import type { NoticeEvent, StepEvent, TrainEvent } from './events.ts'
import { loadCheckpoint, saveCheckpoint } from './files/checkpoint.ts'
import { type EventWriter, openEvents, readEvents } from './files/events.ts'
import { configHash, createRun, openRun, type RunFolder, type RunState, truncateAfter } from './files/run-folder.ts'
import { checkJson, type Json, type JsonObject } from '../files/json.ts'
import { type LayerWriter, openLayers } from './files/layers.ts'
import { runPaths } from './files/paths.ts'
import { openScalars, readScalars, type ScalarWriter } from './files/scalars.ts'
import type { Position, Session } from './session.ts'

export interface RecordOptions {
  /** Where the run is written. */
  readonly run: string
  /** Steps between checkpoints; one more is made at the end. Default 500. */
  readonly checkpointEvery?: number
  /** Go on with the run in that folder. Default false. */
  readonly resume?: boolean
  /** Steps between two frames of `layers.f32`; 0 where nothing is probed. */
  readonly probeEvery: number
  /** `tokenizer.json`, where the data is text. */
  readonly tokenizer?: string | null
  /** What `summary.json` shall say beside the usual; asked once the training is done or has diverged. */
  readonly summary?: () => Promise<Readonly<Record<string, unknown>>>
}

/** The entries of two configurations that differ, one per line. */
function difference(stored: JsonObject, wanted: JsonObject): string {
  const keys = [...new Set([...Object.keys(stored), ...Object.keys(wanted)])]
  const text = (value: Json | undefined): string => (value === undefined ? 'nothing' : JSON.stringify(value))
  return keys
    .filter((key) => text(stored[key]) !== text(wanted[key]))
    .map((key) => `  ${key}: the run has ${text(stored[key])}, asked for ${text(wanted[key])}`)
    .join('\n')
}

/** Writes a training into its run folder: a consumer of events that also makes the checkpoints. */
export class Recorder {
  readonly #session: Session
  readonly #options: RecordOptions
  readonly #folder: RunFolder
  readonly #scalars: ScalarWriter
  readonly #events: EventWriter
  #began = clock.now()
  #layers: LayerWriter | null = null
  /** What the probes measure, the same at every probed step. */
  #stats: readonly string[] | null = null
  #savedAt = -1
  #summary: Record<string, unknown> = {}

  private constructor(session: Session, options: RecordOptions, folder: RunFolder) {
    this.#session = session
    this.#options = options
    this.#folder = folder
    const clipped = session.recipe.optimizer.clipNorm === undefined ? [] : ['gradientNorm']
    this.#scalars = openScalars(folder.folder, [
      'loss',
      ...Object.keys(session.recipe.metrics),
      'learningRate',
      ...clipped,
    ])
    this.#events = openEvents(folder.folder)
  }

  /** Begins a run, or takes the session back to the last whole checkpoint of the one that is there. */
  static async open(
    session: Session,
    options: RecordOptions,
    config: JsonObject,
    versions: Readonly<Record<string, string>>,
  ): Promise<Recorder> {
    const { run: path, resume = false, tokenizer = null } = options
    const now = clock.date
    const run = { id: path.split(/[\\/]/).at(-1) ?? path, seed: session.seed, versions }
    const folder = resume ? openRun(path, { now }) : createRun(path, { config, run, now, tokenizer })
    let recorder: Recorder | null = null
    try {
      if (configHash(folder.config) !== configHash(config)) {
        throw new OptionError(
          `${path}: its configuration differs; resume with the same, or choose another folder\n${difference(folder.config, config)}`,
        )
      }
      const begun = resume && (session.position.step > 0 || hasCheckpoint(path))
      const { step, skipped } = begun ? await restoreCheckpoint(session, path) : { step: 0, skipped: [] }
      if (resume) truncateAfter(path, step)
      recorder = new Recorder(session, options, folder)
      if (resume) recorder.#goOn(step, skipped)
      if (begun) recorder.#savedAt = step
      else await recorder.#checkpoint()
      return recorder
    } catch (error) {
      if (recorder) recorder.#release()
      folder.close()
      throw error
    }
  }

  /** Records one event. */
  see(event: TrainEvent): void {
    if (event.type !== 'step') {
      this.#note(event)
      return
    }
    const { step, loss, metrics, learningRate, gradientNorm, probes } = event
    const clipped = gradientNorm === undefined ? [] : [gradientNorm]
    this.#scalars.write(step, this.#seconds(), [loss, ...Object.values(metrics), learningRate, ...clipped])
    if (probes) this.#probe(step, probes)
    this.#summary = { ...this.#summary, step, epoch: event.epoch, trainLoss: loss }
  }

  /** Whether a checkpoint is due after a step. */
  saves(step: number): boolean {
    return step % (this.#options.checkpointEvery ?? 500) === 0
  }

  /** Makes the checkpoint that is due, or says why not. */
  async save(): Promise<TrainEvent | null> {
    const { step } = this.#session.position
    if (!this.saves(step) || step === this.#savedAt) return null
    const refused = await this.#checkpoint()
    return refused ?? { type: 'checkpoint', step, folder: this.#folder.folder }
  }

  /** Writes the model, or notes why it cannot be one ONNX file; the training is not lost for that. */
  async #exportTo(exportTo: (path: string) => Promise<void>): Promise<void> {
    try {
      await exportTo(runPaths(this.#folder.folder).model)
    } catch (error) {
      if (!(error instanceof GraphError)) throw error
      this.#note({ type: 'notice', step: this.#session.position.step, message: `no model.onnx: ${error.message}` })
    }
  }

  /**
   * Ends the run: a last checkpoint, the model, the summary, the state; after a failure the last two, if they can be
   * written.
   */
  async close(state: RunState, parameters: number, exportTo: (path: string) => Promise<void>): Promise<void> {
    try {
      if (state !== 'failed') {
        const refused = this.#savedAt === this.#session.position.step ? null : await this.#checkpoint()
        if (refused) this.#note(refused)
        await this.#exportTo(exportTo)
      }
      const ended = state === 'done' || state === 'diverged'
      const more = ended ? await this.#options.summary?.() : {}
      this.#folder.writeSummary({ state, ...this.#summary, seconds: this.#seconds(), parameters, ...more })
      this.#folder.setState(state)
    } catch (error) {
      if (state !== 'failed') throw error // the first failure is the one to be told
    } finally {
      this.#release()
      this.#folder.close()
    }
  }

  #release(): void {
    this.#scalars.close()
    this.#events.close()
    this.#layers?.close()
  }

  /** Seconds of training, those before a resume included. */
  #seconds(): number {
    return (clock.now() - this.#began) / 1000
  }

  /** Takes up what the run knew of itself at `step`. */
  #goOn(step: number, skipped: readonly string[]): void {
    const { folder } = this.#folder
    const { names, rows } = readScalars(folder)
    const last = rows.at(-1)
    if (last) {
      this.#began -= 1000 * last.time
      const { epoch, index } = this.#session.position.cursor
      this.#summary = { step, epoch: index === 0 ? epoch - 1 : epoch, trainLoss: last.values[names.indexOf('loss')] }
    }
    for (const event of readEvents(folder)) this.#summarize(event as unknown as TrainEvent)
    this.#folder.setState('running')
    this.#events.write({ step, type: 'resume', skipped: [...skipped] })
  }

  #note(event: Exclude<TrainEvent, { type: 'step' }>): void {
    const { type, step, ...details } = event
    this.#events.write({ step, type, ...details })
    this.#summarize(event)
  }

  #summarize(event: TrainEvent): void {
    const { step } = event
    if (event.type === 'evaluation') this.#summary = { ...this.#summary, loss: event.loss, ...event.metrics }
    if (event.type === 'plateau') this.#summary = { ...this.#summary, plateau: step }
    if (event.type === 'diverged') this.#summary = { ...this.#summary, diverged: step, firstNotFinite: event.path }
  }

  #probe(step: number, probes: NonNullable<StepEvent['probes']>): void {
    const found = Object.values(probes)
    const stats = (this.#stats ??= [...new Set(found.flatMap((values) => Object.keys(values)))])
    const every = this.#options.probeEvery
    this.#layers ??= openLayers(this.#folder.folder, { sites: Object.keys(probes), stats, every })
    const values: (number | undefined)[] = []
    for (const site of found) for (const stat of stats) values.push(site[stat])
    this.#layers.write(step, values)
  }

  /** Stores a checkpoint; not where a tensor is not finite, since going on from there would be of no use: says so then. */
  async #checkpoint(): Promise<NoticeEvent | null> {
    const { engine, paths, position } = this.#session
    const tensors = await engine.read(paths)
    const bad = paths.find((path) => !tensors[path]?.data.every(Number.isFinite))
    if (bad !== undefined) {
      const { step } = position
      return { type: 'notice', step, message: `no checkpoint at step ${step}: '${bad}' is not finite` }
    }
    this.#scalars.sync()
    this.#events.sync()
    this.#layers?.sync()
    saveCheckpoint(this.#folder.folder, {
      step: position.step,
      tensors,
      state: { ...position, cursor: { ...position.cursor } },
    })
    this.#savedAt = position.step
    return null
  }
}

const count = int().nonnegative()
const positionSchema: ZodType<Position> = strictObject({
  step: count,
  cursor: strictObject({ epoch: count, index: count }),
  batchSize: count,
  draws: count,
  best: nullable(number()),
  sinceBest: count,
  evaluationDue: boolean(),
  sampleDue: boolean().default(false), // runs of 0.1 have none
})

/** Whether a run has got as far as its first checkpoint, whole or not. */
function hasCheckpoint(path: string): boolean {
  const { checkpoints } = runPaths(path)
  return existsSync(checkpoints) && readdirSync(checkpoints).some((name) => name.startsWith('step-'))
}

/** Loads the newest whole checkpoint of a run into a session. */
export async function restoreCheckpoint(
  session: Session,
  path: string,
): Promise<{ step: number; skipped: readonly string[] }> {
  const { tensors, state, step, skipped } = loadCheckpoint(path)
  const position = checkJson(state, positionSchema, `${path}: the state of step ${step}`)
  await session.restore(tensors, session.paths, path)
  session.position = position
  return { step, skipped }
}

import { clock } from '../clock.ts'
import { OptionError } from '../errors.ts'
import type { TrainEvent } from './events.ts'
import { loadCheckpoint, saveCheckpoint } from './files/checkpoint.ts'
import { type EventWriter, openEvents } from './files/events.ts'
import { configHash, createRun, openRun, type RunFolder, type RunState, truncateAfter } from './files/run-folder.ts'
import type { JsonObject } from './files/json.ts'
import { type LayerWriter, openLayers } from './files/layers.ts'
import { openScalars, type ScalarWriter } from './files/scalars.ts'
import type { Position, Session } from './session.ts'
import { probeStats } from './step.ts'

export interface RecordOptions {
  /** Where the run is written. */
  readonly run: string
  /** Steps between checkpoints; one more is made at the end. Default 500. */
  readonly checkpointEvery?: number
  /** Go on with the run in that folder where there is one. Default false. */
  readonly resume?: boolean
  /** Steps between two frames of `layers.f32`; 0 where nothing is probed. */
  readonly probeEvery: number
}

/** The entries of two configurations that differ, one per line. */
function difference(stored: JsonObject, wanted: JsonObject): string {
  const keys = [...new Set([...Object.keys(stored), ...Object.keys(wanted)])]
  const text = (value: unknown): string => JSON.stringify(value) ?? 'nothing'
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
  readonly #began = clock.now()
  #layers: LayerWriter | null = null
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
    const { run: path, resume = false } = options
    const now = clock.date
    if (!resume) {
      const run = { id: path.split(/[\\/]/).at(-1) ?? path, seed: session.seed, versions }
      const recorder = new Recorder(session, options, createRun(path, { config, run, now }))
      await recorder.#checkpoint()
      return recorder
    }
    const folder = openRun(path, { now })
    try {
      if (configHash(folder.config) !== configHash(config)) {
        throw new OptionError(
          `${path}: its configuration differs; resume with the same, or choose another folder\n${difference(folder.config, config)}`,
        )
      }
      const { step, skipped } = await restoreCheckpoint(session, path)
      truncateAfter(path, step)
      const recorder = new Recorder(session, options, folder)
      folder.setState('running')
      recorder.#savedAt = step
      recorder.#events.write({ step, type: 'resume', skipped: [...skipped] })
      return recorder
    } catch (error) {
      folder.close()
      throw error
    }
  }

  /** Records one event; returns the checkpoint event that it led to, if any. */
  async see(event: TrainEvent): Promise<TrainEvent | null> {
    const { checkpointEvery = 500 } = this.#options
    if (event.type !== 'step') {
      this.#note(event)
      return null
    }
    const { step, loss, metrics, learningRate, gradientNorm, probes } = event
    const clipped = gradientNorm === undefined ? [] : [gradientNorm]
    this.#scalars.write(step, (clock.now() - this.#began) / 1000, [
      loss,
      ...Object.values(metrics),
      learningRate,
      ...clipped,
    ])
    if (probes) this.#probe(step, probes)
    this.#summary = { ...this.#summary, step, epoch: event.epoch, trainLoss: loss }
    if (step % checkpointEvery !== 0) return null
    await this.#checkpoint()
    return { type: 'checkpoint', step, folder: this.#folder.folder }
  }

  /** Ends the run: a last checkpoint, the summary, the state. */
  async close(state: RunState, extra: Readonly<Record<string, unknown>> = {}): Promise<void> {
    try {
      if (state !== 'failed' && this.#savedAt !== this.#session.position.step) await this.#checkpoint()
      const seconds = (clock.now() - this.#began) / 1000
      this.#folder.writeSummary({ state, ...this.#summary, seconds, ...extra })
      this.#folder.setState(state)
    } finally {
      this.#scalars.close()
      this.#events.close()
      this.#layers?.close()
      this.#folder.close()
    }
  }

  #note(event: Exclude<TrainEvent, { type: 'step' }>): void {
    const { type, step, ...details } = event
    this.#events.write({ step, type, ...details })
    if (event.type === 'evaluation') this.#summary = { ...this.#summary, loss: event.loss, ...event.metrics }
    if (event.type === 'plateau') this.#summary = { ...this.#summary, plateau: step }
    if (event.type === 'diverged') this.#summary = { ...this.#summary, diverged: step, firstNotFinite: event.path }
  }

  #probe(step: number, probes: Readonly<Record<string, Readonly<Record<(typeof probeStats)[number], number>>>>): void {
    const sites = Object.keys(probes)
    const every = this.#options.probeEvery
    this.#layers ??= openLayers(this.#folder.folder, { sites, stats: [...probeStats], every })
    this.#layers.write(
      step,
      Object.values(probes).flatMap((values) => probeStats.map((stat) => values[stat])),
    )
  }

  async #checkpoint(): Promise<void> {
    const { engine, paths, position } = this.#session
    const tensors = await engine.read(paths)
    this.#scalars.sync()
    this.#events.sync()
    this.#layers?.sync()
    saveCheckpoint(this.#folder.folder, {
      step: position.step,
      tensors,
      state: { ...position, cursor: { ...position.cursor } },
    })
    this.#savedAt = position.step
  }
}

/** Loads the newest whole checkpoint of a run into a session. */
export async function restoreCheckpoint(
  session: Session,
  path: string,
): Promise<{ step: number; skipped: readonly string[] }> {
  const { tensors, state, step, skipped } = loadCheckpoint(path)
  await session.restore(tensors, session.paths, path)
  session.position = state as unknown as Position
  return { step, skipped }
}

/** Run folders for tests of what reads them, made by the writers that training uses. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { JsonObject } from '../files/json.ts'
import { openEvents, type RunEvent } from '../train/files/events.ts'
import { openLayers } from '../train/files/layers.ts'
import { createRun, type RunState } from '../train/files/run-folder.ts'
import { openScalars } from '../train/files/scalars.ts'

/** A folder of the test file's own, removed at its end. */
export function testFolder(): string {
  const root = mkdtempSync(join(tmpdir(), 'residua-runs-'))
  afterAll(() => rmSync(root, { recursive: true }))
  return root
}

export interface FakeRun {
  readonly config?: JsonObject
  readonly versions?: Readonly<Record<string, string>>
  /** Losses of steps 1, 2, ... */
  readonly losses?: readonly number[]
  readonly events?: readonly RunEvent[]
  /** rms and gradientNorm of the stream by probed step and depth. */
  readonly probes?: readonly { readonly step: number; readonly values: readonly (readonly [number, number])[] }[]
  /** Undefined: the run is going on. */
  readonly summary?: Readonly<Record<string, unknown>>
  readonly state?: RunState
}

export const wiring = (norm: string): JsonObject => ({
  ...{ skip: 'identity', norm: { name: norm, epsilon: 1e-5 }, placement: 'pre' },
  branchScale: { exponent: 0.5 },
})

/** The configuration of an mlp. */
export const config = (more: JsonObject = {}): JsonObject => ({
  model: { name: 'mlp', options: { depth: 2, wiring: wiring('layer') } },
  metrics: { right: 'accuracy' },
  loss: 'crossEntropy',
  optimizer: { name: 'adamW', learningRate: 'constant(0.01)' },
  train: 'spiral[0.75]',
  seed: 0,
  steps: 3,
  ...more,
})

/** Writes a run into a folder. */
export function writeRun(folder: string, run: FakeRun = {}): string {
  const { losses = [1.5, 1, 0.5], events = [], probes = [], versions = { residua: '0.1.0' }, summary } = run
  const opened = createRun(folder, {
    config: run.config ?? config(),
    run: { id: 'run', seed: 0, versions },
    now: () => new Date(0),
  })
  const scalars = openScalars(folder, ['loss', 'right', 'learningRate'])
  losses.forEach((loss, i) => scalars.write(i + 1, 0.1 * (i + 1), [loss, 0.5, 0.01]))
  scalars.close()
  const log = openEvents(folder)
  events.forEach((event) => log.write(event))
  log.close()
  if (probes.length > 0) {
    const sites = ['input', ...probes[0]!.values.slice(1).map((_, i) => `blocks.${i}.stream`)]
    const layers = openLayers(folder, { sites, stats: ['rms', 'gradientNorm'], every: 1 })
    for (const { step, values } of probes) layers.write(step, values.flat())
    layers.close()
  }
  if (summary !== undefined) {
    opened.writeSummary(summary)
    opened.setState(run.state ?? 'done')
  }
  opened.close()
  return folder
}

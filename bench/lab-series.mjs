// 100,000 recorded steps of 200 series, through the recorder of runs, and read back.
import { rmSync, statSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readProfiles } from '../dist/lab/index.js'
import { layerSeries, readLayers } from '../dist/train/files/layers.js'
import { runPaths } from '../dist/train/files/paths.js'
import { readScalars } from '../dist/train/files/scalars.js'
import { Recorder } from '../dist/train/record.js'
import { start } from '../dist/train/session.js'
import { bareStep } from './lab-overhead.mjs'
import { median, timed } from './statistics.mjs'

const [steps, depth] = [100_000, 99]
const [barShare, barMs] = [0.01, 1000]
/** Two statistics of each: 200 series. */
const sites = ['input', ...Array.from({ length: depth }, (_, i) => `blocks.${i}.stream`)]

/** Milliseconds of CPU per step to record; every step is probed, which is ten times the usual. @param {string} run */
async function record(run) {
  const session = /** @type {import('../dist/train/session.js').Session} */ (
    /** @type {unknown} */ ({
      recipe: { optimizer: {}, metrics: { accuracy: null } },
      seed: 1,
      position: start,
      paths: [],
      engine: { read: () => Promise.resolve({}) },
    })
  )
  const recorder = await Recorder.open(session, { run, probeEvery: 1 }, {}, {})
  const event = (/** @type {number} */ step) => ({
    ...{ type: /** @type {const} */ ('step'), step, steps, epoch: 0, examples: 64, stepMs: 1 },
    ...{ loss: 2 + Math.sin(step), metrics: { accuracy: 0.5 + step / 1e6 }, learningRate: 1e-3 },
    probes: Object.fromEntries(sites.map((site, i) => [site, { rms: 1 + i / step, gradientNorm: 1 / (i + step) }])),
  })
  let ms = 0
  for (let first = 1; first <= steps; first += 1000) {
    const events = Array.from({ length: 1000 }, (_, i) => event(first + i))
    ms += timed(() => events.forEach((one) => recorder.see(one))).cpu
  }
  await recorder.close('done', 0, () => Promise.resolve())
  return ms / steps
}

/** @param {string[]} names @param {{ repetitions: number, threads: number }} options */
export async function series(names, { repetitions, threads }) {
  const folder = await mkdtemp(join(tmpdir(), 'residua-lab-'))
  const writes = []
  const reads = []
  for (let i = 0; i < repetitions; i++) {
    const run = join(folder, String(i))
    writes.push(await record(run))
    const scalars = timed(() => readScalars(run))
    const layers = timed(() => {
      const read = readLayers(run)
      for (const site of read.sites) for (const stat of read.stats) layerSeries(read, site, stat)
    })
    const profiles = timed(() => void readProfiles(run))
    reads.push({ scalars: scalars.cpu, layers: layers.cpu, both: scalars.cpu + layers.cpu, profiles: profiles.cpu })
  }
  const { layerFrames, scalars } = runPaths(join(folder, '0'))
  const size = [layerFrames, scalars].map((path) => `${(statSync(path).size / 2 ** 20).toFixed(0)} MiB`)
  rmSync(folder, { recursive: true })
  const written = median(writes)
  console.log(
    `\n${steps} steps x ${2 * sites.length} series; layers.f32 ${size[0]}, scalars.jsonl ${size[1]}; ${repetitions} times`,
  )
  let holds = true
  for (const name of names) {
    const { title, cpu, wall } = await bareStep(name, threads)
    const share = written / cpu
    console.log(
      `  written in ${(1000 * written).toFixed(1)} us of CPU per step: ${(100 * share).toFixed(2)}% of ${cpu.toFixed(2)} ms, ` +
        `which each thread works in a bare step (wall ${wall.toFixed(2)} ms) of the ${title}`,
    )
    holds &&= share < barShare
  }
  const figure = (/** @type {keyof (typeof reads)[number]} */ part) => median(reads.map((figures) => figures[part]))
  const [both, rows, frames, profiles] = [figure('both'), figure('scalars'), figure('layers'), figure('profiles')]
  console.log(
    `  read in ${both.toFixed(0)} ms of CPU: scalars ${rows.toFixed(0)}, every series of every layer ${frames.toFixed(0)}; ` +
      `as depth profiles, an array per step: ${profiles.toFixed(0)}`,
  )
  holds &&= both < barMs && profiles < barMs
  console.log(`  ${holds ? 'holds' : 'MISSED'}: writing under ${100 * barShare}% of a step, reading under ${barMs} ms`)
  return holds
}

/**
 * `layers.f32`: statistics per layer over the run, as frames of little-endian float32: the step, then one value per
 * site x stat, the stats of one site side by side, NaN where a site has no such stat. `layers.json` names them:
 * `{ sites, stats, every }`.
 */
import { existsSync } from 'node:fs'
import { array, int, strictObject, string } from 'zod'
import { DataError, OptionError } from '../../errors.ts'
import { cutFile, openAppender, readLog } from './append.ts'
import { writeAtomic } from '../../files/atomic.ts'
import { readText } from '../../files/disk.ts'
import { checkJson, exactJson, jsonHash, parseJson } from '../../files/json.ts'
import { runPaths } from './paths.ts'

export interface LayerLayout {
  readonly sites: readonly string[]
  readonly stats: readonly string[]
  /** Steps from one frame to the next. */
  readonly every: number
}

export interface LayerFrames extends LayerLayout {
  readonly steps: readonly number[]
  /** `[steps, 1 + sites * stats]`, row-major, as the file holds them. */
  readonly frames: Float32Array
}

export interface LayerSeries extends LayerLayout {
  readonly steps: readonly number[]
  /** `[sites, stats, steps]`, row-major: every statistic of every site over the run. */
  readonly values: Float32Array
}

export interface LayerWriter {
  /**
   * Appends the frame of one step, values `[sites, stats]`, undefined where a site has no such statistic. Throws
   * OptionError for another count or a step over 2^24.
   */
  write(step: number, values: ArrayLike<number | undefined>): void
  sync(): void
  close(): void
}

const layoutSchema = strictObject({ sites: array(string()), stats: array(string()), every: int().positive() })

/** float32 holds every integer up to here. */
const maxStep = 2 ** 24

const frameWidth = ({ sites, stats }: LayerLayout): number => 1 + sites.length * stats.length

function readLayout(folder: string): LayerLayout | undefined {
  const { layerSites: path } = runPaths(folder)
  return existsSync(path) ? checkJson(parseJson(readText(path), path), layoutSchema, path) : undefined
}

/** The frames of a run so far, none where it records none; an incomplete last frame is left out. Throws DataError. */
export function readFrames(folder: string): LayerFrames {
  const path = runPaths(folder).layerFrames
  const layout = readLayout(folder)
  const bytes = readLog(path)
  if (!layout && bytes.length > 0) {
    throw new DataError(`${path}: expected layers.json beside it, which is missing. Restore it, or remove this file`)
  }
  if (!layout) return { sites: [], stats: [], every: 1, steps: [], frames: new Float32Array(0) }
  const width = frameWidth(layout)
  const frames = new Float32Array(bytes.buffer, bytes.byteOffset, width * Math.floor(bytes.length / (4 * width)))
  const steps: number[] = []
  let last = 0
  for (let start = 0; start < frames.length; start += width) {
    const step = frames[start]!
    if (!Number.isInteger(step) || step < last || step > maxStep) {
      throw new DataError(`${path}: frame ${steps.length}: expected a step not before the last one, got ${step}`)
    }
    steps.push(step)
    last = step
  }
  return { ...layout, steps, frames }
}

/** Where a statistic of a site stands in a frame; -1 where it is not recorded. */
export function columnOf({ sites, stats }: LayerLayout, site: string, stat: string): number {
  const [row, column] = [sites.indexOf(site), stats.indexOf(stat)]
  return row < 0 || column < 0 ? -1 : 1 + row * stats.length + column
}

/** Frames, so many at a time that they stay in the processor's cache. */
const block = 64

/** The same by series. Throws DataError as `readFrames` does. */
export function readLayers(folder: string): LayerSeries {
  const { frames, ...layers } = readFrames(folder)
  const [count, width] = [layers.steps.length, frameWidth(layers)]
  const values = new Float32Array(count * (width - 1))
  for (let first = 0; first < count; first += block) {
    const end = Math.min(count, first + block) * width
    for (let column = 1; column < width; column++) {
      let to = (column - 1) * count + first
      for (let from = first * width + column; from < end; from += width) values[to++] = frames[from]!
    }
  }
  return { ...layers, values }
}

/** A statistic of a site over the frames of a run, not copied; NaN where it was not recorded. */
export function layerSeries(layers: LayerSeries, site: string, stat: string): Float32Array {
  const { steps, values } = layers
  const start = (columnOf(layers, site, stat) - 1) * steps.length
  return start < 0 ? new Float32Array(steps.length).fill(NaN) : values.subarray(start, start + steps.length)
}

/** Removes the frames after `step`, and a torn last frame. Throws DataError for a damaged file. */
export function cutLayers(folder: string, step: number): void {
  const { steps, ...layout } = readFrames(folder)
  const kept = steps.filter((other) => other <= step).length
  cutFile(runPaths(folder).layerFrames, kept * 4 * frameWidth(layout))
}

/**
 * Opens the layer statistics of a run for appending; `layers.json` is written when missing.
 *
 * Throws OptionError when `layout` differs from the one the file has, DataError for a damaged file.
 */
export function openLayers(folder: string, layout: LayerLayout): LayerWriter {
  const paths = runPaths(folder)
  const stored = readLayout(folder)
  if (stored === undefined) {
    checkJson(layout, layoutSchema, 'openLayers')
    writeAtomic(paths.layerSites, exactJson(layout, 'openLayers'))
  } else if (jsonHash(stored, 'layers') !== jsonHash(layout, 'openLayers')) {
    throw new OptionError(
      `${paths.layerSites}: expected the sites, stats and interval it has, got others. Use a new run`,
    )
  }
  cutLayers(folder, Infinity)
  const file = openAppender(paths.layerFrames)
  const frame = new Float32Array(frameWidth(layout))
  return {
    write(step, values) {
      if (values.length !== frame.length - 1 || !Number.isInteger(step) || step < 0 || step > maxStep) {
        const got = `step ${step}, ${values.length} values`
        throw new OptionError(`layers: expected a step of 0 to 2^24 and ${frame.length - 1} values, got ${got}`)
      }
      frame[0] = step
      for (let i = 0; i < values.length; i++) frame[i + 1] = values[i] ?? NaN
      file.append(new Uint8Array(frame.buffer))
    },
    sync: () => file.sync(),
    close: () => file.close(),
  }
}

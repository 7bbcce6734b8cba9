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

/** Frames, so many at a time that they stay in the processor's cache. */
const block = 32

/** `[steps, width]` to `[width - 1, steps]`, the first column left out. */
function bySeries(frames: Float32Array, width: number): Float32Array {
  const count = frames.length / width
  const series = new Float32Array(count * (width - 1))
  for (let from = 0; from < count; from += block) {
    const to = Math.min(count, from + block)
    for (let column = 1; column < width; column++)
      for (let i = from; i < to; i++) series[(column - 1) * count + i] = frames[i * width + column]!
  }
  return series
}

/** The frames of a run so far, none where it records none; an incomplete last frame is left out. Throws DataError. */
export function readLayers(folder: string): LayerFrames {
  const path = runPaths(folder).layerFrames
  const layout = readLayout(folder)
  const bytes = readLog(path)
  if (!layout && bytes.length > 0) {
    throw new DataError(`${path}: expected layers.json beside it, which is missing. Restore it, or remove this file`)
  }
  if (!layout) return { sites: [], stats: [], every: 1, steps: [], values: new Float32Array(0) }
  const width = frameWidth(layout)
  const frames = new Float32Array(bytes.buffer, bytes.byteOffset, width * Math.floor(bytes.length / (4 * width)))
  const steps: number[] = []
  for (let start = 0; start < frames.length; start += width) {
    const step = frames[start]!
    if (!Number.isInteger(step) || step < 0 || step > maxStep || step < (steps.at(-1) ?? 0)) {
      throw new DataError(`${path}: frame ${steps.length}: expected a step not before the last one, got ${step}`)
    }
    steps.push(step)
  }
  return { ...layout, steps, values: bySeries(frames, width) }
}

/** A statistic of a site over the frames of a run, not copied; undefined where it was not recorded. */
export function recordedSeries(layers: LayerFrames, site: string, stat: string): Float32Array | undefined {
  const { sites, stats, steps, values } = layers
  const [row, column] = [sites.indexOf(site), stats.indexOf(stat)]
  const start = (row * stats.length + column) * steps.length
  return row < 0 || column < 0 ? undefined : values.subarray(start, start + steps.length)
}

/** A statistic of a site over the frames of a run; NaN where it was not recorded. */
export function layerSeries(layers: LayerFrames, site: string, stat: string): number[] {
  const recorded = recordedSeries(layers, site, stat)
  const series = Array<number>(layers.steps.length).fill(NaN)
  for (let i = 0; recorded && i < recorded.length; i++) series[i] = recorded[i]!
  return series
}

/** Removes the frames after `step`, and a torn last frame. Throws DataError for a damaged file. */
export function cutLayers(folder: string, step: number): void {
  const { steps, ...layout } = readLayers(folder)
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

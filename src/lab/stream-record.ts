import { DataError } from '../errors.ts'
import { layerSeries, readLayers } from '../train/files/layers.ts'
import { depthsOf } from './probes/stack-taps.ts'

/** What a run recorded of its residual stream. */
export interface StreamRecord {
  /** The taps of the stream by depth: what enters the stack, then what leaves each seat. */
  readonly paths: readonly string[]
  /** The probed steps, ascending. */
  readonly steps: readonly number[]
  /** What was recorded at them, of the stream or of other sites. */
  readonly stats: readonly string[]
  /** A statistic of the stream, or of what the branches give, by depth and probed step; NaN where it was not recorded. */
  readonly values: (stat: string, of?: 'stream' | 'branch') => readonly (readonly number[])[]
}

/** The taps of the stream by depth among the sites of a run, of two stacks of the last; none where it recorded no stream. */
export const streamPaths = (sites: readonly string[]): string[] =>
  sites.some((site) => site.endsWith('.stream'))
    ? depthsOf(new Map(sites.map((site) => [site, site]))).map(([path]) => path)
    : []

/** The stream that a run recorded; null where nothing was probed. As `readStream` else. */
export function streamIn(folder: string): StreamRecord | null {
  const layers = readLayers(folder)
  const { sites, steps, stats } = layers
  const paths = streamPaths(sites)
  if (steps.length === 0 || paths.length === 0) return null
  return {
    paths,
    steps,
    stats,
    values: (stat, of = 'stream') =>
      paths.map((path) =>
        Array.from(layerSeries(layers, of === 'stream' ? path : path.replace(/(input|stream)$/, 'branch'), stat)),
      ),
  }
}

/**
 * Reads the stream of a run out of its `layers.f32`; of two stacks that of the last. What enters the stack has no branch,
 * and its row is NaN. Throws DataError for damaged files and for a run that recorded no stream.
 */
export function readStream(folder: string): StreamRecord {
  const stream = streamIn(folder)
  if (stream !== null) return stream
  throw new DataError(`${folder}: expected a recorded stream, got none. Train a wired net with probes, every few steps`)
}

import { DataError } from '../errors.ts'
import { layerSeries, readLayers } from '../train/files/layers.ts'
import { depthsOf } from './probes/stack-taps.ts'

/** What a run recorded of its residual stream. */
export interface StreamRecord {
  /** The taps of the stream by depth: what enters the stack, then what leaves each seat. */
  readonly paths: readonly string[]
  /** The probed steps, ascending. */
  readonly steps: readonly number[]
  /** A statistic of the stream, or of what the branches give, by depth and probed step; NaN where it was not recorded. */
  readonly values: (stat: string, of?: 'stream' | 'branch') => readonly (readonly number[])[]
}

/**
 * Reads the stream of a run out of its `layers.f32`; of two stacks that of the last. What enters the stack has no branch,
 * and its row is NaN. Throws DataError for damaged files and for a run that recorded no stream.
 */
export function readStream(folder: string): StreamRecord {
  const layers = readLayers(folder)
  const { sites, steps } = layers
  if (steps.length === 0 || !sites.some((site) => site.endsWith('.stream')))
    throw new DataError(
      `${folder}: expected a recorded stream, got none. Train a wired net with probes, every few steps`,
    )
  const paths = depthsOf(new Map(sites.map((site) => [site, site]))).map(([path]) => path)
  return {
    paths,
    steps,
    values: (stat, of = 'stream') =>
      paths.map((path) =>
        layerSeries(layers, of === 'stream' ? path : path.replace(/(input|stream)$/, 'branch'), stat),
      ),
  }
}

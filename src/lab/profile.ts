import { columnOf, readFrames } from '../train/files/layers.ts'
import { streamPaths } from './stream-record.ts'

/**
 * Statistics over depth at one step: index 0 is the value that enters the stack, index i what leaves sublayer i - 1; NaN: not
 * recorded.
 */
export interface DepthProfile {
  readonly step: number
  /** Root mean square of the stream. */
  readonly rms: readonly number[]
  /** Euclidean norm of the loss's gradient with respect to the stream. */
  readonly gradientNorm: readonly number[]
}

/** The depth profiles that a run recorded, one per probed step. Throws DataError for damaged files. */
export function readProfiles(folder: string): DepthProfile[] {
  const { steps, frames, ...layout } = readFrames(folder)
  const paths = streamPaths(layout.sites)
  if (paths.length === 0) return []
  const width = frames.length / steps.length
  const unrecorded = paths.map(() => NaN)
  const reader = (stat: string): ((frame: number) => number[]) => {
    const columns = paths.map((path) => columnOf(layout, path, stat))
    return (frame) => {
      const values = unrecorded.slice()
      for (let i = 0; i < values.length; i++) if (columns[i]! >= 0) values[i] = frames[frame * width + columns[i]!]!
      return values
    }
  }
  const [rms, gradientNorm] = [reader('rms'), reader('gradientNorm')]
  return steps.map((step, frame) => ({ step, rms: rms(frame), gradientNorm: gradientNorm(frame) }))
}

/** `|dLoss/dx_0| / |dLoss/dx_last|`: above 1 gradients grow on their way down, far below 1 they vanish. */
export const gradientRatio = ({ gradientNorm }: DepthProfile): number =>
  (gradientNorm[0] ?? NaN) / (gradientNorm.at(-1) ?? NaN)

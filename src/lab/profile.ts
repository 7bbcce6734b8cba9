import { readLayers, recordedSeries } from '../train/files/layers.ts'

/** Statistics over depth at one step: index 0 is the value that enters the stack, index i what leaves block i - 1. */
export interface DepthProfile {
  readonly step: number
  /** Root mean square of the stream. */
  readonly rms: readonly number[]
  /** Euclidean norm of the loss's gradient with respect to the stream. */
  readonly gradientNorm: readonly number[]
}

/** The depth profiles that a run of an mlp recorded, one per probed step. Throws DataError for damaged files. */
export function readProfiles(folder: string, depth: number): DepthProfile[] {
  const layers = readLayers(folder)
  const path = ['input', ...Array.from({ length: depth }, (_, i) => `blocks.${i}.stream`)]
  const perStep = (stat: string): number[][] => {
    const series = path.map((site) => recordedSeries(layers, site, stat))
    return layers.steps.map((_, frame) => {
      const values = Array<number>(series.length).fill(NaN)
      for (let i = 0; i < values.length; i++) values[i] = series[i]?.[frame] ?? NaN
      return values
    })
  }
  const [rms, gradientNorm] = [perStep('rms'), perStep('gradientNorm')]
  return layers.steps.map((step, frame) => ({ step, rms: rms[frame]!, gradientNorm: gradientNorm[frame]! }))
}

/** `|dLoss/dx_0| / |dLoss/dx_last|`: above 1 gradients grow on their way down, far below 1 they vanish. */
export const gradientRatio = ({ gradientNorm }: DepthProfile): number =>
  (gradientNorm[0] ?? NaN) / (gradientNorm.at(-1) ?? NaN)

import { grad } from '../../autodiff/grad.ts'
import type { Dataset } from '../../data/dataset.ts'
import { OptionError } from '../../errors.ts'
import { dot, plus } from '../linear-algebra.ts'
import { snapshotOf, type Subject, traceInside } from './inside.ts'
import { type PassOptions, withPasses } from './passes.ts'
import { WeightSpace } from './weight-space.ts'

export interface NoiseScale {
  /** `tr(S) / |G|^2`, in examples: batches far smaller are mostly noise, far larger ones mostly waste; may be negative. */
  readonly noiseScale: number
  /** Estimate of `|G|^2`, G the gradient of the true loss. Not biased, so it may be negative where noise prevails. */
  readonly squaredGradient: number
  /** Estimate of `tr(S)`, S the covariance of one example's gradient. */
  readonly variance: number
}

/**
 * The simple noise scale of the gradient, from the gradients g_i of micro-batches of b examples and their mean over all B:
 * `|G|^2 = (B |mean|^2 - b <|g_i|^2>) / (B - b)`, `tr(S) = (<|g_i|^2> - |mean|^2) / (1/b - 1/B)`.
 *
 * `batchSize` is b, by default 32; the rest of the data is left out. Mode 'train' by default. Throws OptionError for fewer
 * than two micro-batches.
 *
 * Source: McCandlish, Kaplan, Amodei et al. 2018, arXiv:1812.06162, appendix A.1.
 */
export async function noiseScale(subject: Subject, data: Dataset, options: PassOptions = {}): Promise<NoiseScale> {
  const { batchSize: b = 32, mode = 'train' } = options
  const count = Math.floor(data.size / b)
  if (count < 2) {
    throw new OptionError(`noiseScale: expected two batches of ${b} or more, ${data.name} has ${data.size} examples`)
  }
  const snapshot = await snapshotOf(subject)
  const measure = (size: number) => {
    const traced = traceInside(snapshot, size, mode)
    const space = new WeightSpace(traced)
    return { traced, outputs: space.named('g', grad(traced.loss, space.leaves)) }
  }
  const space = new WeightSpace(traceInside(snapshot, b, mode))
  return withPasses(snapshot, data, { ...options, batchSize: b }, measure, async (passes) => {
    let mean: Float64Array = new Float64Array(space.size)
    let squares = 0
    for await (const { size, results } of passes.each()) {
      if (size < b) break
      const tensors = Object.entries(results).map(([name, { data: values }]) => [name, values as Float32Array] as const)
      const g = space.join(Object.fromEntries(tensors), 'g')
      mean = plus(mean, g, 1 / count)
      squares += dot(g, g) / count
    }
    const whole = b * count
    const square = dot(mean, mean)
    const squaredGradient = (whole * square - b * squares) / (whole - b)
    const variance = (squares - square) / (1 / b - 1 / whole)
    return { noiseScale: variance / squaredGradient, squaredGradient, variance }
  })
}

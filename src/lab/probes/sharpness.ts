import { grad, vjp } from '../../autodiff/grad.ts'
import type { Dataset } from '../../data/dataset.ts'
import { OptionError } from '../../errors.ts'
import { choose, needPositive } from '../../nn/options.ts'
import { largestEigenvalue, norm, plus } from '../linear-algebra.ts'
import { normals } from '../normals.ts'
import { recomputes, snapshotOf, type Subject, traceInside } from './inside.ts'
import { type PassOptions, withPasses } from './passes.ts'
import { WeightSpace } from './weight-space.ts'

export interface SharpnessOptions extends PassOptions {
  /**
   * How `H v` is found: 'exact', the gradient of `<gradient, v>`, or 'difference',
   * `(g(w + e v) - g(w - e v)) / 2e` with `e = max(1, |w|) / 10000`. Default 'exact'.
   */
  readonly product?: 'exact' | 'difference'
  /** Most products; as many vectors of all weights are kept. Default 30. */
  readonly iterations?: number
  /** It ends where `|H v - s v| <= tolerance |s|`. Default 0.001. */
  readonly tolerance?: number
}

export interface Sharpness {
  /** The largest eigenvalue of the Hessian of the loss in all trained tensors. */
  readonly eigenvalue: number
  /** `|H v - s v| / |s|` where the iteration ended. */
  readonly residual: number
  /** Beyond `2 / learning rate` of the next step, plain gradient descent is unstable; infinite where the rate is 0. */
  readonly threshold: number
}

const kinds = { exact: true, difference: true }

/**
 * Sharpness of the loss over the data, as training sees it (mode 'train', fixed masks): the largest Hessian eigenvalue, by
 * Lanczos.
 *
 * Throws OptionError for exact products through a reversible stack, whose gradients cannot be differentiated.
 *
 * Source: Cohen et al. 2021, arXiv:2103.00065; Gilmer et al. 2021, arXiv:2110.04369; exact products: Pearlmutter 1994.
 */
export async function sharpness(subject: Subject, data: Dataset, options: SharpnessOptions = {}): Promise<Sharpness> {
  const { product = 'exact', iterations = 30, tolerance = 0.001, seed = 0, mode = 'train' } = options
  choose('sharpness.product', kinds, product)
  needPositive('sharpness', 'iterations', iterations)
  const snapshot = await snapshotOf(subject)
  if (product === 'exact' && recomputes(snapshot, mode)) {
    throw new OptionError(
      "sharpness: gradients of a reversible stack cannot be differentiated; use product 'difference'",
    )
  }
  const space = new WeightSpace(traceInside(snapshot, 2, mode))
  const measure = (size: number) => {
    const traced = traceInside(snapshot, size, mode)
    const leaves = new WeightSpace(traced).leaves
    const gradient = grad(traced.loss, leaves)
    const outputs = product === 'exact' ? vjp(gradient, space.inputs('v'), leaves) : gradient
    return { traced, outputs: space.named('out', outputs) }
  }
  return withPasses(snapshot, data, { seed, ...options }, measure, async (passes) => {
    const w = space.of(snapshot.weights)
    const e = Math.max(1, norm(w)) / 10_000
    const gradientAt = async (at: Float64Array): Promise<Float64Array> =>
      space.join(await passes.mean(space.split(at)), 'out')
    const hessian = async (v: Float64Array): Promise<Float64Array> => {
      if (product === 'exact') return space.join(await passes.mean(space.split(v, 'v')), 'out')
      const difference = plus(await gradientAt(plus(w, v, e)), await gradientAt(plus(w, v, -e)), -1)
      return difference.map((x) => x / (2 * e))
    }
    const start = normals([space.size], seed, 'sharpness').data as Float32Array
    const { value, residual } = await largestEigenvalue(hessian, start, { iterations, tolerance })
    const threshold = 2 / snapshot.optimizer.learningRate.at(snapshot.step + 1)
    return { eigenvalue: value, residual, threshold }
  })
}

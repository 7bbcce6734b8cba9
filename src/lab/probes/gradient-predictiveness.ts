import { grad } from '../../autodiff/grad.ts'
import type { Dataset } from '../../data/dataset.ts'
import { OptionError } from '../../errors.ts'
import { norm, plus } from '../linear-algebra.ts'
import { snapshotOf, type Subject, traceInside } from './inside.ts'
import { type PassOptions, withPasses } from './passes.ts'
import { WeightSpace } from './weight-space.ts'

export interface PredictivenessOptions extends PassOptions {
  /** Default: the optimizer's, of the next step. */
  readonly learningRate?: number
  /** Lengths of the step along the gradient, in learning rates. Default [0.5, 1, 2, 4]. */
  readonly steps?: readonly number[]
}

/** What the gradient says of the loss further along: one entry per length of the step. */
export interface GradientPredictiveness {
  /** Before the step. */
  readonly loss: number
  /** `|g|` before the step. */
  readonly gradientNorm: number
  /** Loss at `w - s g`. */
  readonly losses: readonly number[]
  /** `|g(w - s g) - g(w)|`. */
  readonly gradientChange: readonly number[]
  /** The largest `|g(w - s g) - g(w)| / |s g|`: effective smoothness; 0 where the gradient is 0. */
  readonly smoothness: number
}

/**
 * How loss and gradient change along the gradient: the smaller their range, the further a step may be trusted.
 *
 * Over the data, in mode 'train' by default. Throws OptionError where the learning rate is 0 and none is given.
 *
 * Source: Santurkar, Tsipras, Ilyas & Madry 2018, How does batch normalization help optimization?, arXiv:1805.11604.
 */
export async function gradientPredictiveness(
  subject: Subject,
  data: Dataset,
  options: PredictivenessOptions = {},
): Promise<GradientPredictiveness> {
  const snapshot = await snapshotOf(subject)
  const { steps = [0.5, 1, 2, 4], mode = 'train' } = options
  const rate = options.learningRate ?? snapshot.optimizer.learningRate.at(snapshot.step + 1)
  const lengths = steps.map((step) => step * rate)
  if (lengths.length === 0 || !lengths.every((length) => length > 0 && length < Infinity)) {
    throw new OptionError(
      `gradientPredictiveness: steps [${steps.join(', ')}] of rate ${rate} must be > 0; give learningRate`,
    )
  }
  const measure = (size: number) => {
    const traced = traceInside(snapshot, size, mode)
    const space = new WeightSpace(traced)
    return { traced, outputs: { loss: traced.loss, ...space.named('g', grad(traced.loss, space.leaves)) } }
  }
  const space = new WeightSpace(traceInside(snapshot, 2, mode))
  return withPasses(snapshot, data, options, measure, async (passes) => {
    const at = async (w: Float64Array) => {
      const means = await passes.mean(space.split(w))
      return { loss: means.loss![0]!, gradient: space.join(means, 'g') }
    }
    const w = space.of(snapshot.weights)
    const { loss, gradient } = await at(w)
    const size = norm(gradient)
    const losses: number[] = []
    const gradientChange: number[] = []
    for (const length of lengths) {
      const there = await at(plus(w, gradient, -length))
      losses.push(there.loss)
      gradientChange.push(norm(plus(there.gradient, gradient, -1)))
    }
    const smoothness = size === 0 ? 0 : Math.max(...gradientChange.map((change, i) => change / (lengths[i]! * size)))
    return { loss, gradientNorm: size, losses, gradientChange, smoothness }
  })
}

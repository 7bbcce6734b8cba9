import type { Layer } from '../graph/scope.ts'
import type { Value } from '../graph/value.ts'
import { add, div, mul, sub } from '../ops/arithmetic.ts'
import { moments } from '../ops/composite.ts'
import { layerNorm as layerNormOp, rmsNorm as rmsNormOp } from '../ops/normalize.ts'
import { reshape } from '../ops/reshape.ts'
import { sqrt } from '../ops/unary.ts'
import { GraphError } from '../errors.ts'
import { ones, zeros } from './init.ts'
import { needFraction, needNonNegative } from './options.ts'
import { sizeOf } from '../tensor.ts'

export interface NormOptions {
  /** Added to the variance or mean square, same unit as x^2. Default 1e-5. */
  readonly epsilon?: number
}

/**
 * Layer normalisation: mean 0 and variance `s^2 / (s^2 + epsilon)` over the features of one example or token, then gain
 * and bias.
 *
 * Shapes: x `[..., d]` to `[..., d]`; parameters `gain` `[d]`, initially 1, and `bias` `[d]`, initially 0.
 *
 * Source: Ba, Kiros & Hinton 2016, arXiv:1607.06450.
 */
export function layerNorm({ epsilon = 1e-5 }: NormOptions = {}): Layer {
  needNonNegative('layerNorm', 'epsilon', epsilon)
  return (s, x) => {
    const width = x.shape.slice(-1)
    const gain = s.parameter('gain', width, { role: 'gain', init: ones })
    const bias = s.parameter('bias', width, { role: 'bias', init: zeros })
    return layerNormOp(x, gain, bias, epsilon)[0]
  }
}

/**
 * Root-mean-square normalisation over the last axis: `x / sqrt(mean(x^2) + epsilon) * gain`.
 *
 * Shapes: x `[..., d]` to `[..., d]`; parameter `gain` `[d]`, initially 1.
 *
 * Source: Zhang & Sennrich 2019, arXiv:1910.07467.
 */
export function rmsNorm({ epsilon = 1e-5 }: NormOptions = {}): Layer {
  needNonNegative('rmsNorm', 'epsilon', epsilon)
  return (s, x) => rmsNormOp(x, s.parameter('gain', x.shape.slice(-1), { role: 'gain', init: ones }), epsilon)[0]
}

export interface BatchNormOptions extends NormOptions {
  /** Share of the newest batch in the running statistics. Default 0.1. */
  readonly momentum?: number
}

/**
 * Batch normalisation: each feature to mean 0 and variance 1 over all other axes; in evaluation by running statistics
 * (state `mean`, `variance`; the running variance is the unbiased one).
 *
 * Shapes: x `[batch, ..., d]` to the same; parameters `gain` `[d]`, initially 1, and `bias` `[d]`, initially 0. Throws
 * GraphError in training on a single example, whose variance is 0.
 *
 * Source: Ioffe & Szegedy 2015, arXiv:1502.03167.
 */
export function batchNorm({ epsilon = 1e-5, momentum = 0.1 }: BatchNormOptions = {}): Layer {
  needNonNegative('batchNorm', 'epsilon', epsilon)
  needFraction('batchNorm', 'momentum', momentum)
  return (s, x) => {
    const width = x.shape.slice(-1)
    const gain = s.parameter('gain', width, { role: 'gain', init: ones })
    const bias = s.parameter('bias', width, { role: 'bias', init: zeros })
    const mean = s.state('mean', width, zeros)
    const variance = s.state('variance', width, ones)
    const normalize = (by: Value, spread: Value): Value =>
      add(mul(div(sub(x, by), sqrt(add(spread, epsilon))), gain), bias)
    if (s.mode !== 'train') return normalize(mean, variance)

    const count = sizeOf(x.shape) / sizeOf(width)
    if (count < 2)
      throw new GraphError(`batchNorm '${s.path}': training needs at least two examples, got [${x.shape.join(', ')}]`)
    const axes = x.shape.slice(0, -1).map((_, axis) => axis)
    const [batchMean, batchVariance] = moments(x, axes)
    const unbiased = mul(batchVariance, count / (count - 1))
    s.update('mean', add(mul(mean, 1 - momentum), mul(reshape(batchMean, width), momentum)))
    s.update('variance', add(mul(variance, 1 - momentum), mul(reshape(unbiased, width), momentum)))
    return normalize(batchMean, batchVariance)
  }
}

import { GraphError } from '../../errors.ts'
import type { Layer } from '../../graph/scope.ts'
import { mul, sub } from '../../ops/arithmetic.ts'
import { moments } from '../../ops/composite.ts'
import { reshape } from '../../ops/reshape.ts'
import { sizeOf } from '../../tensor.ts'
import { refuseDecoding } from '../decoding.ts'
import { needNonNegative } from '../options.ts'
import { featuresOf, inverseRoot, withGainAndBias } from './features.ts'
import { type NormOptions, standardScore } from './layer.ts'

/**
 * Instance normalisation: each feature of each example to mean 0 and variance 1 over space (or time), then gain and bias;
 * removes contrast.
 *
 * Shapes: x `[batch, d, ...space]` channels first, or `[batch, ...space, d]`, to the same; parameters `gain` `[d]`,
 * initially 1, and `bias` `[d]`, initially 0. Throws GraphError where space holds fewer than two places.
 *
 * Source: Ulyanov, Vedaldi & Lempitsky 2016, arXiv:1607.08022.
 */
export function instanceNorm({ epsilon = 1e-5 }: NormOptions = {}): Layer {
  needNonNegative('instanceNorm', 'epsilon', epsilon)
  return (s, x) => {
    refuseDecoding('instanceNorm', s, 'its statistics are of all tokens; use layerNorm or rmsNorm')
    const features = featuresOf('instanceNorm', s, x)
    const { axis, last } = features
    const space = [...x.shape.keys()].filter((other) => other > 0 && other !== axis)
    const places = sizeOf(space.map((other) => x.shape[other]!))
    if (places < 2) {
      const got = `[${x.shape.join(', ')}]`
      throw new GraphError(
        `instanceNorm '${s.path}': expected space of two places or more beside batch and features, got ${got}. Use layerNorm or groupNorm`,
      )
    }
    if (!last) {
      const rows = reshape(x, [...x.shape.slice(0, axis + 1), places])
      return withGainAndBias(s, features, reshape(standardScore(rows, epsilon), x.shape))
    }
    const [mean, variance] = moments(x, space)
    return withGainAndBias(s, features, mul(sub(x, mean), inverseRoot(variance, epsilon)))
  }
}

import type { Layer } from '../graph/scope.ts'
import { mul } from '../ops/arithmetic.ts'
import { needFraction } from './options.ts'

/**
 * Sets each element to 0 with probability `rate` in training and divides the others by `1 - rate`; the identity in
 * evaluation. The mask is a graph input that the host draws, so that a resumed run sees the same one.
 *
 * Source: Srivastava et al. 2014.
 */
export function dropout(rate: number): Layer {
  needFraction('dropout', 'rate', rate)
  return (s, x) => {
    if (s.mode !== 'train' || rate === 0) return x
    return mul(x, mul(s.noise('mask', x.shape, 'keep', 1 - rate), 1 / (1 - rate)))
  }
}

import type { Value } from '../graph/value.ts'
import { add, div } from '../ops/arithmetic.ts'
import { sum } from '../ops/broadcast.ts'
import { less, where } from '../ops/compare.ts'
import { square } from '../ops/composite.ts'
import { sqrt } from '../ops/unary.ts'

/**
 * The factor that keeps the global norm of gradients at most `limit`: `min(1, limit / (norm + 1e-6))`, `norm` the root of
 * the sum of all squares.
 *
 * Source: Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063; the 1e-6 is that of torch.nn.utils.clip_grad_norm_.
 */
export function clipFactor(gradients: readonly Value[], limit: number): { factor: Value; norm: Value } {
  const norm = sqrt(gradients.map((g) => sum(square(g))).reduce((total, next) => add(total, next)))
  const ratio = div(limit, add(norm, 1e-6))
  return { factor: where(less(ratio, 1), ratio, 1), norm }
}

import { linear } from '../../linear.ts'
import type { Skip } from '../protocol.ts'
import { identity, only } from './identity.ts'

/**
 * `W x + f(x)`: a linear map goes around the branch. Parameter `weight` `[d, d]`, initial deviation 1/sqrt(d).
 *
 * Source: He, Zhang, Ren & Sun 2015, arXiv:1512.03385 (option C).
 */
export const projection: Skip = {
  ...identity,
  write: (s, stream, added, _, join) => {
    const kept = linear(added.shape.at(-1)!, { bias: false, role: 'skip' })(s, only(stream))
    return [join.norm(join.sum(kept, added))]
  },
}

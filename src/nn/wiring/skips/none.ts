import type { Skip } from '../protocol.ts'
import { identity } from './identity.ts'

/** `f(x)`: nothing goes around the branch. */
export const none: Skip = {
  ...identity,
  write: (_, __, added, ___, join) => [join.norm(added)],
}

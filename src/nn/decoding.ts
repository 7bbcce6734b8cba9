import { GraphError } from '../errors.ts'
import type { Scope } from '../graph/scope.ts'

/** Throws GraphError in mode 'decode': a layer whose result for a token depends on others, beyond what caches keep. */
export function refuseDecoding(layer: string, s: Scope, why: string): void {
  if (s.decoding === null) return
  throw new GraphError(`${layer} '${s.path}': cannot decode token by token: ${why}`)
}

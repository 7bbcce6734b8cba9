import { vjp } from '../../autodiff/grad.ts'
import { GraphError } from '../../errors.ts'
import type { Scope } from '../../graph/scope.ts'
import type { Value } from '../../graph/value.ts'
import { filled } from '../../ops/constant.ts'
import { customGradient, stopGradient } from '../../ops/gradient.ts'
import type { Join, Seat, Skip, Stream } from './protocol.ts'

/**
 * Writes to a stream that the skip can undo, with a gradient that keeps only the stream after the seat: going back, the
 * stream before it is computed anew, the branch is traced once more on it, and that trace is differentiated.
 *
 * Parameters and looked-up values of the branch become inputs of the region.
 */
export function reversibleWrite(
  scope: Scope,
  skip: Skip,
  stream: Stream,
  at: Seat,
  join: Join,
  run: (from: Scope, read: Value) => Value,
): Stream {
  const { undo } = skip
  if (undo === undefined) throw new GraphError('internal: reversibleWrite needs a skip with undo')
  const region = scope.region()
  const forward = skip.write(
    region.scope.in('skip'),
    stream,
    run(region.scope, skip.read(region.scope, stream, at)),
    at,
    join,
  )
  const needed = [...region.needed]
  return customGradient(forward, [...stream, ...needed], (gradients) => {
    const again = (read: Value): Value => run(scope.replay(), read)
    const after = forward.map(stopGradient)
    const before = undo(after, again, at, join).map(stopGradient)
    const replay = scope.replay()
    const rebuilt = skip.write(replay.in('skip'), before, run(replay, skip.read(replay, before, at)), at, join)
    const cotangents = rebuilt.map((value, i) => gradients[i] ?? filled(0, value.shape, value.dtype))
    return vjp(rebuilt, cotangents, [...before, ...needed])
  })
}

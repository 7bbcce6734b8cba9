import { graph } from '../graph/graph.ts'
import { newTrace, Scope } from '../graph/scope.ts'
import type { Value } from '../graph/value.ts'
import { initialize } from '../nn/initialize.ts'
import { evaluate } from '../runtime/reference.ts'
import type { HostTensor } from '../tensor.ts'

/**
 * What values are at the initial values of the parameters that they ask for, in float64, without an engine: of the inside
 * of a net too, by what it tapped. A parameter may as well stand for random input.
 *
 * `build` is called once and gives the values by name; `taps` holds what was tapped so far, by path. Throws EngineError
 * for values that need something else than parameters and states.
 */
export function initialOutputs(
  build: (s: Scope, taps: ReadonlyMap<string, Value>) => Readonly<Record<string, Value>>,
  seed: number,
): Record<string, HostTensor> {
  const record = newTrace('evaluate')
  const outputs = build(new Scope(record), record.taps)
  return evaluate(graph(outputs), initialize([...record.parameters.values(), ...record.states.values()], seed))
}

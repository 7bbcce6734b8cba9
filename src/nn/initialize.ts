import type { Parameter } from '../graph/scope.ts'
import { random } from '../random.ts'
import { type HostTensor, tensor } from '../tensor.ts'

/** A parameter or a state: something with a path, a leaf and an initial value. */
export type Initialized = Pick<Parameter, 'path' | 'value' | 'init'>

/** Initial values by path; each comes from its own stream (seed, path), so that adding a layer changes no other. */
export function initialize(parameters: Iterable<Initialized>, seed: number): Record<string, HostTensor> {
  return Object.fromEntries(
    Array.from(parameters, ({ path, init, value: { shape } }) => [
      path,
      tensor(init.fill(random(seed, path), shape), shape),
    ]),
  )
}

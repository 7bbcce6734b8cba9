import type { Layer } from '../graph/scope.ts'

/** Layers one after the other; their parameters live under `0`, `1`, ... */
export function sequential(...layers: readonly Layer[]): Layer {
  return (s, x, ...context) => layers.reduce((value, layer, i) => layer(s.in(i), value, ...context), x)
}

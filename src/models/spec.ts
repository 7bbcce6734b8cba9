import type { Layer } from '../graph/scope.ts'

/** How a model was made, as plain JSON: enough for a run folder to make it again. */
export interface ModelSpec {
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
}

/** A net that knows how it was made. */
export type SpecifiedNet = Layer & { readonly spec: ModelSpec }

/** Attaches a specification to a net. */
export function specified(spec: ModelSpec, net: Layer): SpecifiedNet {
  const own: Layer = (s, x, ...context) => net(s, x, ...context)
  return Object.assign(own, { spec })
}

/** The specification of a net, or null for one that the user composed. */
export const specOf = (net: Layer): ModelSpec | null => (net as Partial<SpecifiedNet>).spec ?? null

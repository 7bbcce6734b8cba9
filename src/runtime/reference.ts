import { EngineError } from '../errors.ts'
import type { Graph } from '../graph/graph.ts'
import { typesOf, type Value } from '../graph/value.ts'
import { type HostTensor, isFloat, sameShape, type TensorData, typeText } from '../tensor.ts'

/** Floats as float64, everything else as it is. */
function widen(value: HostTensor): HostTensor {
  return value.data instanceof Float32Array ? { ...value, data: Float64Array.from(value.data) } : value
}

/**
 * Runs a graph with every op's own `evaluate`, in float64: slow, obvious, the oracle of gradients and lowerings.
 *
 * Throws EngineError when a feed is missing or has another type than its leaf.
 */
export function evaluate(graph: Graph, feeds: Readonly<Record<string, HostTensor>>): Record<string, HostTensor> {
  const known = new Map<Value, HostTensor>()
  for (const [name, value] of graph.inputs) {
    const feed = feeds[name]
    if (feed === undefined) throw new EngineError(`evaluate: no value for input '${name}', ${typeText(value.type)}`)
    const fits = isFloat(value) ? isFloat(feed) : feed.dtype === value.dtype
    if (!fits || !sameShape(feed.shape, value.shape)) {
      throw new EngineError(`evaluate: input '${name}' is ${typeText(value.type)}, got ${typeText(feed)}`)
    }
    known.set(value, widen({ ...feed, dtype: value.dtype }))
  }
  const valueOf = (value: Value): HostTensor => known.get(value)!
  for (const node of graph.nodes) {
    const types = typesOf(node)
    const results: readonly TensorData[] = node.op?.evaluate(node.inputs.map(valueOf), node.attrs, types) ?? []
    node.outputs.forEach((value, i) => known.set(value, { ...value.type, data: results[i]! }))
  }
  return Object.fromEntries(Array.from(graph.outputs, ([name, value]) => [name, valueOf(value)]))
}

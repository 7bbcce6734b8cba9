import type { Graph } from '../../graph/graph.ts'
import { type Node, typesOf } from '../../graph/value.ts'
import { sizeOf } from '../../tensor.ts'

/** Floating point operations of one node; those of a view are none. */
export function flopsOf(node: Node): number {
  const { op, attrs, outputs } = node
  if (op === null || op.view) return 0
  if (op.flops) return op.flops(typesOf(node), attrs)
  return outputs.reduce((total, { shape }) => total + sizeOf(shape), 0)
}

/**
 * Floating point operations of a graph as its ops define them, a multiply-add being two: `2 m k n` of a matrix product, one
 * per element of an elementwise function, none of what only moves elements. What a lowering does beside that is not counted.
 */
export const flops = (graph: Graph): number => graph.nodes.reduce((total, node) => total + flopsOf(node), 0)

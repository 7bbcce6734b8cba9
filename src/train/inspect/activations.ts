import type { Graph } from '../../graph/graph.ts'
import { typesOf, type Value } from '../../graph/value.ts'
import { bytesOf } from '../../ops/host.ts'
import { bytesPerElement } from '../../tensor.ts'
import { type Execution, executionOrder, heldBy } from './execution-order.ts'

/** Memory for the values of a graph, planned before the first node runs. */
interface Buffer {
  readonly bytes: number
  /** The node from which on it is there, and the last one that needs it, as places in the order. */
  readonly from: number
  to: number
}

/** Place of the last reader of every value; of what nothing reads, the place where it is made. */
function lastUses(order: readonly Execution[]): Map<Value, number> {
  const last = new Map<Value, number>()
  order.forEach(({ node, reads }, place) => {
    for (const value of [...reads, ...node.outputs]) last.set(value, place)
  })
  return last
}

/** Only tensors of one shape and element size take over each other's memory; scalars never do. */
const sizeKey = ({ dtype, shape }: Value): string => `${bytesPerElement[dtype]}[${shape}]`

/** The buffers as ONNX Runtime plans them: a value takes over the one of its size that was set free last, or a new one. */
function plan(order: readonly Execution[], written: ReadonlySet<Value>): Buffer[] {
  const last = lastUses(order)
  const buffers: Buffer[] = []
  const owners = new Map<Value, Buffer>()
  const free = new Map<string, Buffer[]>()
  order.forEach(({ node, reads }, place) => {
    for (const value of node.outputs) {
      if (written.has(value)) continue
      const waiting = value.shape.length > 0 ? free.get(sizeKey(value))?.pop() : undefined
      const buffer = waiting ?? { bytes: bytesOf(value.type), from: place, to: place }
      if (waiting === undefined) buffers.push(buffer)
      owners.set(value, buffer)
    }
    for (const value of [...reads, ...node.outputs]) {
      const buffer = owners.get(value)
      if (buffer === undefined || last.get(value) !== place) continue
      buffer.to = place
      const key = sizeKey(value)
      free.set(key, [...(free.get(key) ?? []), buffer])
    }
  })
  return buffers
}

/**
 * Bytes of all tensors between a graph's inputs and outputs at the highest point of a run: what the way back waits for,
 * gradients on their way, and what lowerings hold for themselves. Inputs, outputs and constants are not among them.
 *
 * A tensor lives from the node that makes it to the last that reads it; memory that is taken over later is held in between.
 */
export function activationBytes(graph: Graph): number {
  const order = executionOrder(graph)
  const written = new Set([...graph.outputs.values()].filter((value) => heldBy(value) === value))
  const changes = new Array<number>(order.length + 1).fill(0)
  for (const { bytes, from, to } of plan(order, written)) {
    changes[from]! += bytes
    changes[to + 1]! -= bytes
  }
  let live = 0
  let peak = 0
  order.forEach(({ node }, place) => {
    live += changes[place]!
    peak = Math.max(peak, live + (node.op?.scratch?.(typesOf(node), node.attrs) ?? 0))
  })
  return peak
}

import type { Graph } from '../../graph/graph.ts'
import type { Node, Value } from '../../graph/value.ts'
import { schedule } from '../../onnx/schedule.ts'

/** One node as ONNX Runtime executes it. */
export interface Execution {
  readonly node: Node
  /** What it reads, seen through views; leaves and constants included. */
  readonly reads: readonly Value[]
}

/** The value whose memory holds `value`. */
export function heldBy(value: Value): Value {
  const { op, inputs } = value.node
  return op?.view ? heldBy(inputs[value.index]!) : value
}

const nameOf = (value: Value): string => `${value.node.id}.${value.index}`

/**
 * The nodes of a graph that do work, in the order in which ONNX Runtime executes them: from the last of the nodes that
 * none reads to the first, each after what it depends on, of which the last in the file goes first.
 */
export function executionOrder({ nodes }: Graph): readonly Execution[] {
  const working = nodes
    .filter(({ op, inputs }) => !op?.view && inputs.length > 0)
    .map((node) => ({ node, reads: [...new Set(node.inputs.map(heldBy))] }))
  const files = working.map(({ node, reads }) => ({
    name: String(node.id),
    input: reads.map(nameOf),
    output: node.outputs.map(nameOf),
  }))
  const byId = new Map(working.map((entry) => [entry.node.id, entry]))
  const file = schedule(files).map(({ name }) => byId.get(Number(name))!)
  const places = new Map(file.map(({ node }, place) => [node, place]))
  const read = new Set(file.flatMap(({ reads }) => reads.map(({ node }) => node)))

  const order: Execution[] = []
  const seen = new Set<Execution>()
  const open = file.flatMap((entry) => (read.has(entry.node) ? [] : [{ entry, ready: false }]))
  for (let top = open.pop(); top !== undefined; top = open.pop()) {
    const { entry, ready } = top
    if (ready) order.push(entry)
    if (seen.has(entry)) continue
    seen.add(entry)
    open.push({ entry, ready: true })
    const before = entry.reads.flatMap(({ node }) => places.get(node) ?? []).sort((a, b) => a - b)
    for (const place of before) open.push({ entry: file[place]!, ready: false })
  }
  return order
}

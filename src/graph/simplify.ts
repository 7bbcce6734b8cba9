import { type Graph, graph } from './graph.ts'
import { bind } from './op.ts'
import type { Attribute, Node, Value } from './value.ts'

function attributeKey(value: Attribute): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (typeof value !== 'object' || !('data' in value)) return JSON.stringify(value)
  if (value.data.length > 64) return ''
  const elements = Array.from(value.data, (x) => (Object.is(x, -0) ? '-0' : x))
  return `${value.dtype}[${value.shape}]${elements.join()}`
}

/** Text under which equal applications meet, or null for those that must stay apart. */
function keyOf(node: Node, inputs: readonly Value[]): string | null {
  if (node.op === null || node.op.unique) return null
  const attrs = Object.entries(node.attrs).map(([name, value]) => {
    const key = typeof value === 'function' ? '' : attributeKey(value)
    return key === '' ? null : `${name}=${key}`
  })
  if (attrs.includes(null)) return null
  return `${node.op.name}(${inputs.map((value) => `${value.node.id}.${value.index}`).join()})${attrs.join()}`
}

/** Applies each op's own `simplify` and merges equal applications; dead nodes fall away. */
export function simplify(source: Graph): Graph {
  const replaced = new Map<Value, Value>()
  const known = new Map<string, Node>()
  const follow = (value: Value): Value => replaced.get(value) ?? value
  const settle = (node: Node): readonly Value[] => {
    const better = node.op?.simplify?.(node.inputs, node.attrs, node.outputs)
    if (better) return better.map((value) => settle(value.node)[value.index]!)
    const key = keyOf(node, node.inputs)
    const twin = key === null ? undefined : known.get(key)
    if (twin !== undefined) return twin.outputs
    if (key !== null) known.set(key, node)
    return node.outputs
  }
  for (const node of source.nodes) {
    const inputs = node.inputs.map(follow)
    const same = inputs.every((value, index) => value === node.inputs[index])
    const current = same || node.op === null ? node : bind(node.op, inputs, node.attrs)[0]!.node
    settle(current).forEach((value, index) => {
      const old = node.outputs[index]!
      if (value !== old) replaced.set(old, value)
    })
  }
  return graph(new Map(Array.from(source.outputs, ([name, value]) => [name, follow(value)])))
}

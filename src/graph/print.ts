import { type HostTensor, typeText } from '../tensor.ts'
import type { Graph } from './graph.ts'
import type { Attribute, Value } from './value.ts'

function tensorText(value: HostTensor): string {
  const shown = Array.from(value.data.subarray(0, 4), (x) => Number(x.toPrecision(6))).join(', ')
  return `${typeText(value)} ${value.data.length > 4 ? `${shown}, ...` : shown}`
}

function attributeText(value: Attribute): string {
  if (typeof value === 'function') return '<function>'
  if (typeof value === 'object') return 'data' in value ? `<${tensorText(value)}>` : `[${value.join(', ')}]`
  return String(value)
}

/** Stable text of a graph: values are numbered in topological order, so equal graphs print equally. */
export function print(graph: Graph): string {
  const names = new Map<Value, string>()
  for (const [name, value] of graph.inputs) names.set(value, name)
  const nameOf = (value: Value): string => names.get(value) ?? '?'
  const lines: string[] = []
  let count = 0
  for (const node of graph.nodes) {
    const results = node.outputs.map((value) => {
      names.set(value, `%${count++}`)
      return `${nameOf(value)}: ${typeText(value.type)}`
    })
    const attrs = Object.entries(node.attrs).map(([key, value]) => `${key}: ${attributeText(value)}`)
    const suffix = attrs.length === 0 ? '' : ` {${attrs.join(', ')}}`
    lines.push(`  ${results.join(', ')} = ${node.op?.name}(${node.inputs.map(nameOf).join(', ')})${suffix}`)
  }
  const inputs = Array.from(graph.inputs, ([name, value]) => `${name}: ${typeText(value.type)}`)
  const outputs = Array.from(graph.outputs, ([name, value]) => `${name} = ${nameOf(value)}`)
  return [`graph(${inputs.join(', ')})`, ...lines, `  return ${outputs.join(', ')}`].join('\n')
}

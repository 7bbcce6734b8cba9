import { GraphError } from '../errors.ts'
import { ancestors } from '../graph/graph.ts'
import type { AnyOp } from '../graph/op.ts'
import type { Value } from '../graph/value.ts'
import { add } from '../ops/arithmetic.ts'
import { broadcastTo, sumTo } from '../ops/broadcast.ts'
import { filled, scalar } from '../ops/constant.ts'
import { typeText } from '../tensor.ts'

/** `total + next`; a product fresh from a vjp may take the sum so far into itself. */
function accumulate(total: Value, next: Value): Value {
  const { op, inputs, attrs } = next.node
  return op?.accumulate?.(inputs, attrs, total) ?? add(total, next)
}

/**
 * Gradients of `sum(output * cotangent)` with respect to `inputs` (reverse mode, graph to graph). The result is graph
 * again, so it can be differentiated once more. Inputs that `output` does not depend on get zeros.
 *
 * Throws GraphError where a gradient would have to pass through an op that has none.
 */
export function grad(output: Value, inputs: readonly Value[], cotangent?: Value): Value[] {
  if (cotangent === undefined && output.shape.length > 0) {
    throw new GraphError(
      `grad: expected a scalar, got ${typeText(output.type)}; take its sum or mean, or give a cotangent`,
    )
  }
  const nodes = ancestors([output])
  const wanted = new Set(inputs.map((value) => value.node))
  const leading = new Set(wanted) // nodes that depend on an input: only these need gradients
  for (const node of nodes) {
    if (node.inputs.some((value) => leading.has(value.node))) leading.add(node)
  }
  const gradients = new Map<Value, Value>([[output, cotangent ?? scalar(1, output.dtype)]])

  for (const node of nodes.toReversed()) {
    const incoming = node.outputs.map((value) => gradients.get(value) ?? null)
    if (node.op === null || !leading.has(node) || incoming.every((g) => g === null)) continue
    if (!node.inputs.some((value) => leading.has(value.node))) continue
    const { vjp, name }: AnyOp = node.op
    if (vjp === null) {
      if (node.outputs.some((value) => value.dtype === 'bool' || value.dtype === 'int32')) continue
      throw new GraphError(`grad: ${name} has no gradient; wrap its input in stopGradient if that is meant`)
    }
    const contributions = vjp(incoming as never, node.inputs, node.attrs, node.outputs)
    node.inputs.forEach((value, i) => {
      const raw = contributions[i] ?? null
      if (raw === null || !leading.has(value.node)) return
      const contribution = sumTo(raw, value.shape)
      const total = gradients.get(value)
      gradients.set(value, total === undefined ? contribution : accumulate(total, contribution))
    })
  }
  return inputs.map((value) => broadcastTo(gradients.get(value) ?? filled(0, [], value.dtype), value.shape))
}

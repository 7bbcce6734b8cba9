import type { DType, HostTensor, Shape, TensorType } from '../tensor.ts'
import type { AnyOp } from './op.ts'

/** What may stand in an op's attributes; shown by `print`, compared by `simplify`. */
export type Attribute = number | string | boolean | readonly number[] | HostTensor | ((...args: never[]) => unknown)
export type Attributes = Readonly<Record<string, Attribute>>

/** One application of an op, or a leaf (`op: null`) that is bound by `name` when the graph runs. */
export interface Node {
  readonly id: number
  readonly op: AnyOp | null
  readonly name: string
  readonly inputs: readonly Value[]
  readonly attrs: Attributes
  readonly outputs: readonly Value[]
}

/** A symbolic tensor: one output of one node; it has a dtype and a shape, and no data. */
export class Value {
  readonly node: Node
  readonly index: number
  readonly type: TensorType

  constructor(node: Node, index: number, type: TensorType) {
    this.node = node
    this.index = index
    this.type = type
  }

  get dtype(): DType {
    return this.type.dtype
  }

  get shape(): Shape {
    return this.type.shape
  }
}

/** The types of a node's inputs and outputs, as lowerings and evaluations take them. */
export function typesOf({ inputs, outputs }: Node): { readonly inputs: TensorType[]; readonly outputs: TensorType[] } {
  return { inputs: inputs.map(({ type }) => type), outputs: outputs.map(({ type }) => type) }
}

let nodes = 0

/** Makes a node and its output values; ids grow, so that sorting by id is a topological order. */
export function makeNode(
  op: AnyOp | null,
  name: string,
  inputs: readonly Value[],
  attrs: Attributes,
  types: readonly TensorType[],
): Node {
  const outputs: Value[] = []
  const node: Node = { id: nodes++, op, name, inputs, attrs, outputs }
  types.forEach((type, index) => outputs.push(new Value(node, index, type)))
  return node
}

/** A leaf: a value that is fed by `name` when the graph runs. */
export function input(name: string, dtype: DType, shape: Shape): Value {
  return makeNode(null, name, [], {}, [{ dtype, shape }]).outputs[0]!
}

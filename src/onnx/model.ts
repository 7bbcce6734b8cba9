import { GraphError } from '../errors.ts'
import { type Emit, type OnnxAttributes, onnxType, type Target } from '../graph/emit.ts'
import type { Graph } from '../graph/graph.ts'
import { typesOf, type Value } from '../graph/value.ts'
import {
  bytesPerElement,
  type DType,
  type HostTensor,
  sameShape,
  tensor,
  type TensorType,
  typeText,
} from '../tensor.ts'
import { encode } from './protobuf.ts'
import { schedule } from './schedule.ts'
import { attributeTypes, external, type Message } from './schema.ts'

/** ONNX operator set and IR version: the newest that all providers run in full (engine.md 1.2). */
const opset = 21
const irVersion = 10

/** A batch size that no other size of a graph is a multiple of: where it appears, a dynamic export leaves the axis open. */
export const dynamicBatch = 999_983

/** An axis whose size is known only when the model runs. */
export interface OpenAxis {
  /** Stands for it while tracing: no other size of the graph is a multiple of it, nor of another open axis. */
  readonly size: number
  readonly name: string
  /** An input of the graph, and its axis, from which the model reads the size where an operator needs it as a number. */
  readonly from?: { readonly input: string; readonly axis: number }
}

const openBatch: OpenAxis = { size: dynamicBatch, name: 'batch' }

export interface ModelOptions {
  readonly target: Target
  /** Values stored in the model instead of being fed: weights of an inference export. */
  readonly initializers?: ReadonlyMap<string, HostTensor>
  /** Inputs whose values are handed over beside the model when it is opened, each as a file of the input's name. */
  readonly external?: ReadonlySet<string>
  readonly metadata?: Readonly<Record<string, string>>
  /** Axes left open where their sizes appear. Default: the batch, at `dynamicBatch`. */
  readonly open?: readonly OpenAxis[]
  /** Inputs of int32 that the model takes as int64. */
  readonly int64?: ReadonlySet<string>
  /** The first output becomes a sequence, which Node's binding cannot convert: the zero-copy path of `runtime/node`. */
  readonly stop?: string
}

function attribute(name: string, value: OnnxAttributes[string]): Message<'AttributeProto'> {
  if (typeof value === 'number') return { name, i: value, type: attributeTypes.int }
  if (typeof value === 'string') return { name, s: new TextEncoder().encode(value), type: attributeTypes.string }
  if ('float' in value) return { name, f: value.float, type: attributeTypes.float }
  return { name, ints: value, type: attributeTypes.ints }
}

function rawBytes({ dtype, data }: HostTensor): Uint8Array {
  const typed = dtype === 'float32' && !(data instanceof Float32Array) ? Float32Array.from(data) : data
  return new Uint8Array(typed.buffer, typed.byteOffset, typed.byteLength)
}

function tensorProto(name: string, value: HostTensor): Message<'TensorProto'> {
  return { dims: value.shape, dataType: onnxType[value.dtype], name, rawData: rawBytes(value) }
}

function externalTensor(name: string, { dtype, shape }: TensorType): Message<'TensorProto'> {
  const externalData = [{ key: 'location', value: name }]
  return { dims: shape, dataType: onnxType[dtype], name, externalData, dataLocation: external }
}

/** A size as a product of open axes and a number. */
interface Size {
  readonly open: readonly OpenAxis[]
  readonly factor: number
}

/** Takes sizes apart. */
class Sizes {
  readonly #axes: readonly OpenAxis[]

  constructor(axes: readonly OpenAxis[]) {
    this.#axes = axes
  }

  of(size: number): Size {
    const open: OpenAxis[] = []
    let factor = size
    for (const axis of this.#axes) {
      if (factor === 0 || factor % axis.size !== 0) continue
      open.push(axis)
      factor /= axis.size
    }
    return { open, factor }
  }

  isOpen(size: number): boolean {
    return this.of(size).open.length > 0
  }

  /** Sizes that differ get names that differ: ONNX Runtime reuses memory between axes of one name. */
  valueInfo(name: string, { dtype, shape }: TensorType, elemType = onnxType[dtype]): Message<'ValueInfoProto'> {
    const dim = shape.map((size) => {
      const { open, factor } = this.of(size)
      if (open.length === 0) return { dimValue: size }
      return { dimParam: [...(factor === 1 ? [] : [factor]), ...open.map((axis) => axis.name)].join('*') }
    })
    return { name, type: { tensorType: { elemType, shape: { dim } } } }
  }
}

/** Collects nodes and constants while ops lower themselves; equal constants are stored once. */
class ModelWriter implements Emit {
  readonly target: Target
  readonly nodeList: Message<'NodeProto'>[] = []
  readonly constants: Message<'TensorProto'>[] = []
  readonly #known = new Map<string, string>()
  readonly #sizes: Sizes
  #names = 0

  constructor(target: Target, sizes: Sizes) {
    this.target = target
    this.#sizes = sizes
  }

  node(type: string, inputs: readonly string[], attrs: OnnxAttributes = {}): string {
    return this.nodes(type, inputs, 1, attrs)[0]!
  }

  nodes(type: string, inputs: readonly string[], count: number, attrs: OnnxAttributes = {}): readonly string[] {
    const output = Array.from({ length: count }, () => `_${this.#names++}`)
    this.nodeList.push({
      input: inputs,
      output,
      name: `${type}_${this.nodeList.length}`,
      opType: type,
      attribute: Object.entries(attrs).map(([name, value]) => attribute(name, value)),
    })
    return output
  }

  scalar(value: number, dtype: DType = 'float32'): string {
    return this.tensor(tensor(value, [], dtype))
  }

  ints(values: readonly number[]): string {
    if (!values.some((size) => this.#sizes.isOpen(size))) return this.#ints(values)
    const parts = values.map((size) => this.#size(size))
    return parts.length === 1 ? parts[0]! : this.node('Concat', parts, { axis: 0 })
  }

  shape(values: readonly number[]): string {
    const open = values.filter((size) => this.#sizes.isOpen(size))
    if (open.length > 1 && open.some((size) => this.#sizes.of(size).open.some(({ from }) => from === undefined))) {
      throw new GraphError('onnx: a reshape mixes the batch into several axes; export with a fixed batch')
    }
    return open.length > 1 ? this.ints(values) : this.#ints(values.map((size) => (open.includes(size) ? -1 : size)))
  }

  tensor(value: HostTensor): string {
    if (value.shape.some((size) => this.#sizes.isOpen(size))) {
      throw new GraphError('onnx: a constant of this graph has the batch as an axis; export with a fixed batch')
    }
    const key = value.data.length <= 16 ? rawBytes(value).join() : `#${this.constants.length}`
    return this.#constant(`${value.dtype}[${value.shape}]:${key}`, () => tensorProto('', value))
  }

  /** One size as int64 `[1]`, computed when the model runs where it is open. */
  #size(size: number): string {
    const { open, factor } = this.#sizes.of(size)
    if (open.length === 0) return this.#ints([size])
    const key = `size:${size}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const read = open.map(({ name, from }) => {
      if (from !== undefined) return this.node('Shape', [from.input], { start: from.axis, end: from.axis + 1 })
      throw new GraphError(`onnx: an operator of this graph needs the ${name} size; export with a fixed ${name}`)
    })
    const factors = factor === 1 ? read : [...read, this.#ints([factor])]
    const product = factors.reduce((a, b) => this.node('Mul', [a, b]))
    this.#known.set(key, product)
    return product
  }

  #ints(values: readonly number[]): string {
    const data = BigInt64Array.from(values, BigInt)
    return this.#constant(`ints:${values}`, () => ({
      dims: [values.length],
      dataType: int64Type,
      rawData: new Uint8Array(data.buffer),
    }))
  }

  #constant(key: string, make: () => Message<'TensorProto'>): string {
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const name = `_c${this.constants.length}`
    this.#known.set(key, name)
    this.constants.push({ ...make(), name })
    return name
  }
}

/** TensorProto.DataType.INT64 of ONNX. */
const int64Type = 7

/** Names that the writer gives itself. */
const reserved = /^_c?\d+$/

function checkNames(graph: Graph, stop: string | undefined): void {
  const seen = new Set<string>()
  for (const name of [...graph.inputs.keys(), ...graph.outputs.keys(), ...(stop === undefined ? [] : [stop])]) {
    if (seen.has(name)) throw new GraphError(`onnx: two inputs or outputs are named '${name}'; rename one`)
    if (name === '' || reserved.test(name)) {
      throw new GraphError(`onnx: '${name}' cannot name an input or output: the writer uses it itself; rename it`)
    }
    seen.add(name)
  }
}

/** One protobuf message holds less than 2 GiB; some of it is the graph. */
const mostBytes = 2 ** 31 - 2 ** 24

function checkInitializers(graph: Graph, stored: ReadonlyMap<string, HostTensor>, sizes: Sizes): void {
  const bytes = [...stored.values()].reduce((total, { dtype, data }) => total + data.length * bytesPerElement[dtype], 0)
  if (bytes > mostBytes) {
    throw new GraphError(
      `onnx: ${bytes} bytes of weights do not fit into one ONNX file, which holds less than 2 GiB; export .safetensors`,
    )
  }
  for (const [name, value] of stored) {
    const taken = value.shape.find((size) => sizes.isOpen(size))
    if (taken !== undefined) {
      const [axis] = sizes.of(taken).open
      throw new GraphError(
        `onnx: initializer '${name}' has an axis of ${taken}, a multiple of the ${axis!.size} that stands for the open axis ${axis!.name}, so that the two cannot be told apart. Make it a little larger`,
      )
    }
    const leaf = graph.inputs.get(name)
    if (leaf !== undefined && (leaf.dtype !== value.dtype || !sameShape(leaf.shape, value.shape))) {
      throw new GraphError(`onnx: initializer '${name}' must be ${typeText(leaf.type)}, got ${typeText(value)}`)
    }
  }
}

/**
 * Lowers a graph: one ModelProto whose inputs and outputs carry the graph's own names.
 *
 * Throws GraphError when names clash, an initializer is not what its leaf is or has a size that stands for an open axis, or an
 * axis left open is needed where it cannot be read.
 */
export function toOnnx(graph: Graph, options: ModelOptions): Uint8Array {
  const stored = options.initializers ?? new Map<string, HostTensor>()
  checkNames(graph, options.stop)
  const sizes = new Sizes(options.open ?? [openBatch])
  checkInitializers(graph, stored, sizes)
  const writer = new ModelWriter(options.target, sizes)
  const names = new Map<Value, string>()
  for (const [name, value] of graph.inputs)
    names.set(value, options.int64?.has(name) ? writer.node('Cast', [name], { to: onnxType.int32 }) : name)
  const nameOf = (value: Value): string => names.get(value)!
  for (const node of graph.nodes) {
    const types = typesOf(node)
    const outputs = node.op?.onnx(writer, node.inputs.map(nameOf), node.attrs, types) ?? []
    node.outputs.forEach((value, i) => names.set(value, outputs[i]!))
  }
  const stop = options.stop === undefined ? [] : stopOutput(writer, options.stop)
  const outputs = nameOutputs(writer, graph, nameOf).map(([name, type]) => sizes.valueInfo(name, type))
  const beside = Array.from(graph.inputs).filter(([name]) => options.external?.has(name))
  const metadata = Object.entries(options.metadata ?? {}).map(([key, value]) => ({ key, value }))
  return encode('ModelProto', {
    irVersion,
    producerName: 'residua',
    graph: {
      node: writer.nodeList,
      name: 'residua',
      initializer: [
        ...writer.constants,
        ...Array.from(stored, ([name, value]) => tensorProto(name, value)),
        ...beside.map(([name, value]) => externalTensor(name, value.type)),
      ],
      input: Array.from(graph.inputs)
        .filter(([name]) => !stored.has(name) && !options.external?.has(name))
        .map(([name, value]) => sizes.valueInfo(name, value.type, options.int64?.has(name) ? int64Type : undefined)),
      output: [...stop, ...outputs],
    },
    opsetImport: [{ domain: '', version: opset }],
    metadataProps: metadata,
  })
}

/** Lets the nodes write the graph's outputs under their own names; a second name, or that of a leaf, takes an Identity. */
function nameOutputs(
  writer: ModelWriter,
  graph: Graph,
  nameOf: (value: Value) => string,
): (readonly [string, TensorType])[] {
  const renamed = new Map<string, string>()
  const produced = new Set(writer.nodeList.flatMap((node) => node.output ?? []))
  const copies: Message<'NodeProto'>[] = []
  for (const [name, value] of graph.outputs) {
    const inner = nameOf(value)
    if (produced.has(inner) && !renamed.has(inner)) renamed.set(inner, name)
    else copies.push({ input: [inner], output: [name], name: `copy_${name}`, opType: 'Identity' })
  }
  const follow = (name: string): string => renamed.get(name) ?? name
  const nodes = schedule([...writer.nodeList, ...copies])
  writer.nodeList.splice(0, Infinity)
  for (const node of nodes) {
    writer.nodeList.push({ ...node, input: node.input?.map(follow) ?? [], output: node.output?.map(follow) ?? [] })
  }
  return Array.from(graph.outputs, ([name, value]) => [name, value.type] as const)
}

function stopOutput(writer: ModelWriter, name: string): Message<'ValueInfoProto'>[] {
  const one = writer.scalar(1)
  writer.nodeList.push({ input: [one], output: [name], name: 'stop', opType: 'SequenceConstruct' })
  return [{ name, type: { sequenceType: { elemType: { tensorType: { elemType: 1, shape: {} } } } } }]
}

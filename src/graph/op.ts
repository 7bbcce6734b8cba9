import { ShapeError } from '../errors.ts'
import { type HostTensor, type TensorData, type TensorType, typeText } from '../tensor.ts'
import { callSite } from './call-site.ts'
import type { Emit } from './emit.ts'
import { type Attributes, makeNode, type Value } from './value.ts'

/** The same arity and labels as `T`, with every member replaced by `To`. */
export type Each<T extends readonly unknown[], To> = { readonly [K in keyof T]: To }

/** One gradient per output; of several outputs, those that nothing used bring null. */
export type Gradients<O extends readonly Value[]> = O extends readonly [Value] ? O : Each<O, Value | null>

/** The types that a lowering or an evaluation may need beside its operands. */
export interface Types<I extends readonly Value[], O extends readonly Value[]> {
  readonly inputs: Each<I, TensorType>
  readonly outputs: Each<O, TensorType>
}

/**
 * One primitive, in one place. `I`, `O` are labelled tuples of its inputs and outputs, `A` its attributes.
 *
 * A missing field, or a gradient of the wrong arity, does not compile.
 */
export interface Op<I extends readonly Value[], A = object, O extends readonly Value[] = [output: Value]> {
  readonly name: string
  /** Output types; throws ShapeError. */
  readonly type: (inputs: Each<I, TensorType>, attrs: A) => Each<O, TensorType>
  /** Gradient of each input, in the shape of the input or of the broadcast output; null says: not differentiable. */
  readonly vjp: ((gradients: Gradients<O>, inputs: I, attrs: A, outputs: O) => Each<I, Value | null>) | null
  /** Writes ONNX nodes and returns the name of each output. */
  readonly onnx: (emit: Emit, inputs: Each<I, string>, attrs: A, types: Types<I, O>) => Each<O, string>
  /** Reference evaluation; every float is a float64 here, whatever the dtype says. */
  readonly evaluate: (inputs: Each<I, HostTensor>, attrs: A, types: Types<I, O>) => Each<O, TensorData>
  /** An equal but cheaper form of this application, or null. */
  readonly simplify?: (inputs: I, attrs: A, outputs: O) => Each<O, Value> | null
  /** `output + addend` at less than the cost of an addition, or null where this application offers none. */
  readonly accumulate?: (inputs: I, attrs: A, addend: Value) => Value | null
  /** The f32x4 instruction of WebAssembly SIMD that does the same to four elements: lets fused host kernels use this op. */
  readonly simd?: number
  /** Floating point operations of one application, a multiply-add being two. Default: one per element of the outputs. */
  readonly flops?: (types: Types<I, O>, attrs: A) => number
  /** Bytes that the lowering holds for itself at its highest point, beside operands and results. Default: too few to count. */
  readonly scratch?: (types: Types<I, O>, attrs: A) => number
  /** Output i is input i: it takes no work and no memory of its own, and further inputs are not read. */
  readonly view?: true
  /** Its outputs count as constants when they are differentiated. */
  readonly constant?: true
  /** Equal applications must not be merged (recomputation, barriers). */
  readonly unique?: true
}

export type AnyOp = Op<readonly Value[], Attributes, readonly Value[]>

/** How an operand is named in an error: by its leaf name if it has one. */
function operandText(value: Value): string {
  const text = typeText(value.type)
  return value.node.name === '' ? text : `${text} '${value.node.name}'`
}

/** An error whose stack reaches the caller however deep the layers are nested. */
function deepError(): Error {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 100
  const error = new Error()
  Error.stackTraceLimit = limit
  return error
}

/** Runs `infer`; a ShapeError out of it gains the op, its operands and the caller's place. */
export function located<T>(name: string, operands: readonly Value[], infer: () => T): T {
  try {
    return infer()
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    throw new ShapeError(
      `${error.message} (${name} of ${operands.map(operandText).join(', ')})${callSite(deepError())}`,
    )
  }
}

/** Applies `op`: infers the output types, records the node, returns its outputs. */
export function bind<I extends readonly Value[], A, O extends readonly Value[]>(
  op: Op<I, A, O>,
  inputs: NoInfer<I>,
  attrs: NoInfer<A>,
): O {
  const types = inputs.map((value) => value.type) as unknown as Each<I, TensorType>
  const outputs = located(op.name, inputs, () => op.type(types, attrs)) as unknown as readonly TensorType[]
  return makeNode(op as unknown as AnyOp, '', inputs, attrs as Attributes, outputs).outputs as unknown as O
}

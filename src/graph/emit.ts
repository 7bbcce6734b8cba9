import type { DType, HostTensor } from '../tensor.ts'

/** Who will run the graph: operators differ in what is right, fused or falls back (engine.md 1). */
export type Target = 'cpu' | 'webgpu' | 'portable'

/** An ONNX FLOAT attribute; plain numbers are INT attributes. */
export interface FloatAttribute {
  readonly float: number
}
export type OnnxAttributes = Readonly<Record<string, number | string | readonly number[] | FloatAttribute>>

/** What a lowering writes through; names are ONNX value names. */
export interface Emit {
  readonly target: Target
  /** Adds a node with one output and returns the output's name. */
  node(type: string, inputs: readonly string[], attrs?: OnnxAttributes): string
  /** Adds a node with `count` outputs. */
  nodes(type: string, inputs: readonly string[], count: number, attrs?: OnnxAttributes): readonly string[]
  /** A scalar constant. */
  scalar(value: number, dtype?: DType): string
  /** A one-dimensional int64 constant: axes, starts, sizes. */
  ints(values: readonly number[]): string
  /** A target shape for Reshape or Expand: int64, with the batch axis left open in a dynamic export. */
  shape(values: readonly number[]): string
  /** A constant with data. */
  tensor(value: HostTensor): string
}

export function float(value: number): FloatAttribute {
  return { float: value }
}

/** TensorProto.DataType of ONNX. */
export const onnxType: Readonly<Record<DType, number>> = { float32: 1, int32: 6, bool: 9, float64: 11 }

import { DataError } from './errors.ts'

/** Element types of a tensor. Devices compute in float32; float64 is the reference evaluator's. */
export type DType = 'float32' | 'float64' | 'int32' | 'bool'

/** Sizes per axis; `[]` is a scalar. */
export type Shape = readonly number[]

/** dtype and shape, no data. */
export interface TensorType {
  readonly dtype: DType
  readonly shape: Shape
}

export type TensorData = Float32Array | Float64Array | Int32Array | Uint8Array

/** A tensor in host memory, row-major; bool is stored as one byte per element. */
export interface HostTensor extends TensorType {
  readonly data: TensorData
}

/** Whether something holds floats. */
export const isFloat = ({ dtype }: { readonly dtype: DType }): boolean => dtype === 'float32' || dtype === 'float64'

/** Number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1)
}

/** `float32[32, 10]`, as graphs and errors print it. */
export function typeText(type: TensorType): string {
  return `${type.dtype}[${type.shape.join(', ')}]`
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis])
}

const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array, bool: Uint8Array } as const

export const bytesPerElement: Readonly<Record<DType, number>> = { float32: 4, float64: 8, int32: 4, bool: 1 }

/** A zero-filled typed array for `type`. */
export function allocate(type: TensorType): TensorData {
  return new arrays[type.dtype](sizeOf(type.shape))
}

/** `buffer` as the elements of a dtype. */
export function viewOf(dtype: DType, buffer: ArrayBuffer): TensorData {
  return new arrays[dtype](buffer)
}

/** The dtype a typed array holds; Uint8Array is taken as bool. */
export function dtypeOf(data: TensorData): DType {
  if (data instanceof Float32Array) return 'float32'
  if (data instanceof Float64Array) return 'float64'
  return data instanceof Int32Array ? 'int32' : 'bool'
}

/** Wraps `data` as a tensor of `shape`; plain numbers become float32. Throws DataError when the counts differ. */
export function tensor(data: TensorData | readonly number[] | number, shape?: Shape, dtype?: DType): HostTensor {
  const list = typeof data === 'number' ? [data] : data
  const kind = dtype ?? (ArrayBuffer.isView(list) ? dtypeOf(list) : 'float32')
  const array = ArrayBuffer.isView(list) && dtypeOf(list) === kind ? list : arrays[kind].from(list)
  const sizes = shape ?? (typeof data === 'number' ? [] : [array.length])
  if (sizeOf(sizes) !== array.length) {
    throw new DataError(`tensor: shape [${sizes.join(', ')}] holds ${sizeOf(sizes)} elements, got ${array.length}`)
  }
  return { dtype: kind, shape: sizes, data: array }
}

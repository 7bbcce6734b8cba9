import { ShapeError } from '../errors.ts'
import { bytesPerElement, type HostTensor, type Shape, sizeOf, type TensorData, type TensorType } from '../tensor.ts'

/** Bytes that a tensor takes on a device. */
export const bytesOf = ({ dtype, shape }: TensorType): number => sizeOf(shape) * bytesPerElement[dtype]

/** The array in which the reference evaluator holds `type`: every float is a float64. */
export function referenceArray(type: TensorType): TensorData {
  const size = sizeOf(type.shape)
  if (type.dtype === 'int32') return new Int32Array(size)
  return type.dtype === 'bool' ? new Uint8Array(size) : new Float64Array(size)
}

/** Row `row` of the last axis of a float tensor, as the reference evaluator holds it. */
export function rowOf(x: HostTensor, row: number): Float64Array {
  const width = x.shape.at(-1)!
  return (x.data as Float64Array).subarray(row * width, (row + 1) * width)
}

/** Row-major strides; with `against`, axes of size 1 and missing leading axes get stride 0 (broadcasting). */
export function stridesOf(shape: Shape, against: Shape = shape): number[] {
  const strides = new Array<number>(against.length).fill(0)
  let stride = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis]!
    if (size !== 1) strides[axis + against.length - shape.length] = stride
    stride *= size
  }
  return strides
}

/** Calls `visit` with the linear offset of every index of `shape` under `strides`, in row-major order. */
export function walk(
  shape: Shape,
  strides: readonly number[],
  visit: (offset: number, position: number) => void,
): void {
  const size = sizeOf(shape)
  const index = new Array<number>(shape.length).fill(0)
  let offset = 0
  for (let position = 0; position < size; position++) {
    visit(offset, position)
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = index[axis]! + 1
      offset += strides[axis]!
      if (next < shape[axis]!) {
        index[axis] = next
        break
      }
      offset -= next * strides[axis]!
      index[axis] = 0
    }
  }
}

/** Offsets into an operand of `shape` for every element of the broadcast `against`. */
export function offsets(shape: Shape, against: Shape): Int32Array {
  const result = new Int32Array(sizeOf(against))
  walk(against, stridesOf(shape, against), (offset, position) => {
    result[position] = offset
  })
  return result
}

/** Applies `f` to every element of the broadcast operands. */
export function mapElements(
  type: TensorType,
  operands: readonly HostTensor[],
  f: (...elements: number[]) => number,
): TensorData {
  const out = referenceArray(type)
  const places = operands.map((operand) => offsets(operand.shape, type.shape))
  const elements = operands.map(() => 0)
  for (let i = 0; i < out.length; i++) {
    operands.forEach((operand, k) => {
      elements[k] = operand.data[places[k]![i]!]!
    })
    out[i] = f(...elements)
  }
  return out
}

/** Shape of an elementwise result (NumPy broadcasting). Throws ShapeError. */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, axis) => {
    const x = a[axis - rank + a.length] ?? 1
    const y = b[axis - rank + b.length] ?? 1
    if (x !== y && x !== 1 && y !== 1) {
      throw new ShapeError(`shapes [${a.join(', ')}] and [${b.join(', ')}] do not broadcast: ${x} against ${y}`)
    }
    return x === 1 ? y : x
  })
}

/** Whether `n` can be the size of an axis. */
export const isCount = (n: number): boolean => Number.isInteger(n) && n >= 0

/** Resolves a possibly negative axis. Throws ShapeError when it is out of range. */
export function resolveAxis(axis: number, rank: number): number {
  const resolved = axis < 0 ? axis + rank : axis
  if (!Number.isInteger(axis) || resolved < 0 || resolved >= rank) {
    throw new ShapeError(`axis ${axis} is out of range for rank ${rank}`)
  }
  return resolved
}

/** Throws ShapeError unless every type is a float of one dtype; returns that dtype. */
export function floatDtype(types: readonly TensorType[]): 'float32' | 'float64' {
  const dtype = types[0]?.dtype
  if ((dtype !== 'float32' && dtype !== 'float64') || types.some((type) => type.dtype !== dtype)) {
    throw new ShapeError(`expected floats of one dtype, got ${types.map((type) => type.dtype).join(', ')}; use cast`)
  }
  return dtype
}

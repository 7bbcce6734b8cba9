import { type Emit, onnxType } from '../graph/emit.ts'
import { bind, type Op } from '../graph/op.ts'
import type { Value } from '../graph/value.ts'
import { sizeOf, tensor, type TensorType } from '../tensor.ts'
import { scatterAdd } from './gather.ts'
import { bytesOf, floatDtype, referenceArray } from './host.ts'
import {
  corners,
  eachElement,
  type Pair,
  pooledShape,
  type PoolOptions,
  poolWith,
  type Window,
  windowAttributes,
} from './pooling-window.ts'
import { reshape } from './reshape.ts'

const maxPoolOp: Op<[x: Value], Window> = {
  name: 'maxPool',
  type: ([x], window) => [{ dtype: floatDtype([x]), shape: pooledShape(x.shape, window) }],
  vjp: ([g], [x], window, [y]) => {
    const winners = bind(maxPoolIndicesOp, [x, y], window)[0]
    return [reshape(scatterAdd(g, winners, sizeOf(x.shape)), x.shape)]
  },
  onnx: (emit, [x], window) => [emit.node('MaxPool', [x], windowAttributes(window))],
  flops: ({ outputs: [y] }, { kernel }) => sizeOf(y.shape) * sizeOf(kernel),
  evaluate: ([x], window, { outputs: [type] }) => {
    const out = referenceArray(type).fill(-Infinity)
    eachElement(x.shape, window, (pooled, element) => {
      out[pooled] = Math.max(out[pooled]!, x.data[element]!)
    })
    return [out]
  },
}

/** Whether every element lies in one window at most, and no window in the padding. */
const disjoint = ({ kernel, stride, padding }: Window): boolean =>
  kernel.every((size, axis) => size === stride[axis] && padding[axis] === 0)

const clamp = (at: number, size: number): number => Math.min(Math.max(at, 0), size - 1)

/**
 * Offset of the first maximum from the corner of its window, by a comparison for each place in a window.
 *
 * MaxPool's own Indices cost ten times the pooling on the CPU and do not exist on WebGPU.
 */
function offsetsByPlace(emit: Emit, x: string, y: string, window: Window, { dtype, shape }: TensorType): string {
  const { kernel, stride, padding } = window
  const [, , height, width] = shape as [number, number, number, number]
  const [, , ...counts] = pooledShape(shape, window)
  const last = kernel[0] * kernel[1] - 1
  const placeAt = (place: number): Pair => [Math.floor(place / kernel[1]), place % kernel[1]]
  const margins = emit.ints([0, 0, ...padding, 0, 0, ...padding])
  const lowest = emit.scalar(-3.4028234663852886e38, dtype)
  const padded = padding.some((size) => size > 0) ? emit.node('Pad', [x, margins, lowest], { mode: 'constant' }) : x
  // Places in the padding stand for the nearest element: a window with NaN must not lead to an invalid index
  const offsetOf = (place: number): string => {
    const [row, column] = placeAt(place)
    const offsets = corners(shape, window).map(
      ([top, left]) => (clamp(top + row, height) - top) * width + clamp(left + column, width) - left,
    )
    const same = offsets.every((offset) => offset === offsets[0])
    return emit.tensor(same ? tensor(Int32Array.of(offsets[0]!), []) : tensor(Int32Array.from(offsets), counts))
  }
  let offset = offsetOf(last)
  for (let place = last - 1; place >= 0; place--) {
    const begin = placeAt(place)
    const end = begin.map((start, axis) => start + (counts[axis]! - 1) * stride[axis]! + 1)
    const element = emit.node('Slice', [padded, emit.ints(begin), emit.ints(end), emit.ints([2, 3]), emit.ints(stride)])
    offset = emit.node('Where', [emit.node('Equal', [element, y]), offsetOf(place), offset])
  }
  return offset
}

/**
 * The same for disjoint windows, faster on the CPU (32x64x32x32 by 2x2, both ways: 11 against 14 ms): the places that
 * hold the maximum keep a number that counts down from the first place of the window, and the largest is pooled.
 */
function offsetsByCountdown(emit: Emit, x: string, y: string, window: Window, { shape }: TensorType): string {
  const { kernel } = window
  const width = shape[3]!
  const [, , ...counts] = pooledShape(shape, window)
  const covered = counts.map((count, axis) => count * kernel[axis]!)
  const fits = covered.every((size, axis) => size === shape[axis + 2])
  const part = fits ? x : emit.node('Slice', [x, emit.ints([0, 0]), emit.ints(covered), emit.ints([2, 3])])
  const scales = emit.tensor(tensor(Float32Array.of(1, 1, ...kernel)))
  const nearest = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }
  const hit = emit.node('Equal', [part, emit.node('Resize', [y, '', scales], nearest)])
  const first = (kernel[0] - 1) * width + kernel[1]
  const countdown = Float32Array.from({ length: sizeOf(covered) }, (_, i) => {
    const [row, column] = [Math.floor(i / covered[1]!), i % covered[1]!]
    return first - (row % kernel[0]) * width - (column % kernel[1])
  })
  const numbered = emit.node('Mul', [emit.node('Cast', [hit], { to: 1 }), emit.tensor(tensor(countdown, covered))])
  const best = emit.node('MaxPool', [numbered], windowAttributes(window))
  const valid = emit.node('Max', [best, emit.scalar(1)]) // 0 where nothing is equal, in windows with NaN
  return emit.node('Cast', [emit.node('Sub', [emit.scalar(first), valid])], { to: onnxType.int32 })
}

const maxPoolIndicesOp: Op<[x: Value, y: Value], Window> = {
  name: 'maxPoolIndices',
  type: ([, y]) => [{ dtype: 'int32', shape: y.shape }],
  vjp: null,
  flops: ({ inputs: [, y] }, { kernel }) => sizeOf(y.shape) * sizeOf(kernel),
  scratch: ({ inputs: [x] }) => 2 * bytesOf(x),
  onnx: (emit, [x, y], window, { inputs: [type] }) => {
    const [batch, channels, height, width] = type.shape as [number, number, number, number]
    const quick = emit.target === 'cpu' && type.dtype === 'float32' && disjoint(window)
    const offset = (quick ? offsetsByCountdown : offsetsByPlace)(emit, x, y, window, type)
    const corner = corners(type.shape, window).map(([top, left]) => top * width + left)
    const counts = pooledShape(type.shape, window).slice(2)
    const plane = Int32Array.from({ length: batch * channels }, (_, i) => i * height * width)
    const inPlane = emit.node('Add', [offset, emit.tensor(tensor(Int32Array.from(corner), counts))])
    return [emit.node('Add', [inPlane, emit.tensor(tensor(plane, [batch, channels, 1, 1]))])]
  },
  evaluate: ([x], window, { outputs: [type] }) => {
    const winners = referenceArray(type).fill(-1)
    eachElement(x.shape, window, (pooled, element) => {
      const winner = winners[pooled]!
      if (winner < 0 || x.data[element]! > x.data[winner]!) winners[pooled] = element
    })
    return [winners]
  },
}

/**
 * Largest element of each window. Of equal elements the first in row-major order gets the gradient.
 *
 * Shapes: x `[batch, channels, height, width]` or `[batch, channels, length]` to the same rank, each spatial size
 * becoming floor((size + 2 padding - kernel) / stride) + 1. Throws ShapeError where a window fits nowhere, or lies in
 * the padding alone.
 */
export const maxPool = (x: Value, options: PoolOptions): Value =>
  poolWith('maxPool', x, options, (planes, window) => bind(maxPoolOp, [planes], window)[0])

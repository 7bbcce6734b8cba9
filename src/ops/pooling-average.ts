import { bind, type Op } from '../graph/op.ts'
import type { Value } from '../graph/value.ts'
import { type Shape, sizeOf, tensor } from '../tensor.ts'
import { mul } from './arithmetic.ts'
import { constant } from './constant.ts'
import { floatDtype, referenceArray } from './host.ts'
import {
  corners,
  eachElement,
  pooledShape,
  type PoolOptions,
  poolWith,
  type Window,
  windowAttributes,
} from './pooling-window.ts'

const averagePoolOp: Op<[x: Value], Window> = {
  name: 'averagePool',
  type: ([x], window) => [{ dtype: floatDtype([x]), shape: pooledShape(x.shape, window) }],
  vjp: ([g], [x], window) => [bind(averagePoolGradientOp, [g], { ...window, shape: x.shape })[0]],
  flops: ({ outputs: [y] }, { kernel }) => sizeOf(y.shape) * sizeOf(kernel),
  onnx: (emit, [x], window) => [emit.node('AveragePool', [x], { ...windowAttributes(window), count_include_pad: 1 })],
  evaluate: ([x], window, { outputs: [type] }) => {
    const out = referenceArray(type)
    const count = sizeOf(window.kernel)
    eachElement(x.shape, window, (pooled, element) => {
      out[pooled] = out[pooled]! + x.data[element]! / count
    })
    return [out]
  },
}

const averagePoolGradientOp: Op<[g: Value], Window & { readonly shape: Shape }> = {
  name: 'averagePoolGradient',
  type: ([g], { shape }) => [{ dtype: floatDtype([g]), shape }],
  vjp: ([g], _, { kernel, stride, padding }) => [bind(averagePoolOp, [g], { kernel, stride, padding })[0]],
  flops: ({ inputs: [g] }, { kernel }) => sizeOf(g.shape) * sizeOf(kernel),
  onnx: (emit, [g], window) => {
    const { kernel, stride, padding, shape } = window
    const channels = shape[1]!
    const share = new Float32Array(channels * sizeOf(kernel)).fill(1 / sizeOf(kernel))
    // What the windows leave over at the end of an axis
    const rest = kernel.map((size, axis) => (shape[axis + 2]! + 2 * padding[axis]! - size) % stride[axis]!)
    const attrs = { ...windowAttributes(window), group: channels, output_padding: rest }
    return [emit.node('ConvTranspose', [g, emit.tensor(tensor(share, [channels, 1, ...kernel]))], attrs)]
  },
  evaluate: ([g], window, { outputs: [type] }) => {
    const out = referenceArray(type)
    const count = sizeOf(window.kernel)
    eachElement(window.shape, window, (pooled, element) => {
      out[element] = out[element]! + g.data[pooled]! / count
    })
    return [out]
  },
}

/** How much larger the mean over the elements inside x is than the mean over a whole window, per window. */
function insideFactor(x: Value, window: Window): Value {
  const { kernel } = window
  const inside = ([top, left]: readonly [number, number]): number => {
    const rows = Math.min(top + kernel[0], x.shape[2]!) - Math.max(top, 0)
    return rows * (Math.min(left + kernel[1], x.shape[3]!) - Math.max(left, 0))
  }
  const factors = corners(x.shape, window).map((corner) => sizeOf(kernel) / inside(corner))
  return constant({ ...tensor(Float64Array.from(factors), pooledShape(x.shape, window).slice(2)), dtype: x.dtype })
}

export interface AveragePoolOptions extends PoolOptions {
  /** Whether the zeros of the padding count as elements. Default true. */
  readonly countPadding?: boolean
}

/**
 * Mean of each window.
 *
 * Shapes: x `[batch, channels, height, width]` or `[batch, channels, length]` to the same rank, each spatial size
 * becoming floor((size + 2 padding - kernel) / stride) + 1. Throws ShapeError where a window fits nowhere, or lies in
 * the padding alone.
 */
export const averagePool = (x: Value, { countPadding = true, ...options }: AveragePoolOptions): Value =>
  poolWith('averagePool', x, options, (planes, window) => {
    const y = bind(averagePoolOp, [planes], window)[0]
    return countPadding ? y : mul(y, insideFactor(planes, window))
  })

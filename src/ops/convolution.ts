import { located, bind, type Op } from '../graph/op.ts'
import type { Value } from '../graph/value.ts'
import { type Shape, sizeOf, type TensorType } from '../tensor.ts'
import { lowerConv, lowerTransposed } from './convolution-lowering.ts'
import { lowerWeightGradient, weightGradientScratch } from './convolution-weight-lowering.ts'
import {
  convolvedShape,
  type ConvOptions,
  type ConvTransposeOptions,
  convWindow,
  type ConvWindow,
  eachProduct,
  imageShape,
  restOf,
  spatial,
  transposedShape,
  type TransposedWindow,
  transposedWindow,
} from './convolution-window.ts'
import { floatDtype, referenceArray } from './host.ts'
import type { Pair } from './pooling-window.ts'
import { reshape } from './reshape.ts'

// x * w = y is linear in x and in w: three ops, each the gradient of the other two.

/** Each element of y meets the weights of one of its channels; those in the padding count. */
const products = (y: TensorType, weight: TensorType): number => 2 * sizeOf(y.shape) * sizeOf(weight.shape.slice(1))

const convOp: Op<[x: Value, weight: Value], ConvWindow> = {
  name: 'conv',
  type: ([x, weight], window) => [
    { dtype: floatDtype([x, weight]), shape: convolvedShape(x.shape, weight.shape, window) },
  ],
  vjp: ([g], [x, weight], window) => [
    transposed(g, weight, x.shape, window),
    weightGradient(x, g, weight.shape, window),
  ],
  onnx: (emit, operands, window, { inputs: [, weight], outputs: [y] }) => [
    lowerConv(emit, operands, window, weight.shape, y.shape),
  ],
  flops: ({ inputs: [, weight], outputs: [y] }) => products(y, weight),
  evaluate: ([x, weight], window, { outputs: [y] }) => {
    const out = referenceArray(y)
    eachProduct(x.shape, weight.shape, y.shape, window, (atX, atWeight, atY) => {
      out[atY]! += x.data[atX]! * weight.data[atWeight]!
    })
    return [out]
  },
}

const convTransposeOp: Op<[y: Value, weight: Value], TransposedWindow> = {
  name: 'convTranspose',
  type: ([y, weight], window) => [
    { dtype: floatDtype([y, weight]), shape: transposedShape(y.shape, weight.shape, window) },
  ],
  vjp: ([g], [y, weight], { outputPadding: _, ...window }) => [
    bind(convOp, [g, weight], window)[0],
    weightGradient(g, y, weight.shape, window),
  ],
  onnx: (emit, operands, window, { inputs: [, weight], outputs: [x] }) => [
    lowerTransposed(emit, operands, window, weight.shape, x.shape),
  ],
  flops: ({ inputs: [y, weight] }) => products(y, weight),
  evaluate: ([y, weight], window, { outputs: [x] }) => {
    const out = referenceArray(x)
    eachProduct(x.shape, weight.shape, y.shape, window, (atX, atWeight, atY) => {
      out[atX]! += y.data[atY]! * weight.data[atWeight]!
    })
    return [out]
  },
}

const convWeightGradientOp: Op<[x: Value, g: Value], ConvWindow & { readonly kernel: Pair }> = {
  name: 'convWeightGradient',
  type: ([x, g], { kernel, groups }) => [
    { dtype: floatDtype([x, g]), shape: [g.shape[1]!, x.shape[1]! / groups, ...kernel] },
  ],
  vjp: ([h], [x, g], { kernel: _, ...window }) => [transposed(g, h, x.shape, window), bind(convOp, [x, h], window)[0]],
  onnx: (emit, operands, window, { inputs: [x, g], outputs: [weight] }) => [
    lowerWeightGradient(emit, operands, window, [x, g, weight]),
  ],
  flops: ({ inputs: [, g], outputs: [weight] }) => products(g, weight),
  scratch: ({ inputs: [x, g], outputs: [weight] }, window) => weightGradientScratch(window, [x, g, weight]),
  evaluate: ([x, g], window, { outputs: [weight] }) => {
    const out = referenceArray(weight)
    eachProduct(x.shape, weight.shape, g.shape, window, (atX, atWeight, atG) => {
      out[atWeight]! += x.data[atX]! * g.data[atG]!
    })
    return [out]
  },
}

/** The transposed convolution whose result has the shape of `x`. */
const transposed = (g: Value, weight: Value, x: Shape, window: ConvWindow): Value =>
  bind(convTransposeOp, [g, weight], { ...window, outputPadding: restOf(x, g.shape, weight.shape, window) })[0]

const weightGradient = (x: Value, g: Value, weight: Shape, window: ConvWindow): Value =>
  bind(convWeightGradientOp, [x, g], { ...window, kernel: spatial(weight) })[0]

const asImage = (x: Value): Value => reshape(x, imageShape(x.shape))

/** `y` without the axis that `asImage` gave to an x of this rank. */
const inRank = (rank: number, y: Value): Value => (rank === 3 ? reshape(y, [...y.shape.slice(0, 2), y.shape[3]!]) : y)

/**
 * Convolution (cross-correlation, as all frameworks have it): `y[n, o, p] = sum over i, k of x[n, i, p stride + k dilation
 * - padding] weight[o, i, k]`, zero beyond the ends of x; with groups, i runs over the channels of o's group.
 *
 * Shapes: x `[batch, in, height, width]` or `[batch, in, length]`, weight `[out, in / groups, ...kernel]` to `[batch, out,
 * ...]`, each spatial size becoming floor((size + 2 padding - dilation (kernel - 1) - 1) / stride) + 1. Throws ShapeError
 * where they do not fit. A primitive because composing it copies x once per element of the kernel.
 */
export function conv(x: Value, weight: Value, options: ConvOptions = {}): Value {
  const window = located('conv', [x, weight], () => convWindow(x.shape, weight.shape, options))
  return inRank(x.shape.length, bind(convOp, [asImage(x), asImage(weight)], window)[0])
}

/**
 * The adjoint of a convolution with the same weight and options: brings its results back to the sizes that it read.
 *
 * Shapes: y `[batch, in, height, width]` or `[batch, in, length]`, weight `[in, out / groups, ...kernel]` to `[batch, out,
 * ...]`, each spatial size becoming (size - 1) stride - 2 padding + dilation (kernel - 1) + 1 + outputPadding. Throws
 * ShapeError where they do not fit.
 *
 * Source: Zeiler et al. 2010, Deconvolutional Networks.
 */
export function convTranspose(y: Value, weight: Value, options: ConvTransposeOptions = {}): Value {
  const window = located('convTranspose', [y, weight], () => transposedWindow(y.shape, weight.shape, options))
  return inRank(y.shape.length, bind(convTransposeOp, [asImage(y), asImage(weight)], window)[0])
}

import type { Emit } from '../graph/emit.ts'
import { sameShape, type Shape, sizeOf, type TensorType } from '../tensor.ts'
import { lowerConv } from './convolution-lowering.ts'
import { type ConvWindow, reachOf, spatial } from './convolution-window.ts'
import { bytesOf } from './host.ts'
import type { Pair } from './pooling-window.ts'

const range = (count: number): number[] => [...Array(count).keys()]

const concat = (emit: Emit, parts: readonly string[], axis: number): string =>
  parts.length === 1 ? parts[0]! : emit.node('Concat', parts, { axis })

/** Rows and columns of an image from `begin` to before `end`. */
function cut(emit: Emit, x: string, size: Pair, begin: Pair, end: Pair, step: Pair = [1, 1]): string {
  if (begin[0] + begin[1] === 0 && sameShape(end, size) && sameShape(step, [1, 1])) return x
  return emit.node('Slice', [x, emit.ints(begin), emit.ints(end), emit.ints([2, 3]), emit.ints(step)])
}

/** One convolution in which batch and channels change places: `[in, batch, ...]` by `[out, batch, ...]`. */
function byConvolution(
  emit: Emit,
  [x, g]: readonly [string, string],
  window: ConvWindow,
  [shape, gShape, weight]: readonly [Shape, Shape, Shape],
): string {
  const { stride, padding, dilation, groups } = window
  const [batch, channels] = shape as [number, number]
  const size = spatial(shape)
  const out = spatial(gShape)
  const reach = reachOf(spatial(weight), window)
  const endOf = (axis: 0 | 1): number => (out[axis] - 1) * stride[axis] + reach[axis] + 1 - padding[axis]
  const read: Pair = [Math.min(size[0], endOf(0)), Math.min(size[1], endOf(1))]
  const used = cut(emit, x, size, [0, 0], read)
  const grouped = emit.node('Reshape', [used, emit.shape([batch, groups, channels / groups, ...read])])
  const swapped = emit.node('Transpose', [grouped], { perm: [2, 1, 0, 3, 4] })
  const images = emit.node('Reshape', [swapped, emit.shape([channels / groups, groups * batch, ...read])])
  const kernels = emit.node('Transpose', [g], { perm: [1, 0, 2, 3] })
  const inner = { stride: dilation, padding, dilation: stride, groups }
  const after: Pair = [endOf(0) - read[0], endOf(1) - read[1]]
  const [outs, ins, ...kernel] = weight as [number, number, number, number]
  const gradient = lowerConv(emit, [images, kernels], inner, [outs, batch, ...out], [ins, outs, ...kernel], after)
  return emit.node('Transpose', [gradient], { perm: [1, 0, 2, 3] })
}

/** `copies` of g below each other, zeros between them: as windows of that many rows see it. */
function stack(emit: Emit, g: string, { shape, dtype }: TensorType, copies: number, gap: number): string {
  const sizes = emit.shape([shape[0]!, shape[1]!, gap, shape[3]!])
  const zeros = (): string => emit.node('Expand', [emit.scalar(0, dtype), sizes])
  return concat(
    emit,
    range(copies).flatMap((copy) => (copy === 0 ? [g] : [zeros(), g])),
    2,
  )
}

/** With few channels the windows are gathered in one product; with few outputs g is stacked, and the windows are as high as x. */
function productPlan(
  { stride, groups }: ConvWindow,
  [outs, ins, ...kernel]: readonly [number, number, number, number],
) {
  const plain = groups === 1 && sameShape(stride, [1, 1])
  return { gathered: plain && ins < 8, copies: plain && ins >= 8 && outs < 64 ? kernel[0] : 1 }
}

/** Products of g and windows of x, summed over the batch: one window per element of the kernel. */
function byProducts(
  emit: Emit,
  [x, g]: readonly [string, string],
  window: ConvWindow,
  [shape, gType, weight]: readonly [Shape, TensorType, Shape],
): string {
  const { stride, padding, dilation, groups } = window
  const [batch, outs, ...out] = gType.shape as [number, number, number, number]
  const [, ins, ...kernel] = weight as [number, number, number, number]
  const { gathered, copies } = productPlan(window, [outs, ins, ...kernel])
  const padded: Pair = [shape[2]! + 2 * padding[0], shape[3]! + 2 * padding[1]]
  const rows = copies > 1 ? padded[0] : out[0]
  const area = rows * out[1]

  const [top, left] = padding
  const image = top + left === 0 ? x : emit.node('Pad', [x, emit.ints([0, 0, top, left, 0, 0, top, left])])
  const taps = range(sizeOf(kernel) / copies)
  const windows = taps.map((tap) => {
    const begin: Pair = [Math.floor(tap / kernel[1]) * dilation[0], (tap % kernel[1]) * dilation[1]]
    const end: Pair = [begin[0] + (rows - 1) * stride[0] + 1, begin[1] + (out[1] - 1) * stride[1] + 1]
    const part = cut(emit, image, padded, begin, end, stride)
    return emit.node('Reshape', [part, emit.shape([batch, groups, ins, area])])
  })
  const stacked = stack(emit, g, gType, copies, kernel[0] * dilation[0])
  const rowsOfG = emit.node('Reshape', [stacked, emit.shape([batch, groups, (outs / groups) * copies, area])])
  const sums = (gathered ? [concat(emit, windows, 2)] : windows).map((columns) => {
    const product = emit.node('MatMul', [rowsOfG, emit.node('Transpose', [columns], { perm: [0, 1, 3, 2] })])
    return emit.node('ReduceSum', [product, emit.ints([0])], { keepdims: 0 })
  })
  const all = emit.node('Reshape', [concat(emit, sums, 2), emit.ints([outs, copies, taps.length, ins])])
  const ordered = emit.node('Transpose', [all], { perm: [0, 3, 1, 2] })
  return emit.node('Reshape', [ordered, emit.ints(weight)])
}

const usesConvolution = ({ stride }: ConvWindow, weight: TensorType): boolean =>
  stride[0] * stride[1] > 1 && sizeOf(spatial(weight.shape)) > 1

/** Bytes that `lowerWeightGradient` holds at once, but for margins: both operands turned, or windows of x, stacked g and products. */
export function weightGradientScratch(
  window: ConvWindow,
  [x, g, weight]: readonly [TensorType, TensorType, TensorType],
): number {
  if (usesConvolution(window, weight)) return bytesOf(x) + bytesOf(g)
  const [outs, ins, ...kernel] = weight.shape as [number, number, number, number]
  const { gathered, copies } = productPlan(window, [outs, ins, ...kernel])
  const part = (x.shape[1]! / outs) * bytesOf(g)
  if (gathered) return 2 * sizeOf(kernel) * part
  const padded = window.padding[0] + window.padding[1] > 0 ? bytesOf(x) : 0
  const stacked = copies > 1 ? copies * bytesOf(g) : 0
  const products = 2 * x.shape[0]! * bytesOf({ ...weight, shape: [outs, ins, copies] })
  return padded + part + stacked + products
}

/** The fastest of what was measured (engine.md 1.3): a convolution for stride > 1, products of slices else. */
export function lowerWeightGradient(
  emit: Emit,
  operands: readonly [string, string],
  window: ConvWindow,
  [x, g, weight]: readonly [TensorType, TensorType, TensorType],
): string {
  return usesConvolution(window, weight)
    ? byConvolution(emit, operands, window, [x.shape, g.shape, weight.shape])
    : byProducts(emit, operands, window, [x.shape, g, weight.shape])
}

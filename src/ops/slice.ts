import { ShapeError } from '../errors.ts'
import type { Emit } from '../graph/emit.ts'
import { bind, located, type Op } from '../graph/op.ts'
import type { Value } from '../graph/value.ts'
import type { HostTensor, Shape, TensorData, TensorType } from '../tensor.ts'
import { filled } from './constant.ts'
import { isCount, referenceArray, resolveAxis, stridesOf, walk } from './host.ts'
import { packing } from './move.ts'

interface Window {
  readonly starts: readonly number[]
  readonly sizes: readonly number[]
}

/** Copies the window of `x` that begins at `starts` into an array of `type`. */
function cut(x: HostTensor, starts: readonly number[], type: TensorType): TensorData {
  const out = referenceArray(type)
  const strides = stridesOf(x.shape)
  const first = starts.reduce((total, start, axis) => total + start * strides[axis]!, 0)
  walk(type.shape, strides, (offset, position) => {
    out[position] = x.data[first + offset]!
  })
  return out
}

/** One axis of a window by Split, which WebGPU has for int32; its Slice takes floats only and would fall back to the CPU. */
function splitOff(emit: Emit, x: string, axis: number, shape: Shape, { starts, sizes }: Window): string {
  const start = starts[axis]!
  const size = sizes[axis]!
  const rest = shape[axis]! - start - size
  const parts = [...(start > 0 ? [start] : []), size, ...(rest > 0 ? [rest] : [])]
  return emit.nodes('Split', [x, emit.ints(parts)], parts.length, { axis })[start > 0 ? 1 : 0]!
}

const sliceOp: Op<[x: Value], Window> = {
  name: 'slice',
  flops: () => 0,
  type: ([x], { starts, sizes }) => {
    const fits = x.shape.every((size, axis) => {
      const start = starts[axis]!
      const count = sizes[axis]!
      return isCount(start) && isCount(count) && start + count <= size
    })
    if (!fits || starts.length !== x.shape.length || sizes.length !== x.shape.length) {
      throw new ShapeError(`window of [${sizes.join(', ')}] at [${starts.join(', ')}] leaves [${x.shape.join(', ')}]`)
    }
    return [{ dtype: x.dtype, shape: sizes }]
  },
  vjp: ([g], [x], { starts, sizes }) => [
    pad(
      g,
      starts,
      x.shape.map((size, axis) => size - starts[axis]! - sizes[axis]!),
    ),
  ],
  onnx: (emit, [x], { starts, sizes }, { inputs: [type] }) => {
    const axes = type.shape.flatMap((full, axis) => (sizes[axis] === full ? [] : [axis]))
    if (axes.length === 0) return [emit.node('Identity', [x])]
    if (emit.target === 'webgpu' && type.dtype === 'int32') {
      return [axes.reduce((part, axis) => splitOff(emit, part, axis, type.shape, { starts, sizes }), x)]
    }
    const begin = axes.map((axis) => starts[axis]!)
    const end = axes.map((axis, i) => begin[i]! + sizes[axis]!)
    const { pack, unpack } = packing(emit, type.dtype)
    return [unpack(emit.node('Slice', [pack(x), emit.ints(begin), emit.ints(end), emit.ints(axes)]))]
  },
  evaluate: ([x], { starts }, { outputs: [type] }) => [cut(x, starts, type)],
}

/** The window of `sizes` that begins at `starts`, one entry per axis. */
export const slice = (x: Value, starts: readonly number[], sizes: readonly number[]): Value =>
  bind(sliceOp, [x], { starts, sizes })[0]

/** The part `[start, start + size)` of one axis. */
export function sliceAxis(x: Value, axis: number, start: number, size: number): Value {
  const at = located('slice', [x], () => resolveAxis(axis, x.shape.length))
  return slice(
    x,
    x.shape.map((_, i) => (i === at ? start : 0)),
    x.shape.map((full, i) => (i === at ? size : full)),
  )
}

const padOp: Op<[x: Value], { before: readonly number[]; after: readonly number[] }> = {
  name: 'pad',
  flops: () => 0,
  type: ([x], { before, after }) => {
    if (before.length !== x.shape.length || after.length !== x.shape.length || ![...before, ...after].every(isCount)) {
      throw new ShapeError(
        `[${before.join(', ')}] before and [${after.join(', ')}] after do not fit rank ${x.shape.length}`,
      )
    }
    const shape = x.shape.map((size, axis) => size + before[axis]! + after[axis]!)
    return [{ dtype: x.dtype, shape }]
  },
  vjp: ([g], [x], { before }) => [slice(g, before, x.shape)],
  onnx: (emit, [x], { before, after }, { inputs: [{ dtype }] }) => {
    const { pack, unpack } = packing(emit, dtype)
    return [unpack(emit.node('Pad', [pack(x), emit.ints([...before, ...after])], { mode: 'constant' }))]
  },
  evaluate: ([x], { before }, { outputs: [type] }) => {
    const out = referenceArray(type)
    const strides = stridesOf(type.shape)
    const first = before.reduce((total, start, axis) => total + start * strides[axis]!, 0)
    walk(x.shape, strides, (offset, position) => {
      out[first + offset] = x.data[position]!
    })
    return [out]
  },
}

/** Zeros before and after, one count per axis. */
export const pad = (x: Value, before: readonly number[], after: readonly number[]): Value =>
  bind(padOp, [x], { before, after })[0]

/** Starts of consecutive parts of these sizes. */
const partStarts = (sizes: readonly number[]): number[] =>
  sizes.map((_, i) => sizes.slice(0, i).reduce((total, size) => total + size, 0))

const concatOp: Op<readonly Value[], { axis: number }> = {
  name: 'concat',
  flops: () => 0,
  type: (types, { axis }) => {
    const [first] = types
    if (first === undefined) throw new ShapeError('expected at least one part')
    const at = resolveAxis(axis, first.shape.length)
    const fits = (shape: Shape): boolean =>
      shape.length === first.shape.length && shape.every((size, i) => i === at || size === first.shape[i])
    if (types.some((type) => type.dtype !== first.dtype || !fits(type.shape))) {
      throw new ShapeError(`parts must agree in dtype and in every axis but ${at}`)
    }
    const total = types.reduce((size, type) => size + type.shape[at]!, 0)
    return [{ dtype: first.dtype, shape: first.shape.map((size, i) => (i === at ? total : size)) }]
  },
  vjp: ([g], parts, { axis }) =>
    split(
      g,
      axis,
      parts.map((part) => part.shape[resolveAxis(axis, g.shape.length)]!),
    ),
  onnx: (emit, parts, { axis }, { outputs: [{ dtype }] }) => {
    const { pack, unpack } = packing(emit, dtype)
    return [unpack(emit.node('Concat', parts.map(pack), { axis }))]
  },
  evaluate: (parts, { axis }, { outputs: [type] }) => {
    const out = referenceArray(type)
    const strides = stridesOf(type.shape)
    const at = resolveAxis(axis, type.shape.length)
    let first = 0
    for (const part of parts) {
      walk(part.shape, strides, (offset, position) => {
        out[first + offset] = part.data[position]!
      })
      first += part.shape[at]! * strides[at]!
    }
    return [out]
  },
}

/** Joins parts along an axis. */
export const concat = (parts: readonly Value[], axis: number): Value => bind(concatOp, parts, { axis })[0]

const splitOp: Op<[x: Value], { axis: number; sizes: readonly number[] }, readonly Value[]> = {
  name: 'split',
  flops: () => 0,
  type: ([x], { axis, sizes }) => {
    const at = resolveAxis(axis, x.shape.length)
    const total = sizes.reduce((sum, size) => sum + size, 0)
    if (total !== x.shape[at] || !sizes.every(isCount)) {
      throw new ShapeError(`parts [${sizes.join(', ')}] sum to ${total}, axis ${at} has ${x.shape[at]}`)
    }
    return sizes.map((part) => ({ dtype: x.dtype, shape: x.shape.map((size, i) => (i === at ? part : size)) }))
  },
  simplify: ([x], { sizes }) => (sizes.length === 1 ? [x] : null),
  vjp: (gradients, _, { axis }, outputs) => [
    concat(
      outputs.map((part, i) => gradients[i] ?? filled(0, part.shape, part.dtype)),
      axis,
    ),
  ],
  onnx: (emit, [x], { axis, sizes }, { inputs: [{ dtype }] }) => {
    const { pack, unpack } = packing(emit, dtype)
    return emit.nodes('Split', [pack(x), emit.ints(sizes)], sizes.length, { axis }).map(unpack)
  },
  evaluate: ([x], { axis, sizes }, { outputs }) => {
    const at = resolveAxis(axis, x.shape.length)
    const starts = partStarts(sizes)
    return outputs.map((type, i) =>
      cut(
        x,
        x.shape.map((_, j) => (j === at ? starts[i]! : 0)),
        type,
      ),
    )
  },
}

/** Parts of the given sizes along an axis. */
export const split = (x: Value, axis: number, sizes: readonly number[]): readonly Value[] =>
  bind(splitOp, [x], { axis, sizes })

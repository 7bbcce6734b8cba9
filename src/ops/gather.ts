import { DataError, ShapeError } from '../errors.ts'
import { type Emit, onnxType } from '../graph/emit.ts'
import { bind, type Op } from '../graph/op.ts'
import type { Value } from '../graph/value.ts'
import { type HostTensor, sameShape, type Shape, sizeOf, tensor, type TensorType } from '../tensor.ts'
import { broadcastTo } from './broadcast.ts'
import { scalar } from './constant.ts'
import { floatDtype, isCount, referenceArray } from './host.ts'
import { packing } from './move.ts'

function needIndices(type: TensorType): void {
  if (type.dtype !== 'int32') throw new ShapeError(`indices must be int32, got ${type.dtype}`)
}

/** Index `i`, checked: the devices give garbage or abort where the reference must speak. */
function indexAt(indices: HostTensor, i: number, bound: number): number {
  const index = indices.data[i]!
  if (index < 0 || index >= bound) throw new DataError(`index: expected 0 to ${bound - 1}, got ${index} at place ${i}`)
  return index
}

const gatherOp: Op<[table: Value, indices: Value]> = {
  name: 'gather',
  flops: () => 0,
  type: ([table, indices]) => {
    needIndices(indices)
    if (table.shape.length === 0) throw new ShapeError('the table needs at least one axis')
    return [{ dtype: table.dtype, shape: [...indices.shape, ...table.shape.slice(1)] }]
  },
  vjp: ([g], [table, indices]) => [scatterAdd(g, indices, table.shape[0]!), null],
  onnx: (emit, [table, indices]) => [emit.node('Gather', [table, indices], { axis: 0 })],
  evaluate: ([table, indices], _, { outputs: [type] }) => {
    const out = referenceArray(type)
    const width = sizeOf(table.shape.slice(1))
    for (let i = 0; i < indices.data.length; i++) {
      const row = indexAt(indices, i, table.shape[0]!)
      out.set(table.data.subarray(row * width, (row + 1) * width), i * width)
    }
    return [out]
  },
}

/** Rows of a table by index. Shapes: table `[rows, ...rest]`, indices (int32) `[...lead]` to `[...lead, ...rest]`. */
export const gather = (table: Value, indices: Value): Value => bind(gatherOp, [table, indices], {})[0]

/** Rows up to which a one-hot product beats ScatterElements (engine.md 1.3: 1.9 against 8.3 ms at 65 rows). */
const oneHotRows = 300

const scatterAddOp: Op<[updates: Value, indices: Value], { rows: number }> = {
  name: 'scatterAdd',
  flops: ({ inputs: [updates] }) => sizeOf(updates.shape),
  scratch: ({ inputs: [updates, indices] }, { rows }) =>
    rows <= oneHotRows ? 4 * rows * sizeOf(indices.shape) : 12 * sizeOf(updates.shape), // the places, as int32 and as int64
  type: ([updates, indices], { rows }) => {
    needIndices(indices)
    if (!isCount(rows)) throw new ShapeError(`a table cannot have ${rows} rows`)
    const first = updates.shape.slice(0, indices.shape.length)
    if (!sameShape(first, indices.shape)) {
      throw new ShapeError(
        `updates [${updates.shape.join(', ')}] must begin with the axes of indices [${indices.shape.join(', ')}]`,
      )
    }
    return [{ dtype: floatDtype([updates]), shape: [rows, ...updates.shape.slice(first.length)] }]
  },
  vjp: ([g], [, indices]) => [gather(g, indices), null],
  onnx: (emit, [updates, indices], { rows }, { inputs: [type, indexType], outputs: [out] }) => {
    const count = sizeOf(indexType.shape)
    const width = sizeOf(type.shape) / count
    const flat = emit.node('Reshape', [updates, emit.shape([count, width])])
    const column = emit.node('Reshape', [indices, emit.shape([count, 1])])
    let table: string
    if (rows <= oneHotRows) {
      const all = emit.tensor(
        tensor(
          Int32Array.from({ length: rows }, (_, row) => row),
          [1, rows],
        ),
      )
      const hot = emit.node('Cast', [emit.node('Equal', [column, all])], { to: onnxType[out.dtype] })
      table = emit.node('Gemm', [hot, flat], { transA: 1 })
    } else {
      const zeros = emit.node('Expand', [emit.scalar(0, out.dtype), emit.ints([rows, width])])
      const places = emit.node('Expand', [column, emit.ints([1, width])])
      table = emit.node('ScatterElements', [zeros, places, flat], { axis: 0, reduction: 'add' }) // ScatterND(add) loses updates, engine.md 1.1
    }
    return [emit.node('Reshape', [table, emit.shape(out.shape)])]
  },
  evaluate: ([updates, indices], { rows }, { outputs: [type] }) => {
    const out = referenceArray(type)
    const width = sizeOf(type.shape) / rows
    for (let i = 0; i < indices.data.length; i++) {
      const row = indexAt(indices, i, rows)
      for (let j = 0; j < width; j++) {
        out[row * width + j] = out[row * width + j]! + updates.data[i * width + j]!
      }
    }
    return [out]
  },
}

/** A table of `rows` rows, zero but for the updates added at their indices; repeated indices add up. */
export const scatterAdd = (updates: Value, indices: Value, rows: number): Value =>
  bind(scatterAddOp, [updates, indices], { rows })[0]

/** Offsets into `[..., width]` of one index per row. */
export function lastAxisPlaces(indices: HostTensor, width: number): Int32Array {
  return Int32Array.from({ length: indices.data.length }, (_, row) => row * width + indexAt(indices, row, width))
}

const lead = (shape: Shape): Shape => shape.slice(0, -1)

/** takeLast by Gather, which WebGPU has for int32; its GatherElements takes floats only and would fall back to the CPU. */
function takeFlat(emit: Emit, x: string, indices: string, shape: Shape): string {
  const width = shape.at(-1)!
  const rows = sizeOf(lead(shape))
  const starts = tensor(Int32Array.from({ length: rows }, (_, row) => row * width))
  const places = emit.node('Add', [emit.node('Reshape', [indices, emit.shape([rows])]), emit.tensor(starts)])
  const taken = emit.node('Gather', [emit.node('Reshape', [x, emit.shape([rows * width])]), places], { axis: 0 })
  return emit.node('Reshape', [taken, emit.shape(lead(shape))])
}

const takeLastOp: Op<[x: Value, indices: Value]> = {
  name: 'takeLast',
  flops: () => 0,
  type: ([x, indices]) => {
    needIndices(indices)
    if (lead(x.shape).join() !== indices.shape.join() || x.shape.length === 0) {
      throw new ShapeError(
        `indices [${indices.shape.join(', ')}] must be [${x.shape.join(', ')}] without the last axis`,
      )
    }
    return [{ dtype: x.dtype, shape: indices.shape }]
  },
  vjp: ([g], [x, indices]) => [addOneHot(broadcastTo(scalar(0, x.dtype), x.shape), indices, g), null],
  onnx: (emit, [x, indices], _, { inputs: [type, { shape }] }) => {
    if (emit.target === 'webgpu' && type.dtype === 'int32') return [takeFlat(emit, x, indices, type.shape)]
    const { pack, unpack } = packing(emit, type.dtype)
    const column = emit.node('Reshape', [indices, emit.shape([...shape, 1])])
    const taken = emit.node('GatherElements', [pack(x), column], { axis: shape.length })
    return [unpack(emit.node('Reshape', [taken, emit.shape(shape)]))]
  },
  evaluate: ([x, indices], _, { outputs: [type] }) => {
    const out = referenceArray(type)
    lastAxisPlaces(indices, x.shape.at(-1)!).forEach((place, row) => {
      out[row] = x.data[place]!
    })
    return [out]
  },
}

/** One element of the last axis per row. Shapes: x `[..., n]`, indices (int32) `[...]` to `[...]`. */
export const takeLast = (x: Value, indices: Value): Value => bind(takeLastOp, [x, indices], {})[0]

const oneHotOp: Op<[indices: Value], { size: number }> = {
  name: 'oneHot',
  flops: () => 0,
  type: ([indices], { size }) => {
    needIndices(indices)
    if (!isCount(size)) throw new ShapeError(`a row cannot have ${size} elements`)
    return [{ dtype: 'float32', shape: [...indices.shape, size] }]
  },
  vjp: null,
  onnx: (emit, [indices], { size }, { inputs: [type] }) => {
    const column = emit.node('Reshape', [indices, emit.shape([...type.shape, 1])])
    const all = emit.tensor(tensor(Int32Array.from({ length: size }, (_, i) => i)))
    return [emit.node('Cast', [emit.node('Equal', [column, all])], { to: 1 })]
  },
  evaluate: ([indices], { size }, { outputs: [type] }) => {
    const out = referenceArray(type)
    indices.data.forEach((index, row) => {
      if (index >= 0 && index < size) out[row * size + index] = 1
    })
    return [out]
  },
}

/** 1 at each index, 0 elsewhere; an index outside `[0, size)` gives a row of zeros. Shapes: `[...]` to float32 `[..., size]`. */
export const oneHot = (indices: Value, size: number): Value => bind(oneHotOp, [indices], { size })[0]

const addOneHotOp: Op<[x: Value, indices: Value, updates: Value]> = {
  name: 'addOneHot',
  flops: ({ inputs: [, , updates] }) => sizeOf(updates.shape),
  type: ([x, indices, updates]) => {
    needIndices(indices)
    const dtype = floatDtype([x, updates])
    if (lead(x.shape).join() !== indices.shape.join() || updates.shape.join() !== indices.shape.join()) {
      throw new ShapeError(
        `indices [${indices.shape.join(', ')}] and updates [${updates.shape.join(', ')}] must be [${x.shape.join(', ')}] without the last axis`,
      )
    }
    return [{ dtype, shape: x.shape }]
  },
  vjp: ([g], [, indices]) => [g, null, takeLast(g, indices)],
  onnx: (emit, [x, indices, updates], _, { inputs: [type, { shape }] }) => {
    const column = emit.shape([...shape, 1])
    const places = emit.node('Reshape', [indices, column])
    const attrs = { axis: type.shape.length - 1, reduction: 'add' }
    return [emit.node('ScatterElements', [x, places, emit.node('Reshape', [updates, column])], attrs)]
  },
  evaluate: ([x, indices, updates]) => {
    const out = Float64Array.from(x.data)
    lastAxisPlaces(indices, x.shape.at(-1)!).forEach((place, row) => {
      out[place] = out[place]! + updates.data[row]!
    })
    return [out]
  },
}

/** `x + update * onehot(index)` per row of the last axis. Shapes: x `[..., n]`, indices (int32) and updates `[...]` to `[..., n]`. */
export const addOneHot = (x: Value, indices: Value, updates: Value): Value =>
  bind(addOneHotOp, [x, indices, updates], {})[0]

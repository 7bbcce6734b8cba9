import { ShapeError } from '../errors.ts'
import type { Emit } from '../graph/emit.ts'
import { bind, type Op, type Types } from '../graph/op.ts'
import type { Value } from '../graph/value.ts'
import { type HostTensor, sizeOf, type TensorType } from '../tensor.ts'
import { add, div, mul, sub } from './arithmetic.ts'
import { sum } from './broadcast.ts'
import { bytesOf, floatDtype, referenceArray, rowOf } from './host.ts'
import { reshape } from './reshape.ts'
import { exp } from './unary.ts'
import { addOneHot, lastAxisPlaces } from './gather.ts'

/** The largest element of a row and the sum of `exp(x - top)`: exact where `exp(x)` would overflow. */
function shiftedSum(values: Float64Array): { top: number; total: number } {
  const top = values.reduce((a, b) => Math.max(a, b), -Infinity)
  return { top, total: values.reduce((sum, value) => sum + Math.exp(value - top), 0) }
}

/** `f(x_i - top, sum exp(x - top))` for every element, row by row. */
function mapRows(x: HostTensor, out: Float64Array, f: (shifted: number, total: number) => number): Float64Array {
  const width = x.shape.at(-1)!
  for (let start = 0; start < out.length; start += width) {
    const values = rowOf(x, start / width)
    const { top, total } = shiftedSum(values)
    values.forEach((value, i) => (out[start + i] = f(value - top, total)))
  }
  return out
}

function rowsType(x: TensorType): TensorType {
  if (x.shape.length === 0) throw new ShapeError('expected at least one axis, got a scalar')
  return { dtype: floatDtype([x]), shape: x.shape }
}

/** Maximum, difference, exponential, sum, and quotient or second difference. */
const rowFlops = ({ inputs: [x] }: Types<[x: Value], [y: Value]>): number => 5 * sizeOf(x.shape)

const softmaxOp: Op<[x: Value]> = {
  name: 'softmax',
  type: ([x]) => [rowsType(x)],
  vjp: ([g], _, __, [y]) => {
    const weighted = mul(g, y)
    return [sub(weighted, mul(y, sum(weighted, [-1], true)))]
  },
  onnx: (emit, [x]) => [emit.node('Softmax', [x], { axis: -1 })],
  flops: rowFlops,
  evaluate: ([x], _, { outputs: [type] }) => [
    mapRows(x, referenceArray(type) as Float64Array, (a, total) => Math.exp(a) / total),
  ],
}

/** `exp(x) / sum exp(x)` over the last axis. */
export const softmax = (x: Value): Value => bind(softmaxOp, [x], {})[0]

const logSoftmaxOp: Op<[x: Value]> = {
  name: 'logSoftmax',
  flops: rowFlops,
  type: ([x]) => [rowsType(x)],
  vjp: ([g], _, __, [y]) => [sub(g, mul(exp(y), sum(g, [-1], true)))],
  onnx: (emit, [x]) => {
    if (emit.target === 'cpu') return [emit.node('LogSoftmax', [x], { axis: -1 })]
    const shifted = emit.node('Sub', [x, emit.node('ReduceMax', [x, emit.ints([-1])], { keepdims: 1 })])
    const total = emit.node('ReduceSum', [emit.node('Exp', [shifted]), emit.ints([-1])], { keepdims: 1 })
    return [emit.node('Sub', [shifted, emit.node('Log', [total])])]
  },
  evaluate: ([x], _, { outputs: [type] }) => [
    mapRows(x, referenceArray(type) as Float64Array, (a, total) => a - Math.log(total)),
  ],
}

/** `x - log sum exp(x)` over the last axis, without overflow. */
export const logSoftmax = (x: Value): Value => bind(logSoftmaxOp, [x], {})[0]

/**
 * Shifted logits, not below -46: probabilities under 1e-20 would make the whole backward pass of a saturated net compute
 * with denormals, which cost up to 17x (engine.md 2.5). Left out where the head is so wide that the pass would count.
 */
function floored(emit: Emit, shifted: string, { dtype, shape }: TensorType): string {
  return shape.at(-1)! <= 4096 ? emit.node('Max', [shifted, emit.scalar(-46, dtype)]) : shifted
}

type CrossEntropy = [loss: Value, logSumExp: Value, exponentials: Value, total: Value]

const crossEntropyOp: Op<[logits: Value, classes: Value], object, CrossEntropy> = {
  name: 'softmaxCrossEntropy',
  type: ([logits, classes]) => {
    const dtype = floatDtype([logits])
    const lead = logits.shape.slice(0, -1)
    if (lead.join() !== classes.shape.join() || logits.shape.length === 0 || classes.dtype !== 'int32') {
      throw new ShapeError(
        `targets ${classes.dtype}[${classes.shape.join(', ')}] must be int32 logits [${logits.shape.join(', ')}] without the last axis; pass class indices, not one-hot rows`,
      )
    }
    const row = { dtype, shape: classes.shape }
    return [row, row, { dtype, shape: logits.shape }, { dtype, shape: [...lead, 1] }]
  },
  // d loss / dx = e / total - onehot, d logSumExp / dx = e / total; the row maximum cancels, so e and total are
  // differentiated as if it were constant: de/dx = e, dtotal/dx = e
  vjp: ([g, gLog, gExponentials, gTotal], [, classes], _, [, , exponentials, total]) => {
    const column = (value: Value): Value => reshape(value, total.shape)
    const scales = [g, gLog].flatMap((value) => (value === null ? [] : [div(column(value), total)]))
    const factors = [...scales, ...[gTotal, gExponentials].filter((value) => value !== null)]
    if (factors.length === 0) return [null, null]
    const smooth = mul(
      exponentials,
      factors.reduce((sum, factor) => add(sum, factor)),
    )
    return [g === null ? smooth : addOneHot(smooth, classes, mul(g, -1)), null]
  },
  onnx: (emit, [logits, classes], _, { inputs: [type, { shape }] }) => {
    const axis = emit.ints([-1])
    const column = emit.shape([...shape, 1])
    const top = emit.node('ReduceMax', [logits, axis], { keepdims: 1 })
    const exponentials = emit.node('Exp', [floored(emit, emit.node('Sub', [logits, top]), type)])
    const total = emit.node('ReduceSum', [exponentials, axis], { keepdims: 1 })
    const rest = emit.node('Log', [total])
    const hit = emit.node('GatherElements', [logits, emit.node('Reshape', [classes, column])], {
      axis: type.shape.length - 1,
    })
    const loss = emit.node('Sub', [rest, emit.node('Sub', [hit, top])]) // top + rest - hit would round away a small loss
    const flat = emit.shape(shape)
    const logSumExp = emit.node('Reshape', [emit.node('Add', [top, rest]), flat])
    return [emit.node('Reshape', [loss, flat]), logSumExp, exponentials, total]
  },
  flops: ({ inputs: [logits] }) => 4 * sizeOf(logits.shape), // maximum, difference, exponential, sum
  scratch: ({ inputs: [logits] }) => bytesOf(logits),
  evaluate: ([logits, classes], _, { outputs }) => {
    const [losses, logs, exponentials, totals] = outputs.map(referenceArray) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ]
    const width = logits.shape.at(-1)!
    lastAxisPlaces(classes, width).forEach((place, row) => {
      const { top, total } = shiftedSum(rowOf(logits, row))
      losses[row] = Math.log(total) - (logits.data[place]! - top)
      logs[row] = top + Math.log(total)
      totals[row] = total
      for (let i = row * width; i < (row + 1) * width; i++) exponentials[i] = Math.exp(logits.data[i]! - top)
    })
    return [losses, logs, exponentials, totals]
  },
}

/**
 * Cross-entropy of class indices under softmax, per row: `log sum exp(x) - x[class]`, in nats. A primitive so that the
 * exponentials of the forward pass serve the gradient `exponentials / total - onehot`.
 *
 * Shapes: logits `[..., classes]`, classes (int32) `[...]` to losses and logSumExp `[...]`.
 */
export function softmaxCrossEntropy(logits: Value, classes: Value): [loss: Value, logSumExp: Value] {
  const [loss, logSumExp] = bind(crossEntropyOp, [logits, classes], {})
  return [loss, logSumExp]
}

import { ShapeError } from '../errors.ts'
import { float } from '../graph/emit.ts'
import { bind, type Op } from '../graph/op.ts'
import type { Value } from '../graph/value.ts'
import { sameShape, sizeOf, type TensorType } from '../tensor.ts'
import { add, mul, sub } from './arithmetic.ts'
import { broadcastTo } from './broadcast.ts'
import { filled } from './constant.ts'
import { floatDtype, referenceArray, rowOf } from './host.ts'
import { matMul, rowsOf } from './matmul.ts'
import { reshape } from './reshape.ts'

interface Epsilon {
  /** Added to the variance or mean square; same unit as x^2. */
  readonly epsilon: number
}

const rowType = (x: TensorType): TensorType => ({ dtype: x.dtype, shape: [...x.shape.slice(0, -1), 1] })

function needVector(name: string, vector: TensorType, x: TensorType): void {
  if (x.shape.length === 0 || !sameShape(vector.shape, x.shape.slice(-1))) {
    throw new ShapeError(`${name} [${vector.shape.join(', ')}] must be the last axis of [${x.shape.join(', ')}]`)
  }
}

/** Dot product of every row of `x` `[..., d]` with `vector` `[d]`: `[..., 1]`. */
function dotRows(x: Value, vector: Value): Value {
  const [rows, width] = rowsOf(x.shape)
  return reshape(matMul(reshape(x, [rows, width]), reshape(vector, [width, 1])), rowType(x.type).shape)
}

/**
 * Sum of the rows of `x` `[..., d]`, each times its weight `[..., 1]`, by default 1: `[d]`. A matrix product, because that
 * uses all threads, which ReduceSum over leading axes does not (2.4 against 6.2 ms at [8192, 1024] on two).
 */
export function sumRows(x: Value, weights?: Value): Value {
  const [rows, width] = rowsOf(x.shape)
  const row = weights === undefined ? filled(1, [1, rows], x.dtype) : reshape(weights, [1, rows])
  return reshape(matMul(row, reshape(x, [rows, width])), [width])
}

type Normalized = [y: Value, mean: Value, inverse: Value]

const layerNormOp: Op<[x: Value, gain: Value, bias: Value], Epsilon, Normalized> = {
  name: 'layerNorm',
  type: ([x, gain, bias]) => {
    floatDtype([x, gain, bias])
    needVector('gain', gain, x)
    needVector('bias', bias, x)
    return [x, rowType(x), rowType(x)]
  },
  // With h = (x - mu) s:  dx = s (g*gain - mean(g*gain) - h mean(g*gain*h));  dmu/dx = 1/d;  ds/dx = -s^2 h / d.
  // All four sums are matrix products that only read g or g*(x - mu): seven passes that write, where the plain form has nine.
  vjp: ([g, gMean, gInverse], [x, gain], _, [, mu, inverse]) => {
    const width = x.shape.at(-1)!
    const centred = sub(x, mu)
    const product = g && mul(g, centred)
    let dx: Value | null = null
    if (g !== null && product !== null) {
      const share = mul(gain, 1 / width)
      const slope = mul(mul(inverse, inverse), dotRows(product, share))
      dx = mul(sub(sub(mul(g, gain), dotRows(g, share)), mul(centred, slope)), inverse)
    }
    if (gMean !== null) dx = plus(dx, mul(gMean, 1 / width), x)
    if (gInverse !== null) dx = plus(dx, mul(mul(gInverse, cube(inverse)), mul(centred, -1 / width)), x)
    return [dx, product && sumRows(product, inverse), g && sumRows(g)]
  },
  onnx: (emit, inputs, { epsilon }) => {
    const [y, mu, inverse] = emit.nodes('LayerNormalization', inputs, 3, { axis: -1, epsilon: float(epsilon) })
    return [y!, mu!, inverse!]
  },
  flops: ({ inputs: [x] }) => 7 * sizeOf(x.shape), // mean, centred, mean square (2), scaled, gain, bias
  evaluate: ([x, gain, bias], { epsilon }, { outputs }) => {
    const [y, means, inverses] = outputs.map(referenceArray) as [Float64Array, Float64Array, Float64Array]
    const width = x.shape.at(-1)!
    for (let row = 0; row < means.length; row++) {
      const values = rowOf(x, row)
      const mu = values.reduce((total, value) => total + value, 0) / width
      const variance = values.reduce((total, value) => total + (value - mu) ** 2, 0) / width
      const inverse = 1 / Math.sqrt(variance + epsilon)
      means[row] = mu
      inverses[row] = inverse
      values.forEach((value, i) => {
        y[row * width + i] = (value - mu) * inverse * gain.data[i]! + bias.data[i]!
      })
    }
    return [y, means, inverses]
  },
}

const cube = (x: Value): Value => mul(mul(x, x), x)

/** `total + term`, or the term alone in the full shape of `like`. */
function plus(total: Value | null, term: Value, like: Value): Value {
  return total === null ? broadcastTo(term, like.shape) : add(total, term)
}

/**
 * Layer normalisation over the last axis: `(x - mean) / sqrt(var + epsilon) * gain + bias`, population variance.
 *
 * Shapes: x `[..., d]`, gain and bias `[d]` to y `[..., d]`, mean and 1/sqrt(var + epsilon) `[..., 1]`. A primitive
 * because one kernel does it, and keeps the statistics that the gradient needs.
 *
 * Source: Ba, Kiros & Hinton 2016, arXiv:1607.06450.
 */
export const layerNorm = (x: Value, gain: Value, bias: Value, epsilon = 1e-5): Normalized =>
  bind(layerNormOp, [x, gain, bias], { epsilon })

const rmsNormOp: Op<[x: Value, gain: Value], Epsilon, [y: Value, inverse: Value]> = {
  name: 'rmsNorm',
  type: ([x, gain]) => {
    floatDtype([x, gain])
    needVector('gain', gain, x)
    return [x, rowType(x)]
  },
  // With h = x s:  dx = s (g*gain - h mean(g*gain*h));  ds/dx = -s^2 h / d. Sums as in layerNorm.
  vjp: ([g, gInverse], [x, gain], _, [, inverse]) => {
    const width = x.shape.at(-1)!
    const gx = g && mul(g, x)
    let dx: Value | null = null
    if (g !== null && gx !== null) {
      const slope = mul(cube(inverse), dotRows(gx, mul(gain, 1 / width)))
      dx = sub(mul(mul(g, gain), inverse), mul(x, slope))
    }
    if (gInverse !== null) dx = plus(dx, mul(mul(gInverse, cube(inverse)), mul(x, -1 / width)), x)
    return [dx, gx && sumRows(gx, inverse)]
  },
  onnx: (emit, [x, gain], { epsilon }, { inputs: [{ dtype }] }) => {
    if (emit.target === 'cpu' && dtype === 'float32') {
      const attrs = { axis: -1, epsilon: float(epsilon), stash_type: 1 }
      const [y, inverse] = emit.nodes('SimplifiedLayerNormalization', [x, gain], 2, attrs)
      return [y!, inverse!]
    }
    const square = emit.node('ReduceMean', [emit.node('Mul', [x, x]), emit.ints([-1])], { keepdims: 1 })
    const root = emit.node('Sqrt', [emit.node('Add', [square, emit.scalar(epsilon, dtype)])])
    const inverse = emit.node('Div', [emit.scalar(1, dtype), root])
    return [emit.node('Mul', [emit.node('Mul', [x, inverse]), gain]), inverse]
  },
  flops: ({ inputs: [x] }) => 4 * sizeOf(x.shape), // mean square (2), scaled, gain
  evaluate: ([x, gain], { epsilon }, { outputs }) => {
    const [y, inverses] = outputs.map(referenceArray) as [Float64Array, Float64Array]
    const width = x.shape.at(-1)!
    for (let row = 0; row < inverses.length; row++) {
      const values = rowOf(x, row)
      const inverse = 1 / Math.sqrt(values.reduce((total, value) => total + value * value, 0) / width + epsilon)
      inverses[row] = inverse
      values.forEach((value, i) => {
        y[row * width + i] = value * inverse * gain.data[i]!
      })
    }
    return [y, inverses]
  },
}

/**
 * Root-mean-square normalisation over the last axis: `x / sqrt(mean(x^2) + epsilon) * gain`.
 *
 * Shapes: x `[..., d]`, gain `[d]` to y `[..., d]` and 1/sqrt(mean(x^2) + epsilon) `[..., 1]`.
 *
 * Source: Zhang & Sennrich 2019, arXiv:1910.07467.
 */
export const rmsNorm = (x: Value, gain: Value, epsilon = 1e-5): [y: Value, inverse: Value] =>
  bind(rmsNormOp, [x, gain], { epsilon })

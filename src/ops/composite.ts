import type { Value } from '../graph/value.ts'
import { add, mul, neg, sub } from './arithmetic.ts'
import { equal, greater, where } from './compare.ts'
import { gemm, matMul, rowsOf } from './matmul.ts'
import { mean } from './reduce.ts'
import { reshape } from './reshape.ts'
import { abs, exp, log, sigmoid, tanh } from './unary.ts'

/** `x^2`. */
export const square = (x: Value): Value => mul(x, x)

/** `x sigmoid(x)`, also called swish. Source: Elfwing, Uchibe & Doya 2017, arXiv:1702.03118. */
export const silu = (x: Value): Value => mul(x, sigmoid(x))

/** The tanh approximation of GELU, as GPT-2 uses it. Source: Hendrycks & Gimpel 2016, arXiv:1606.08415. */
export function geluTanh(x: Value): Value {
  const inner = mul(add(x, mul(mul(square(x), x), 0.044715)), Math.sqrt(2 / Math.PI))
  return mul(mul(x, 0.5), add(tanh(inner), 1))
}

/** `log(1 + e^x)`, without overflow: `(x + |x|) / 2 + log(1 + e^-|x|)`; the gradient at 0 is 1/2. */
export function softplus(x: Value): Value {
  const magnitude = abs(x)
  return add(mul(add(x, magnitude), 0.5), log(add(exp(neg(magnitude)), 1)))
}

/** The larger of each pair of floats; ties share the gradient equally. */
export function maximum(a: Value, b: Value): Value {
  const either = add(mul(a, 0.5), mul(b, 0.5))
  return where(greater(a, b), a, where(equal(a, b), either, b))
}

/** Mean and population variance over `axes`, kept as size 1. */
export function moments(x: Value, axes: readonly number[]): [mean: Value, variance: Value] {
  const average = mean(x, axes, true)
  return [average, mean(square(sub(x, average)), axes, true)]
}

/** `x w^T + b` over the last axis. Shapes: x `[..., in]`, weight `[out, in]`, bias `[out]` to `[..., out]`. */
export function affine(x: Value, weight: Value, bias?: Value): Value {
  const rows = reshape(x, rowsOf(x.shape))
  const y = bias ? gemm(rows, weight, bias, { b: true }) : matMul(rows, weight, { b: true })
  return reshape(y, [...x.shape.slice(0, -1), weight.shape[0]!])
}

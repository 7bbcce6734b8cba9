import { bind, type Op } from '../graph/op.ts'
import type { Value } from '../graph/value.ts'
import { add, div, mul, neg, sub } from './arithmetic.ts'
import { type OnnxAttributes, type Emit, float } from '../graph/emit.ts'
import { stopGradient } from './gradient.ts'
import { floatDtype, mapElements } from './host.ts'

type UnaryOp = Op<[x: Value]>

/** The record of an elementwise float function; `vjp` gets the gradient, x and the result. */
function unary(
  name: string,
  lower: string | ((emit: Emit, x: string, dtype: 'float32' | 'float64') => string),
  f: (x: number) => number,
  vjp: ((g: Value, x: Value, y: Value) => Value) | null,
  attrs: OnnxAttributes = {},
  simd?: number,
): UnaryOp {
  return {
    name,
    ...(simd === undefined ? {} : { simd }),
    type: ([x]) => [{ dtype: floatDtype([x]), shape: x.shape }],
    vjp: vjp && (([g], [x], _, [y]) => [vjp(g, x, y)]),
    onnx: (emit, [x], _, { inputs: [type] }) => [
      typeof lower === 'string' ? emit.node(lower, [x], attrs) : lower(emit, x, floatDtype([type])),
    ],
    evaluate: ([x], _, { outputs: [type] }) => [mapElements(type, [x], f)],
  }
}

const expOp = unary('exp', 'Exp', Math.exp, (g, _x, y) => mul(g, y))
const logOp = unary('log', 'Log', Math.log, (g, x) => div(g, x))
const sqrtOp = unary('sqrt', 'Sqrt', Math.sqrt, (g, _x, y) => div(mul(g, 0.5), y), {}, 0xe3)
const tanhOp = unary('tanh', 'Tanh', Math.tanh, (g, _x, y) => mul(g, sub(1, mul(y, y))))
const sigmoidOp = unary(
  'sigmoid',
  'Sigmoid',
  (x) => 1 / (1 + Math.exp(-x)),
  (g, _x, y) => mul(g, mul(y, sub(1, y))),
)
const reluOp = unary(
  'relu',
  'Relu',
  (x) => Math.max(x, 0),
  (g, _x, y) => mul(g, stopGradient(step(y))),
)
const sinOp: UnaryOp = unary('sin', 'Sin', Math.sin, (g, x) => mul(g, cos(x)))
const cosOp: UnaryOp = unary('cos', 'Cos', Math.cos, (g, x) => neg(mul(g, sin(x))))
const absOp = unary('abs', 'Abs', Math.abs, (g, x) => mul(g, stopGradient(sign(x))))

const stepOp = unary(
  'step',
  (emit, x, dtype) =>
    dtype === 'float32'
      ? emit.node('HardSigmoid', [x], { alpha: float(1e38), beta: float(0) }) // 1.25 ns an element against 1.5 of Cast(Greater), engine.md 1.3
      : emit.node('Cast', [emit.node('Greater', [x, emit.scalar(0, dtype)])], { to: 11 }),
  (x) => (x > 0 ? 1 : 0),
  null,
)

/** Error function of a float64, to 1e-15: a series of positive terms near 0, a continued fraction beyond (Abramowitz & Stegun 7.1.6, 7.1.14). */
export function erf64(x: number): number {
  const z = Math.abs(x)
  if (z > 6) return Math.sign(x)
  if (z < 2) {
    let term = z
    let total = z
    for (let n = 1; term > 1e-17 * total; n++) {
      term *= (2 * z * z) / (2 * n + 1)
      total += term
    }
    return (Math.sign(x) * 2 * Math.exp(-z * z) * total) / Math.sqrt(Math.PI)
  }
  let fraction = 0
  for (let k = 120; k >= 1; k--) fraction = k / 2 / (z + fraction)
  return Math.sign(x) * (1 - Math.exp(-z * z) / ((z + fraction) * Math.sqrt(Math.PI)))
}

const erfOp = unary('erf', 'Erf', erf64, (g, x) => mul(g, mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI))))

/** -1, 0 or 1. */
const sign = (x: Value): Value => sub(step(x), step(neg(x)))

/** Phi(x), the standard normal distribution function. */
const cdf = (x: Value): Value => add(mul(erf(mul(x, Math.SQRT1_2)), 0.5), 0.5)

const geluOp = unary(
  'gelu',
  'Gelu',
  (x) => 0.5 * x * (1 + erf64(x * Math.SQRT1_2)),
  (g, x) => mul(g, add(mul(mul(x, exp(mul(mul(x, x), -0.5))), 1 / Math.sqrt(2 * Math.PI)), cdf(x))), // Phi(x) + x phi(x)
  { approximate: 'none' },
)

/** `e^x`. */
export const exp = (x: Value): Value => bind(expOp, [x], {})[0]
/** Natural logarithm. */
export const log = (x: Value): Value => bind(logOp, [x], {})[0]
/** Square root. */
export const sqrt = (x: Value): Value => bind(sqrtOp, [x], {})[0]
/** Hyperbolic tangent. */
export const tanh = (x: Value): Value => bind(tanhOp, [x], {})[0]
/** `1 / (1 + e^-x)`. */
export const sigmoid = (x: Value): Value => bind(sigmoidOp, [x], {})[0]
/** Sine of an angle in radians. */
export const sin = (x: Value): Value => bind(sinOp, [x], {})[0]
/** Cosine of an angle in radians. */
export const cos = (x: Value): Value => bind(cosOp, [x], {})[0]
/** Error function. */
export const erf = (x: Value): Value => bind(erfOp, [x], {})[0]
/** `max(x, 0)`; the gradient at 0 is 0. */
export const relu = (x: Value): Value => bind(reluOp, [x], {})[0]
/** `|x|`; the gradient at 0 is 0. */
export const abs = (x: Value): Value => bind(absOp, [x], {})[0]
/** 1 where x > 0, else 0; not differentiable. */
export const step = (x: Value): Value => bind(stepOp, [x], {})[0]
/** Gaussian error linear unit `x Phi(x)`, exact. A primitive because one kernel replaces five passes. Source: Hendrycks & Gimpel 2016, arXiv:1606.08415. */
export const gelu = (x: Value): Value => bind(geluOp, [x], {})[0]

const powOp: Op<[x: Value], { exponent: number }> = {
  name: 'pow',
  type: ([x]) => [{ dtype: floatDtype([x]), shape: x.shape }],
  vjp: ([g], [x], { exponent }) => [exponent === 0 ? null : mul(g, mul(pow(x, exponent - 1), exponent))],
  onnx: (emit, [x], { exponent }, { inputs: [type] }) => [emit.node('Pow', [x, emit.scalar(exponent, type.dtype)])],
  evaluate: ([x], { exponent }, { outputs: [type] }) => [mapElements(type, [x], (a) => a ** exponent)],
}

/** `x^exponent` for a fixed exponent (WebGPU has no general broadcasting Pow). */
export const pow = (x: Value, exponent: number): Value => bind(powOp, [x], { exponent })[0]

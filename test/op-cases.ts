import type { Value } from '../src/graph/value.ts'
import { add, div, mul, neg, sub } from '../src/ops/arithmetic.ts'
import { broadcastTo, sum } from '../src/ops/broadcast.ts'
import { and, cast, equal, greater, less, not, or, where } from '../src/ops/compare.ts'
import { argMax } from '../src/ops/arg-max.ts'
import { affine, geluTanh, maximum, moments, silu, softplus, square } from '../src/ops/composite.ts'
import { constant, filled, type Operand } from '../src/ops/constant.ts'
import { addOneHot, gather, oneHot, scatterAdd, takeLast } from '../src/ops/gather.ts'
import { customGradient, stopGradient } from '../src/ops/gradient.ts'
import { gemm, matMul } from '../src/ops/matmul.ts'
import { layerNorm, rmsNorm } from '../src/ops/normalize.ts'
import { max, mean } from '../src/ops/reduce.ts'
import { reshape, transpose } from '../src/ops/reshape.ts'
import { concat, pad, slice, sliceAxis, split } from '../src/ops/slice.ts'
import { logSoftmax, softmax, softmaxCrossEntropy } from '../src/ops/softmax.ts'
import { abs, cos, erf, exp, gelu, log, pow, relu, sigmoid, sin, sqrt, step, tanh } from '../src/ops/unary.ts'
import { type Shape, tensor } from '../src/tensor.ts'
import { convolutionCases } from './op-cases-convolution.ts'
import { poolingCases } from './op-cases-pooling.ts'
import {
  apart,
  type Argument,
  bools,
  equalTo,
  huge,
  indices,
  normal,
  type OpCase,
  opCase,
  type Options,
  steps,
  uniform,
} from './op-case.ts'

export { leavesOf, type OpCase, operandsOf } from './op-case.ts'

const pairs: readonly (readonly [Shape, Shape])[] = [
  [[], []],
  [[3], [3]],
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3], [3]],
  [[3], [2, 3]],
  [
    [2, 1],
    [1, 3],
  ],
  [
    [2, 1, 3],
    [4, 1],
  ],
  [[2, 3], []],
  [[], [2, 3]],
]
const shapes: readonly Shape[] = [[], [3], [2, 3], [2, 1, 3]]

const binaries: readonly [string, (a: Operand, b: Operand) => Value, (...shape: number[]) => Argument][] = [
  ['add', add, normal],
  ['sub', sub, normal],
  ['mul', mul, normal],
  ['div', div, (...shape) => apart(0.5, 2, ...shape)],
]

/** ONNX Runtime has no float64 kernel of Erf, which Gelu and its gradient need. */
const noErf64: Options = { float64: false }
/** LayerNormalization gives its statistics in float32 whatever it is fed. */
const noLayerNorm64: Options = { float64: false }

/** WGSL promises sine and cosine to 2^-11 only, and a software driver takes it at its word. */
const coarseWaves: Options = { tolerance: 1e-3 }

const unaries: readonly [string, (x: Value) => Value, (...shape: number[]) => Argument, Options?][] = [
  ['neg', neg, normal],
  ['exp', exp, normal],
  ['log', log, (...shape) => uniform(0.2, 3, ...shape)],
  ['sqrt', sqrt, (...shape) => uniform(0.2, 3, ...shape)],
  ['tanh', tanh, normal],
  ['sin', sin, normal, coarseWaves],
  ['cos', cos, normal, coarseWaves],
  ['sigmoid', sigmoid, normal],
  ['relu', relu, (...shape) => apart(0.1, 2, ...shape)],
  ['abs', abs, (...shape) => apart(0.1, 2, ...shape)],
  ['erf', erf, normal, noErf64],
  ['gelu', gelu, normal, noErf64],
  ['square', square, normal],
  ['silu', silu, normal],
  ['geluTanh', geluTanh, normal],
  ['softplus', softplus, (...shape) => apart(0.1, 4, ...shape)],
]

const elementwise: OpCase[] = [
  ...binaries.flatMap(([op, f, draw]) => pairs.map(([a, b]) => opCase(op, [draw(...a), draw(...b)], f))),
  opCase('div', [normal(2, 3), apart(1e-3, 1e-2, 2, 3)], div, { step: 1e-6 }, 'small denominators'),
  opCase('add', [indices([1, -2, 3])], (x) => add(x, 7), { order: 0 }, 'of int32'),
  opCase('mul', [normal(2, 3)], (x) => mul(x, 0.1), {}, 'by a number'),
  opCase('sub', [normal(2, 3)], (x) => sub(1, x), {}, 'from a number'),
  ...unaries.flatMap(([op, f, draw, options]) => shapes.map((shape) => opCase(op, [draw(...shape)], f, options))),
  opCase('log', [uniform(1e-3, 1e-2, 4)], log, { step: 1e-6 }, 'near 0'),
  opCase('sqrt', [uniform(1e-2, 2e-2, 4)], sqrt, { step: 1e-5 }, 'near 0'),
  opCase('exp', [uniform(-20, -10, 4)], exp, {}, 'small'),
  // 1 - y^2 and y (1 - y) lose the digits of y that a float32 near 1 does not have
  opCase('tanh', [apart(4, 6, 4)], tanh, { tolerance: 1e-3 }, 'tails'),
  opCase('sigmoid', [apart(8, 12, 4)], sigmoid, { tolerance: 1e-2 }, 'tails'),
  opCase('erf', [apart(2, 4, 6)], erf, noErf64, 'tails'),
  opCase('gelu', [apart(2, 5, 6)], gelu, noErf64, 'tails'),
  ...shapes.map((shape) => opCase('step', [apart(0.1, 2, ...shape)], step, { order: 0 })),
  ...[2, 3, 1].map((n) => opCase('pow', [normal(2, 3)], (x) => pow(x, n), {}, `to ${n}`)),
  ...[0.5, -1.5].map((n) => opCase('pow', [uniform(0.3, 2, 4)], (x) => pow(x, n), {}, `to ${n}`)),
  opCase('maximum', [normal(2, 3), normal(2, 3)], maximum),
  opCase('moments', [normal(2, 5)], (x) => moments(x, [-1])),
]

const comparisons: OpCase[] = [
  ...(
    [
      ['equal', equal],
      ['less', less],
      ['greater', greater],
    ] as const
  ).flatMap(([op, f]) =>
    pairs.map(([a, b]) => opCase(op, [steps(...a), steps(...b)], (x, y) => f(x, y), { order: 0 })),
  ),
  opCase('equal', [indices([1, 2, 3]), indices([1, 0, 3])], equal, { order: 0 }),
  opCase('and', [bools(2, 3), bools(3)], and, { order: 0 }),
  opCase('or', [bools(3), bools(2, 3)], or, { order: 0 }),
  opCase('not', [bools(2, 3)], not, { order: 0 }),
  opCase('where', [bools(2, 3), normal(2, 3), normal(2, 3)], where),
  opCase('where', [bools(4, 1), normal(3), normal(2, 4, 3)], where),
  opCase('where', [bools(2, 3), normal(), normal(3)], where),
  opCase('where', [bools(2, 3), normal(2, 3)], (c, x) => where(c, x, -10), {}, 'or a number'),
  opCase('cast', [normal(2, 3)], (x) => cast(x, x.dtype), {}, 'to itself'),
  opCase('cast', [apart(0.2, 3.4, 6)], (x) => cast(x, 'int32'), { order: 0 }, 'to int32'),
  opCase('cast', [steps(6)], (x) => cast(x, 'bool'), { order: 0 }, 'to bool'),
  opCase('cast', [bools(2, 3), normal(3)], (c, x) => mul(cast(c, x.dtype), x), {}, 'of bool'),
]

const reductions: OpCase[] = (
  [
    ['sum', sum],
    ['mean', mean],
    ['max', max],
  ] as const
).flatMap(([op, f]) => [
  opCase(op, [normal()], (x) => f(x)),
  opCase(op, [normal(4)], (x) => f(x)),
  opCase(op, [normal(2, 3)], (x) => f(x), {}, 'over all'),
  opCase(op, [normal(2, 3)], (x) => f(x, [0]), {}, 'over rows'),
  opCase(op, [normal(2, 3)], (x) => f(x, [-1], true), {}, 'over columns, kept'),
  opCase(op, [normal(2, 3, 4)], (x) => f(x, [2, 0]), {}, 'over the outer axes'),
  opCase(op, [normal(2, 1, 4)], (x) => f(x, [1]), {}, 'over a size-1 axis'),
  opCase(op, [normal(2, 1, 4)], (x) => f(x, [1, 2], true), {}, 'over a size-1 axis and another, kept'),
])

const layout: OpCase[] = [
  opCase('broadcastTo', [normal()], (x) => broadcastTo(x, [2, 3])),
  opCase('broadcastTo', [normal(3)], (x) => broadcastTo(x, [2, 3])),
  opCase('broadcastTo', [normal(2, 1, 3)], (x) => broadcastTo(x, [5, 2, 4, 3])),
  opCase('broadcastTo', [normal(1, 1)], (x) => broadcastTo(x, [1, 3])),
  opCase('reshape', [normal()], (x) => reshape(x, [1, 1])),
  opCase('reshape', [normal(2, 3)], (x) => reshape(x, [3, 2])),
  opCase('reshape', [normal(1, 6, 1)], (x) => reshape(x, [6])),
  opCase('transpose', [normal(2, 3)], (x) => transpose(x)),
  opCase('transpose', [normal(2, 3, 4)], (x) => transpose(x, [2, 0, 1])),
  opCase('transpose', [normal(2, 3, 1, 4)], (x) => transpose(x, [0, 2, -1, 1])),
  opCase('slice', [normal(4, 5)], (x) => slice(x, [1, 2], [2, 3])),
  opCase('slice', [normal(4, 5)], (x) => slice(x, [0, 0], [4, 5]), {}, 'of everything'),
  opCase('slice', [normal(2, 4, 1)], (x) => sliceAxis(x, -2, 3, 1), {}, 'of one axis'),
  opCase('pad', [normal(2, 3)], (x) => pad(x, [1, 0], [0, 2])),
  opCase('pad', [normal(2)], (x) => pad(x, [0], [0]), {}, 'by nothing'),
  opCase('concat', [normal(2, 3), normal(1, 3)], (...parts) => concat(parts, 0)),
  opCase('concat', [normal(2, 1, 2), normal(2, 3, 2), normal(2, 2, 2)], (...parts) => concat(parts, -2)),
  opCase('concat', [normal(3)], (...parts) => concat(parts, 0), {}, 'of one part'),
  opCase('concat', [normal(2, 3)], (x) => concat([x, x], 1), {}, 'of the same part twice'),
  opCase('split', [normal(6)], (x) => split(x, 0, [2, 2, 2])),
  opCase('split', [normal(2, 6)], (x) => split(x, -1, [1, 3, 2])),
  opCase('split', [normal(2, 6)], (x) => split(x, 1, [1, 3, 2])[1]!, {}, 'with unused parts'),
  opCase('split', [normal(3, 2)], (x) => split(x, 0, [3]), {}, 'into one part'),
]

const indexing: OpCase[] = [
  opCase('gather', [normal(4), indices([1, 3, 1])], gather),
  opCase('gather', [normal(4, 3), indices([0, 3, 3, 0, 2, 3], 2, 3)], gather),
  opCase('gather', [normal(4, 2, 3), indices([2, 2])], gather),
  opCase('scatterAdd', [normal(5), indices([1, 3, 1, 1, 0])], (x, i) => scatterAdd(x, i, 4)),
  opCase('scatterAdd', [normal(2, 3, 2), indices([0, 3, 3, 0, 2, 3], 2, 3)], (x, i) => scatterAdd(x, i, 4)),
  opCase('scatterAdd', [normal(5, 2), indices([300, 7, 7, 0, 300])], (x, i) => scatterAdd(x, i, 301), {}, 'tall'),
  opCase('scatterAdd', [normal(3), indices([300, 7, 7])], (x, i) => scatterAdd(x, i, 301), {}, 'tall'),
  opCase('takeLast', [normal(4, 3), indices([0, 2, 2, 1])], takeLast),
  opCase('takeLast', [normal(2, 2, 3), indices([0, 2, 1, 1], 2, 2)], takeLast),
  opCase('oneHot', [indices([0, 2, -1, 3, 1])], (i) => oneHot(i, 3), { order: 0 }),
  opCase('oneHot', [indices([1, 0, 2, 1], 2, 2)], (i) => oneHot(i, 3), { order: 0 }),
  opCase('argMax', [normal(3, 4)], argMax, { order: 0 }),
  opCase('argMax', [steps(5, 4)], argMax, { order: 0 }, 'with ties'),
  opCase('addOneHot', [normal(4, 3), indices([0, 2, 2, 1]), normal(4)], addOneHot),
  opCase('addOneHot', [normal(2, 2, 3), indices([0, 2, 1, 1], 2, 2), normal(2, 2)], addOneHot),
]

const flags: readonly { readonly a: boolean; readonly b: boolean }[] = [false, true].flatMap((a) =>
  [false, true].map((b) => ({ a, b })),
)
const matrix = (lead: Shape, rows: number, columns: number, transposed: boolean): Argument =>
  normal(...lead, ...(transposed ? [columns, rows] : [rows, columns]))
const flagText = ({ a, b }: { a: boolean; b: boolean }): string => `${a ? 'T' : 'N'}${b ? 'T' : 'N'}`

const batches: readonly (readonly [Shape, Shape])[] = [
  [[], []],
  [[2], [2]],
  [[2, 1], [3]],
  [[], [2]],
  [[3, 2], []],
]

const products: OpCase[] = flags.flatMap((flag) => [
  ...batches.map(([a, b]) =>
    opCase(
      'matMul',
      [matrix(a, 2, 3, flag.a), matrix(b, 3, 4, flag.b)],
      (x, y) => matMul(x, y, flag),
      {},
      flagText(flag),
    ),
  ),
  ...[[2, 4], [4], [2, 1], [1, 4], [1, 1], [1], []].map((c) =>
    opCase(
      'gemm',
      [matrix([], 2, 3, flag.a), matrix([], 3, 4, flag.b), normal(...c)],
      (x, y, z) => gemm(x, y, z, flag),
      {},
      flagText(flag),
    ),
  ),
])

const fused: OpCase[] = [
  opCase('affine', [normal(2, 3, 4), normal(5, 4), normal(5)], affine),
  opCase('affine', [normal(3, 4), normal(5, 4)], (x, w) => affine(x, w), {}, 'without bias'),
  ...shapes
    .slice(1)
    .flatMap((shape) => [
      opCase('softmax', [normal(...shape)], softmax),
      opCase('logSoftmax', [normal(...shape)], logSoftmax),
    ]),
  opCase('softmax', [apart(0, 12, 2, 4)], softmax, {}, 'peaked'),
  opCase('logSoftmax', [apart(0, 12, 2, 4)], logSoftmax, {}, 'peaked'),
  opCase('softmax', [huge(2, 4)], softmax, {}, 'huge'),
  opCase('logSoftmax', [huge(2, 4)], logSoftmax, {}, 'huge'),
  opCase('softmaxCrossEntropy', [huge(2, 4), indices([0, 1])], softmaxCrossEntropy, {}, 'huge'),
  ...[0, 1].map((k) =>
    opCase(
      'softmaxCrossEntropy',
      [normal(4, 3), indices([0, 2, 2, 1])],
      (x, t) => softmaxCrossEntropy(x, t)[k]!,
      {},
      `output ${k}`,
    ),
  ),
  opCase('softmaxCrossEntropy', [normal(2, 2, 3), indices([0, 2, 1, 1], 2, 2)], softmaxCrossEntropy),
  opCase('softmaxCrossEntropy', [normal(3), { ...indices([1]), shape: [] }], softmaxCrossEntropy),
  ...[0, 1, 2].map((k) =>
    opCase(
      'layerNorm',
      [normal(3, 6), normal(6), normal(6)],
      (x, g, b) => layerNorm(x, g, b)[k]!,
      noLayerNorm64,
      `output ${k}`,
    ),
  ),
  opCase('layerNorm', [normal(2, 3, 6), normal(6), normal(6)], (x, g, b) => layerNorm(x, g, b), noLayerNorm64),
  opCase('layerNorm', [normal(6), normal(6), normal(6)], (x, g, b) => layerNorm(x, g, b, 0.1), noLayerNorm64),
  opCase(
    'layerNorm',
    [equalTo(3, 2, 6), normal(6), normal(6)],
    (x, g, b) => layerNorm(x, g, b),
    { ...noLayerNorm64, step: 1e-5 },
    'of equal elements',
  ),
  opCase('rmsNorm', [equalTo(0, 2, 6), normal(6)], (x, g) => rmsNorm(x, g), { step: 1e-5 }, 'of zeros'),
  opCase('rmsNorm', [equalTo(3, 2, 6), normal(6)], (x, g) => rmsNorm(x, g), {}, 'of equal elements'),
  ...[0, 1].map((k) => opCase('rmsNorm', [normal(3, 6), normal(6)], (x, g) => rmsNorm(x, g)[k]!, {}, `output ${k}`)),
  opCase('rmsNorm', [normal(2, 3, 6), normal(6)], (x, g) => rmsNorm(x, g)),
  opCase('rmsNorm', [normal(6), normal(6)], (x, g) => rmsNorm(x, g, 0.1)),
  opCase('constant', [normal(2, 3)], (x) => mul(x, constant(tensor([1, -2, 0.1], [3], x.dtype)))),
  opCase('constant', [], () => filled(7, [2, 3], 'int32'), { order: 0 }, 'int32'),
  opCase('constant', [], () => constant(tensor(Uint8Array.of(1, 0, 1))), { order: 0 }, 'bool'),
  opCase('stopGradient', [normal(2, 3)], stopGradient, { order: 0 }),
  opCase('customGradient', [normal(2, 3)], (x) => customGradient([square(x)], [x], ([g]) => [mul(g!, mul(x, 2))])),
]

/** Every primitive and composite, over the shapes and ranges that matter. */
export const opCases: readonly OpCase[] = [
  ...elementwise,
  ...comparisons,
  ...reductions,
  ...layout,
  ...indexing,
  ...products,
  ...fused,
  ...convolutionCases,
  ...poolingCases,
]

/**
 * E7: does the algebra of layer norm hold?
 *
 * Layer norm without gain and bias on 8 vectors of d drawn numbers (mean 1, deviation 3), float64; errors are relative.
 * epsilon is 0 unless said. Parts: a mean and variance, b axis, c 1/n, d constant vectors and d of 2 and 1, e backward pass
 * and Jacobian, f skew and kurtosis, g scale of the weights before it.
 */
import { evaluate, grad, graph, input, ops, tensor, type Value, vjp } from 'residua'
import * as lab from 'residua/lab'
import { normals } from './kit/normals.ts'
import { deterministic, exact } from './kit/statements.ts'

const { add, div, mul, sqrt, sub } = ops
const rows = 8
const real = (name: string, ...shape: number[]): Value => input(name, 'float32', shape)
const mean = (x: Value): Value => ops.mean(x, [-1], true)
const largest = (x: Value): Value => ops.max(ops.abs(x))
const error = (found: Value, expected: Value): Value => div(largest(sub(found, expected)), largest(expected))
const worst = (...errors: Value[]): Value =>
  ops.max(
    ops.concat(
      errors.map((each) => ops.reshape(each, [1])),
      0,
    ),
  )
const length = (x: Value): Value => sqrt(ops.sum(mul(x, x), [-1], true))
const cosine = (x: Value, y: Value): Value => largest(div(ops.sum(mul(x, y), [-1], true), mul(length(x), length(y))))
const first = (x: Value): Value => ops.sliceAxis(x, 0, 0, 1)
/** n-th central moment of every vector. */
const moment = (x: Value, n: number): Value => mean(ops.pow(sub(x, mean(x)), n))
const shape = (x: Value, n: number): Value => div(moment(x, n), ops.pow(sqrt(moment(x, 2)), n))

const ones = (x: Value): Value => ops.filled(1, x.shape.slice(-1))
const rms = (x: Value): Value => ops.rmsNorm(x, ones(x), 0)[0]
const norm = (x: Value, epsilon = 0): Value => ops.layerNorm(x, ones(x), mul(ones(x), 0), epsilon)[0]

/** The Jacobian of a norm at the vector `x`, row by row, times `scale`. */
function jacobian(layer: (x: Value) => Value, x: Value, scale: Value, unit: Value): Value {
  const copies = ops.broadcastTo(x, unit.shape)
  return mul(vjp([layer(copies)], [unit], [copies])[0]!, scale)
}
/** 0 where as many singular values are 1 as the rank says and all others 0: `J J' J = J`, `|J|^2 = rank`. */
const spectrum = (j: Value, rank: number): Value =>
  worst(error(ops.matMul(ops.matMul(j, ops.transpose(j)), j), j), largest(sub(ops.sum(mul(j, j)), rank)))

function checks(d: number) {
  const [x, g, unit] = [real('x', rows, d), real('g', rows, d), real('unit', d, d)]
  const [level, pairs, single] = [real('level', rows, 1), real('pairs', rows, 2), real('single', rows, 1)]
  const [y, soft, variance] = [norm(x), norm(x, 0.1), moment(x, 2)]
  const [back] = vjp([y], [g], [x])
  const one = first(x)
  const [inputs, weights] = [real('inputs', rows, 5), real('weights', 5, d)]
  const slope = (w: Value): Value => grad(ops.sum(mul(norm(ops.matMul(inputs, w)), g)), [w])[0]!
  const constant = ops.broadcastTo(level, x.shape)
  const [numbers, two] = [norm(constant), ones(pairs)]
  return graph({
    'error of mean 0': largest(mean(soft)),
    'error of variance s^2 / (s^2 + epsilon)': error(div(variance, add(variance, 0.1)), moment(soft, 2)),
    'error of variance 1 at epsilon 0': largest(sub(moment(y, 2), 1)),
    'error of a vector normalized alone': error(norm(one), first(y)),
    'error of the formula with 1/n': error(div(sub(x, mean(x)), sqrt(variance)), y),
    'error of sqrt(1 - 1/n) between 1/n and 1/(n - 1)': error(
      div(sub(x, mean(x)), sqrt(mul(variance, d / (d - 1)))),
      mul(y, Math.sqrt(1 - 1 / d)),
    ),
    'share of numbers in 0/0': ops.mean(ops.cast(ops.equal(numbers, numbers), 'float32')),
    'error of 0, +-1 and 0': worst(
      largest(norm(constant, 1e-5)),
      error(ops.abs(norm(pairs)), two),
      largest(norm(single, 1e-5)),
    ),
    'cosine of the gradient to 1 and to the output': worst(cosine(back!, ones(x)), cosine(back!, y)),
    'error of the Jacobian of layer norm': spectrum(jacobian(norm, one, sqrt(moment(one, 2)), unit), d - 2),
    'error of the Jacobian of RMS norm': spectrum(jacobian(rms, one, sqrt(mean(mul(one, one))), unit), d - 1),
    'error of skew and kurtosis': worst(error(shape(soft, 3), shape(x, 3)), error(shape(soft, 4), shape(x, 4))),
    'error of grad(W)/3': error(mul(slope(mul(weights, 3)), 3), slope(weights)),
  })
}

export default lab.experiment({
  id: 'E7',
  file: import.meta.url,
  minutes: { full: 0.2, short: 0.1 },
  arms: { 'd = 3': { d: 3 }, 'd = 16': { d: 16 }, 'd = 64': { d: 64 } },
  full: { seeds: 20 },
  short: { seeds: 5 },
  measure({ d }, { seed }) {
    const built = checks(d)
    const feeds = Array.from(built.inputs, ([name, leaf]) => [name, normals(leaf.shape, seed, name)] as const)
    const x = normals([rows, d], seed, 'x').data.map((value) => 1 + 3 * value)
    const level = Float64Array.from({ length: rows }, (_, i) => i - seed)
    const unit = Float64Array.from({ length: d * d }, (_, i) => Number(i % (d + 1) === 0))
    const given = { x: tensor(x, [rows, d]), level: tensor(level, [rows, 1]), unit: tensor(unit, [d, d]) }
    const found = evaluate(built, { ...Object.fromEntries(feeds), ...given })
    return Object.fromEntries(Object.entries(found).map(([name, { data }]) => [name, data[0]!]))
  },
  statements: {
    mean: exact('error of mean 0', 0, 'The mean of what is normalized is 0.', '归一化之后均值为 0。', {
      20: 'supports',
    }),
    variance: exact(
      'error of variance s^2 / (s^2 + epsilon)',
      0,
      'With epsilon the variance is s^2 / (s^2 + epsilon), which is below 1; here epsilon is 0.1.',
      '带 epsilon 时方差为 s^2 / (s^2 + epsilon)，小于 1；这里 epsilon 取 0.1。',
      { 20: 'informs', 49: 'informs' },
    ),
    'variance without epsilon': exact(
      'error of variance 1 at epsilon 0',
      0,
      'At epsilon 0 the variance of what is normalized is 1.',
      'epsilon 为 0 时，归一化之后方差为 1。',
      { 20: 'supports' },
    ),
    axis: exact(
      'error of a vector normalized alone',
      0,
      'A vector is normalized over its own features: it comes out the same alone and in a batch.',
      '每个向量只沿自己的特征归一化：单独处理与放在批次里，结果相同。',
      { 13: 'informs', 23: 'informs', 31: 'informs', 49: 'informs' },
    ),
    formula: exact(
      'error of the formula with 1/n',
      0,
      "At epsilon 0 layer norm is the article's expanded formula, with 1/n for mean and variance.",
      'epsilon 为 0 时，层归一化就是文章展开的公式，均值和方差都用 1/n。',
      { 41: 'supports', 45: 'supports', 46: 'supports', 47: 'supports', 49: 'informs' },
    ),
    sample: exact(
      'error of sqrt(1 - 1/n) between 1/n and 1/(n - 1)',
      0,
      'With 1/(n - 1) every output would be smaller by the factor sqrt(1 - 1/n).',
      '若用 1/(n - 1)，每个输出都会小一些，差一个因子 sqrt(1 - 1/n)。',
      { 45: 'informs' },
    ),
    undefined: deterministic(
      'share of numbers in 0/0',
      0,
      'Without epsilon a constant vector gives 0/0: not one number comes out.',
      '没有 epsilon 时，常数向量得到 0/0：输出没有一个是数。',
      { 31: 'informs', 41: 'refutes', 46: 'refutes', 47: 'informs', 49: 'informs' },
    ),
    degenerate: exact(
      'error of 0, +-1 and 0',
      0,
      'With epsilon 1e-5 layer norm of a constant vector, and so of a single feature, is 0; at epsilon 0 two features that differ come out as +-1.',
      'epsilon 取 1e-5 时，常数向量（因而单个特征）的层归一化是 0；epsilon 为 0 时，两个不相等的特征得到 ±1。',
      { 46: 'informs' },
    ),
    orthogonal: exact(
      'cosine of the gradient to 1 and to the output',
      0,
      'Its backward pass takes out the mean of the gradient and its part along the output.',
      '它的反向过程去掉梯度的均值，以及梯度沿输出方向的分量。',
      { 36: 'informs' },
    ),
    jacobian: exact(
      'error of the Jacobian of layer norm',
      0,
      'Its Jacobian has d - 2 singular values 1/sigma and 2 of 0: gradients are re-scaled.',
      '它的雅可比矩阵有 d - 2 个奇异值等于 1/sigma，另两个为 0：梯度被重新缩放。',
      { 36: 'informs' },
    ),
    rms: exact(
      'error of the Jacobian of RMS norm',
      0,
      'The Jacobian of RMSNorm has d - 1 singular values 1/rms and one of 0.',
      'RMSNorm 的雅可比矩阵有 d - 1 个奇异值等于 1/rms，另一个为 0。',
      { 36: 'informs' },
    ),
    form: exact(
      'error of skew and kurtosis',
      0,
      'Layer norm leaves skew and kurtosis of every vector as they are: no distribution becomes more even.',
      '层归一化不改变任何向量的偏度和峰度：分布并没有变得更均匀。',
      { 8: 'refutes' },
    ),
    scale: exact(
      'error of grad(W)/3',
      0,
      'Layer norm does not see the scale of the weights before it, so grad(aW) = grad(W)/a; here a is 3.',
      '层归一化看不见其前面权重的尺度，因此 grad(aW) = grad(W)/a；这里 a 取 3。',
      { 36: 'informs' },
    ),
  },
})

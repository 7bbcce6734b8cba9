import { vjp } from '../src/autodiff/grad.ts'
import { graph } from '../src/graph/graph.ts'
import { input, type Value } from '../src/graph/value.ts'
import { constant } from '../src/ops/constant.ts'
import { isFloat } from '../src/tensor.ts'
import { random } from '../src/random.ts'
import { evaluate } from '../src/runtime/reference.ts'
import { type HostTensor, sizeOf, tensor, type TensorType } from '../src/tensor.ts'

/** What is differentiated, traced with one value per input; its float outputs count. */
export type Differentiable = (...values: Value[]) => Value | readonly Value[]

export interface CheckOptions {
  /** 1 checks the gradient, 2 (default) the gradient of the gradient as well. */
  readonly order?: 1 | 2
  /** In units of the summed magnitudes that make up the derivative; 1e-7 by default. */
  readonly tolerance?: number
  /** Distance between the points of a difference; 5e-4 by default, less close to a pole. */
  readonly step?: number
}

/** Seeded standard normal numbers for `type`, as float64. */
function normals(path: string, { shape }: TensorType): HostTensor {
  const source = random(1, path)
  return tensor(
    Float64Array.from({ length: sizeOf(shape) }, () => source.normal()),
    shape,
  )
}

/** One seeded random cotangent per value, as constants. */
export function cotangentsOf(values: readonly Value[]): Value[] {
  return values.map((value, i) => {
    const { data, shape } = normals(`cotangent ${i}`, value)
    return constant(tensor(data, shape, value.dtype))
  })
}

const floatsOf = (values: Value | readonly Value[]): Value[] => [values].flat().filter(({ type }) => isFloat(type))

/** Sum and sum of magnitudes of the elementwise product of two lists of tensors. */
function dot(a: readonly HostTensor[], b: readonly HostTensor[]): [total: number, magnitude: number] {
  let total = 0
  let magnitude = 0
  a.forEach(({ data }, i) =>
    data.forEach((x, j) => {
      const product = x * b[i]!.data[j]!
      total += product
      magnitude += Math.abs(product)
    }),
  )
  return [total, magnitude]
}

/**
 * Holds the graph gradient of `f` against central differences in float64, for one seeded random direction `v` of the
 * float inputs and one random cotangent `c`: `grad . v` against `(8 (L(h) - L(-h)) - (L(2h) - L(-2h))) / 12h`, where
 * `L(h) = c . f(x + h v)`; the error is of order h^4. At order 2 the same holds for the gradient of the gradient.
 *
 * Returns the derivative of `L` by differences. Throws when the gradient differs from it.
 */
export function checkGrad(f: Differentiable, inputs: readonly HostTensor[], options: CheckOptions = {}): number {
  return check(f, inputs, { order: 2, tolerance: 1e-7, step: 5e-4, ...options }, 1)
}

function check(
  f: Differentiable,
  inputs: readonly HostTensor[],
  options: Required<CheckOptions>,
  level: number,
): number {
  const { order, tolerance, step } = options
  const leaves = inputs.map((x, i) => input(`x${i}`, isFloat(x) ? 'float64' : x.dtype, x.shape))
  const moving = floatsOf(leaves)
  const outputs = floatsOf(f(...leaves))
  const cotangents = cotangentsOf(outputs)
  const gradients = vjp(outputs, cotangents, moving)

  const directions = inputs.map((x, i) => normals(`direction ${i}`, x))
  const run = (values: readonly Value[], h: number): HostTensor[] => {
    const feeds = inputs.map((x, i) => {
      const along = directions[i]?.data as Float64Array
      return isFloat(x)
        ? tensor(
            Float64Array.from(x.data, (a, j) => a + h * along[j]!),
            x.shape,
          )
        : x
    })
    const traced = graph(Object.fromEntries(values.map((value, i) => [`y${i}`, value])))
    return Object.values(evaluate(traced, Object.fromEntries(feeds.map((feed, i) => [`x${i}`, feed]))))
  }
  const weights = run(cotangents, 0)
  const loss = (h: number): number => dot(run(outputs, h), weights)[0]
  const measured = (8 * (loss(step) - loss(-step)) - (loss(2 * step) - loss(-2 * step))) / (12 * step)
  const [exact, magnitude] = dot(
    run(gradients, 0),
    directions.filter((_, i) => isFloat(inputs[i]!)),
  )
  if (!(Math.abs(exact - measured) <= tolerance * Math.max(magnitude, 1e-2))) {
    throw new Error(
      `checkGrad: order ${level}: the graph says ${exact}, central differences ${measured}, ` +
        `of magnitudes that sum to ${magnitude}`,
    )
  }
  if (level < order) {
    const gradient: Differentiable = (...values) => {
      const results = floatsOf(f(...values))
      return vjp(results, cotangentsOf(results), floatsOf(values))
    }
    check(gradient, inputs, options, level + 1)
  }
  return measured
}

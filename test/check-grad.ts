import { grad } from '../src/autodiff/grad.ts'
import { graph } from '../src/graph/graph.ts'
import { input, type Value } from '../src/graph/value.ts'
import { add, mul } from '../src/ops/arithmetic.ts'
import { sum } from '../src/ops/broadcast.ts'
import { constant } from '../src/ops/constant.ts'
import { random } from '../src/random.ts'
import { evaluate } from '../src/runtime/reference.ts'
import { type HostTensor, sizeOf, tensor, type TensorType } from '../src/tensor.ts'

/** What is differentiated: traced with one leaf per input. */
export type Traced = (...values: Value[]) => Value | readonly Value[]

export interface CheckOptions {
  /** 1 checks the gradient, 2 (default) the gradient of the gradient as well. */
  readonly order?: 1 | 2
  /** Relative to the sum of the magnitudes that make up the derivative; 1e-7 by default. */
  readonly tolerance?: number
}

const isFloat = ({ dtype }: TensorType): boolean => dtype === 'float32' || dtype === 'float64'

const normals = (path: string, type: TensorType): Float64Array => {
  const source = random(1, path)
  return Float64Array.from({ length: sizeOf(type.shape) }, () => source.normal())
}

/** One number out of many: the sum of every float element times a seeded random cotangent. */
export function contract(outputs: readonly Value[], path: string): Value {
  const terms = outputs.flatMap((value, i) => {
    if (!isFloat(value)) return []
    const cotangent = tensor(normals(`${path}/cotangent ${i}`, value), value.shape, value.dtype)
    return [sum(mul(value, constant(cotangent)))]
  })
  return terms.reduce((total, term) => add(total, term))
}

/** `x + step * direction` for floats; other inputs stay. */
const moved = (x: HostTensor, direction: Float64Array, step: number): HostTensor =>
  isFloat(x) ? { ...x, data: Float64Array.from(x.data, (value, i) => value + step * (direction[i] as number)) } : x

/**
 * Holds the graph gradient of `f` against central differences in float64, along one seeded random direction and for
 * one random cotangent: `sum(grad * v)` against `(8 (L(h) - L(-h)) - (L(2h) - L(-2h))) / 12h`, an error of order h^4.
 *
 * Returns the derivative along the direction. Throws when they differ, or at order 2 when those of the gradient do.
 */
export function checkGrad(f: Traced, inputs: readonly HostTensor[], options: CheckOptions = {}): number {
  const { order = 2, tolerance = 1e-7 } = options
  const leaves = inputs.map((x, i) => input(`x${i}`, isFloat(x) ? 'float64' : x.dtype, x.shape))
  const floats = leaves.filter(isFloat)
  const path = `check-grad ${order}`
  const loss = contract([f(...leaves)].flat(), path)
  const gradients = Object.fromEntries(grad(loss, floats).map((g, i) => [floats[i]?.node.name as string, g]))
  const traced = graph({ loss, ...gradients })

  const directions = inputs.map((x, i) => normals(`${path}/direction ${i}`, x))
  const at = (step: number): Record<string, HostTensor> => {
    const feeds = inputs.map((x, i) => [`x${i}`, moved(x, directions[i] as Float64Array, step)] as const)
    return evaluate(traced, Object.fromEntries(feeds))
  }
  const lossAt = (step: number): number => at(step)['loss']?.data[0] as number

  let exact = 0
  let scale = 0
  const here = at(0)
  directions.forEach((direction, i) => {
    here[`x${i}`]?.data.forEach((g, j) => {
      exact += g * (direction[j] as number)
      scale += Math.abs(g * (direction[j] as number))
    })
  })
  const h = 5e-4
  const measured = (8 * (lossAt(h) - lossAt(-h)) - (lossAt(2 * h) - lossAt(-2 * h))) / (12 * h)
  const allowed = tolerance * Math.max(scale, 1e-3)
  if (!(Math.abs(exact - measured) <= allowed)) {
    throw new Error(
      `checkGrad: order ${3 - order}... `,
    )
  }
  if (order === 2) {
    const gradient: Traced = (...values) => {
      const outputs = contract([f(...values)].flat(), path)
      return grad(outputs, values.filter(isFloat))
    }
    checkGrad(gradient, inputs, { order: 1, tolerance })
  }
  return measured
}

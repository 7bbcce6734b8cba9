import { OptionError } from '../errors.ts'
import type { Initializer } from '../graph/scope.ts'
import { type Random } from '../random.ts'
import { type Shape, sizeOf } from '../tensor.ts'

/** Inputs and outputs per unit of a weight stored `[out, in, ...kernel]`. */
function fans(shape: Shape): [fanIn: number, fanOut: number] {
  const kernel = sizeOf(shape.slice(2))
  const fanOut = (shape[0] ?? 1) * kernel
  return [(shape[1] ?? 1) * kernel, fanOut]
}

function elementwise(name: string, next: (source: Random, shape: Shape) => () => number): Initializer {
  return {
    name,
    fill: (source, shape) => {
      const draw = next(source, shape)
      const values = new Float32Array(sizeOf(shape))
      for (let i = 0; i < values.length; i++) values[i] = draw()
      return values
    },
  }
}

/** Normal with the given standard deviation. */
export const normal = (deviation: number): Initializer =>
  elementwise(`normal(${deviation})`, (source) => () => deviation * source.normal())

/** Normal, redrawn until within `bound` standard deviations. */
export const truncatedNormal = (deviation: number, bound = 2): Initializer => {
  if (!(bound > 0)) throw new OptionError(`truncatedNormal: the bound must be positive, got ${bound}`)
  return elementwise(`truncatedNormal(${deviation}, ${bound})`, (source) => () => {
    let draw = source.normal()
    while (Math.abs(draw) > bound) draw = source.normal()
    return deviation * draw
  })
}

/** Normal with deviation `gain / sqrt(fan-in)`: keeps the second moment for gain 1. Source: LeCun et al. 1998, Efficient BackProp. */
export const fanIn = (gain = 1): Initializer =>
  elementwise(`fanIn(${gain})`, (source, shape) => {
    const deviation = gain / Math.sqrt(fans(shape)[0])
    return () => deviation * source.normal()
  })

/** Normal with deviation `sqrt(2 / fan-in)`, for inputs to relu. Source: He et al. 2015, arXiv:1502.01852. */
export const he = (): Initializer => ({ ...fanIn(Math.SQRT2), name: 'he' })

/** Uniform in `+-sqrt(6 / (fan-in + fan-out))`. Source: Glorot & Bengio 2010. */
export const xavier = (): Initializer =>
  elementwise('xavier', (source, shape) => {
    const [fanInputs, fanOutputs] = fans(shape)
    const bound = Math.sqrt(6 / (fanInputs + fanOutputs))
    return () => bound * (2 * source.uniform() - 1)
  })

/** Every element the same. */
export const constant = (value: number): Initializer => elementwise(`constant(${value})`, () => () => value)

export const zeros: Initializer = constant(0)
export const ones: Initializer = constant(1)

/** Another initializer's draw times `factor`. */
export const scaled = (own: Initializer, factor: number): Initializer => ({
  name: `${own.name} * ${factor}`,
  fill: (source, shape) => own.fill(source, shape).map((value) => value * factor),
})

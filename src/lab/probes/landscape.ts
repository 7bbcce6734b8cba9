import type { Dataset } from '../../data/dataset.ts'
import { OptionError } from '../../errors.ts'
import { sizeOf } from '../../tensor.ts'
import { norm, plus } from '../linear-algebra.ts'
import { normals } from '../normals.ts'
import { snapshotOf, type Subject, traceInside } from './inside.ts'
import { type PassOptions, withPasses } from './passes.ts'
import { WeightSpace } from './weight-space.ts'

export interface LandscapeOptions extends PassOptions {
  /** Directions: 1 for a line, 2 for a plane. Default 1. */
  readonly directions?: 1 | 2
  /** Points per direction, odd, so that the weights themselves are one of them. Default 21. */
  readonly points?: number
  /** The slice goes from -radius to radius; 1 is as far as the weights are from 0. Default 1. */
  readonly radius?: number
}

export interface LandscapeSlice {
  /** Where along a direction the points are. */
  readonly at: readonly number[]
  /** Loss at `w + at[j] d_1 + at[i] d_2`: one row for a line, else one per point of the second direction. */
  readonly loss: readonly (readonly number[])[]
}

/**
 * A normal direction in which every filter (index of the first axis of a matrix or kernel) is as long as that of the
 * weights; biases, gains and other vectors stay.
 */
function filterNormalized(space: WeightSpace, w: Float64Array, seed: number, name: string): Float64Array {
  const direction = new Float64Array(space.size)
  let start = 0
  for (const { path, value } of space.parameters) {
    const size = sizeOf(value.shape)
    if (value.shape.length > 1) {
      const drawn = Float64Array.from(normals(value.shape, seed, `${name} ${path}`).data)
      const filter = size / value.shape[0]!
      for (let at = 0; at < size; at += filter) {
        const row = drawn.subarray(at, at + filter)
        const factor = norm(w.subarray(start + at, start + at + filter)) / norm(row)
        direction.set(
          row.map((x) => x * factor),
          start + at,
        )
      }
    }
    start += size
  }
  return direction
}

/**
 * Loss over the data along one or two random, filter-normalised directions through the weights.
 *
 * Source: Li, Xu, Taylor, Studer & Goldstein 2018, Visualizing the loss landscape of neural nets, arXiv:1712.09913.
 */
export async function landscapeSlice(
  subject: Subject,
  data: Dataset,
  options: LandscapeOptions = {},
): Promise<LandscapeSlice> {
  const { directions = 1, points = 21, radius = 1, seed = 0, mode = 'evaluate' } = options
  if (!(Number.isInteger(points) && points >= 3 && points % 2 === 1)) {
    throw new OptionError(`landscapeSlice: points must be an odd integer >= 3, got ${points}`)
  }
  if (!(radius > 0 && radius < Infinity)) throw new OptionError(`landscapeSlice: radius must be > 0, got ${radius}`)
  if (![1, 2].includes(directions))
    throw new OptionError(`landscapeSlice: directions must be 1 or 2, got ${directions}`)
  const snapshot = await snapshotOf(subject)
  const space = new WeightSpace(traceInside(snapshot, 2, mode))
  const w = space.of(snapshot.weights)
  const [d1, d2] = ['first', 'second'].map((name) => filterNormalized(space, w, seed, `landscape ${name}`))
  const middle = (points - 1) / 2
  const at = Array.from({ length: points }, (_, i) => (radius * (i - middle)) / middle)
  const measure = (size: number) => {
    const traced = traceInside(snapshot, size, mode)
    return { traced, outputs: { loss: traced.loss } }
  }
  return withPasses(snapshot, data, options, measure, async (passes) => {
    const lossAt = async (along: number, across: number): Promise<number> => {
      const { loss } = await passes.mean(space.split(plus(plus(w, d1!, along), d2!, across)))
      return loss![0]!
    }
    const loss: number[][] = []
    for (const across of directions === 2 ? at : [0]) {
      const row: number[] = []
      for (const along of at) row.push(await lossAt(along, across))
      loss.push(row)
    }
    return { at, loss }
  })
}

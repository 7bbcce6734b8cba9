import type { Dataset } from '../../data/dataset.ts'
import type { Tensors } from '../../runtime/engine.ts'
import { norm, plus, type Vector } from '../linear-algebra.ts'
import { snapshotOf, type Subject, traceInside } from './inside.ts'
import { type Pass, type PassOptions, withPasses } from './passes.ts'
import { blockOf, depthsOf } from './stack-taps.ts'

export interface FunctionUpdate {
  /** `rms(x_last after - x_last before)`: how far the stream past the last seat moved. */
  readonly total: number
  /** `total / rms(x_last before)`: compares streams that grow with depth with those that a norm holds. */
  readonly relative: number
  /** `total` at every depth, by tap. */
  readonly stream: Readonly<Record<string, number>>
  /** Likewise for the last seat, with the tensors of one block, or of one part outside the blocks, moved alone. */
  readonly alone: Readonly<Record<string, number>>
}

export interface FunctionUpdateOptions extends PassOptions {
  /** Whether parts are moved alone as well, each in a pass of its own; else `alone` is empty. Default true. */
  readonly alone?: boolean
}

/** `blocks.3`, or the first part of a path outside the blocks. */
const partOf = (path: string): string => blockOf(path) ?? path.slice(0, path.indexOf('.'))

/** Tensors by the part of the net that they belong to. */
function byPart(weights: Tensors): Map<string, Tensors> {
  const parts = new Map<string, Tensors>()
  for (const [path, value] of Object.entries(weights))
    parts.set(partOf(path), { ...parts.get(partOf(path)), [path]: value })
  return parts
}

/**
 * How far a step, or any training between two moments, moves what the stack computes on fixed data, altogether and through
 * each block alone. Take a snapshot before, `await model.snapshot()`, and compare it with the model after.
 *
 * Source: Wang et al. 2022 (DeepNet), arXiv:2203.00555.
 */
export async function functionUpdate(
  before: Subject,
  after: Subject,
  data: Dataset,
  options: FunctionUpdateOptions = {},
): Promise<FunctionUpdate> {
  const [from, to] = [await snapshotOf(before), await snapshotOf(after)]
  const { mode = 'evaluate', alone: apart = true } = options
  const measure = (size: number) => {
    const traced = traceInside(from, size, mode)
    return { traced, outputs: Object.fromEntries(depthsOf(traced.taps)) }
  }
  return withPasses(from, data, options, measure, async (passes) => {
    const rms = async (
      weights: Tensors,
      of: (now: Vector, then: Vector) => Vector,
    ): Promise<Record<string, number>> => {
      const squares: Record<string, number> = {}
      let examples = 0
      const still = passes.each()
      for await (const { size, results } of passes.each(weights)) {
        const { value } = await still.next()
        for (const [path, { data: now }] of Object.entries(results)) {
          const { data: then } = (value as Pass).results[path]!
          const square = norm(of(now as Float32Array, then as Float32Array)) ** 2
          squares[path] = (squares[path] ?? 0) + (square * size) / now.length // per element of an example
        }
        examples += size
      }
      return Object.fromEntries(Object.entries(squares).map(([path, sum]) => [path, Math.sqrt(sum / examples)]))
    }
    const moved = (weights: Tensors) => rms(weights, (now, then) => plus(now, then, -1))
    const stream = await moved(to.weights)
    const last = Object.keys(stream).at(-1)!
    const total = stream[last]!
    const relative = total / (await rms({}, (now) => now))[last]!
    const alone: Record<string, number> = {}
    for (const [part, weights] of apart ? byPart(to.weights) : []) alone[part] = (await moved(weights))[last]!
    return { total, relative, stream, alone }
  })
}

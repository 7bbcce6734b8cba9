import type { Dataset } from '../data/dataset.ts'
import { OptionError } from '../errors.ts'
import type { Value } from '../graph/value.ts'
import { add, div, mul, neg, sub } from '../ops/arithmetic.ts'
import { sum } from '../ops/broadcast.ts'
import { square } from '../ops/composite.ts'
import { mean } from '../ops/reduce.ts'
import { relu, sqrt } from '../ops/unary.ts'
import { sameShape, typeText } from '../tensor.ts'
import type { Forward } from '../train/step.ts'
import { growthLaw, type GrowthLaw } from './growth.ts'
import { snapshotOf, type Subject, traceInside } from './probes/inside.ts'
import { numbersOf, type PassOptions, withPasses } from './probes/passes.ts'
import { depthsOf, recording, type Tapped } from './probes/stack-taps.ts'

/** What one seat did to the stream: `w = x_l - x_(l-1)`, whatever placement and skip made it of the branch. */
export interface LedgerEntry {
  /** The seat: `blocks.3`, `blocks.3.attention`. */
  readonly path: string
  /** `sqrt(E[w^2])`. */
  readonly written: number
  /** `sqrt(E[x_l^2])`, the stream after it. */
  readonly stream: number
  /** `E[w x_(l-1)] / sqrt(E[w^2] E[x_(l-1)^2])`: how the write lies to what was there. */
  readonly cosine: number
  /** `E[min(0, w.x / |x|)^2] / E[|w|^2]`, vectors of one token, x before: the share of the write that took away what was there. */
  readonly cancelled: number
  /** `E[w x_n] / E[w^2]`: how much of the write is still there at the end, 1 for all of it. */
  readonly kept: number
  /** `E[w x_n] / E[x_n^2]`: what it is of the end; with that of what entered these sum to 1. */
  readonly share: number
}

/** A stretch of the stream with one shape: the whole of it in an mlp or a transformer, a stage of a ResNet. */
export interface LedgerStage {
  /** What the stretch starts from, as if it had been written into nothing. */
  readonly entering: Pick<LedgerEntry, 'path' | 'stream' | 'kept' | 'share'>
  readonly entries: readonly LedgerEntry[]
  /** Of `E[x_l^2]`; null where fewer than five depths can be fitted. */
  readonly law: GrowthLaw | null
}

/** Everything that was written into a residual stream, from what enters it to what leaves it. */
export interface Ledger {
  readonly stages: readonly LedgerStage[]
}

interface Depth {
  readonly path: string
  readonly x: Value
}

/** The stream by depth. Throws OptionError where it is not one tensor of the tokens' vectors. */
function plainStream(tapped: Tapped): Depth[] {
  const depths = depthsOf(tapped)
  const [, [{ shape: entering }]] = depths[0]! as readonly [string, readonly [Value]]
  return depths.map(([path, values]) => {
    const [x] = values as readonly [Value]
    const got = values.length > 1 ? `${values.length} tensors` : typeText(x.type)
    if (values.length > 1 || x.shape.length !== entering.length)
      throw new OptionError(
        `ledger: expected a stream of one vector per token, got ${got} at '${path}'. It has no single balance; choose a skip that adds, such as identity`,
      )
    return { path, x }
  })
}

/** Stretches of at least two depths with one shape. */
function stretches(depths: readonly Depth[]): Depth[][] {
  const found: Depth[][] = []
  for (const depth of depths) {
    const before = found.at(-1)?.at(-1)
    if (before && sameShape(before.x.shape, depth.x.shape)) found.at(-1)!.push(depth)
    else found.push([depth])
  }
  const counted = found.filter((stretch) => stretch.length > 1)
  if (counted.length > 0) return counted
  throw new OptionError(
    'ledger: every seat changes the shape of the stream, so nothing is written into it. Choose a skip that adds',
  )
}

/** `mean_t min(0, w.x / |x|)^2 / d` over tokens t of d features: on axis 1 in images, else on the last. */
function against(w: Value, x: Value): Value {
  const axis = x.shape.length > 3 ? 1 : x.shape.length - 1
  const length = add(sqrt(sum(square(x), [axis])), 1e-30) // nothing there: nothing to take away
  return mul(mean(square(relu(neg(div(sum(mul(w, x), [axis]), length))))), 1 / x.shape[axis]!)
}

/** The second moments of a stretch that the ledger is made of, by name. */
function momentsOf(stretch: readonly Depth[]): (readonly [string, Value])[] {
  const end = stretch.at(-1)!.x
  const each = stretch.slice(1).flatMap(({ path, x }, i) => {
    const before = stretch[i]!.x
    const w = sub(x, before)
    return [
      [`xx ${path}`, mean(square(x))],
      [`ww ${path}`, mean(square(w))],
      [`wx ${path}`, mean(mul(w, before))],
      [`wn ${path}`, mean(mul(w, end))],
      [`against ${path}`, against(w, before)],
    ] as const
  })
  const [{ path, x }] = stretch as readonly [Depth]
  return [[`xx ${path}`, mean(square(x))], [`wn ${path}`, mean(mul(x, end))], ...each]
}

const seatOf = (path: string): string => path.replace(/\.stream$/, '')

function stageOf(paths: readonly string[], of: (name: string, path: string) => number): LedgerStage {
  const [first, ...seats] = paths as readonly [string, ...string[]]
  const end = of('xx', paths.at(-1)!)
  const moments = paths.map((path) => of('xx', path))
  return {
    entering: {
      path: seatOf(first),
      stream: Math.sqrt(moments[0]!),
      kept: of('wn', first) / moments[0]!,
      share: of('wn', first) / end,
    },
    entries: seats.map((path, i) => ({
      path: seatOf(path),
      written: Math.sqrt(of('ww', path)),
      stream: Math.sqrt(of('xx', path)),
      cosine: of('wx', path) / Math.sqrt(of('ww', path) * moments[i]!),
      cancelled: of('against', path) / of('ww', path),
      kept: of('wn', path) / of('ww', path),
      share: of('wn', path) / end,
    })),
    law: growthLaw(moments),
  }
}

/**
 * The ledger of a residual stream `x_0, x_1, ..., x_n` over data: what each seat wrote, how it lay to what was there, what
 * of it is kept at the end, and the law by which the stream grows. `E` is the mean over examples, tokens and features.
 * Writes telescope, `x_n = x_0 + sum w_l`, so the shares sum to 1; ratios of a write that is 0 are NaN.
 *
 * Where the shape changes, as between the stages of a ResNet, a new balance begins. Without a skip the ledger shows what
 * that means: every seat takes away what was there. Throws OptionError for a net without a wired stack, and for streams
 * that are several tensors or several vectors per token (hyper-connections, reversible, dense, u-net, ...).
 */
export async function ledger(subject: Subject, data: Dataset, options: PassOptions = {}): Promise<Ledger> {
  const snapshot = await snapshotOf(subject)
  const inside = (size: number): { traced: Forward; found: Depth[][] } => {
    const tapped: Tapped = new Map()
    const traced = traceInside(snapshot, size, options.mode ?? 'evaluate', recording(tapped))
    return { traced, found: stretches(plainStream(tapped)) }
  }
  const stages = inside(2).found.map((stretch) => stretch.map(({ path }) => path))
  const measure = (size: number) => {
    const { traced, found } = inside(size)
    return { traced, outputs: Object.fromEntries(found.flatMap(momentsOf)) }
  }
  return withPasses(snapshot, data, options, measure, async (passes) => {
    const means = numbersOf(await passes.mean())
    return { stages: stages.map((paths) => stageOf(paths, (name, path) => means[`${name} ${path}`]!)) }
  })
}

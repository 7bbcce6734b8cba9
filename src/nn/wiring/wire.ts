import { GraphError, OptionError, ShapeError } from '../../errors.ts'
import type { Layer, Overlay, Scope } from '../../graph/scope.ts'
import type { Value } from '../../graph/value.ts'
import { add, mul } from '../../ops/arithmetic.ts'
import { sameShape, typeText } from '../../tensor.ts'
import { scaled } from '../init.ts'
import { matched } from './match.ts'
import {
  attends,
  type Branch,
  type Join,
  type Placement,
  type Run,
  type RunOptions,
  type Seat,
  type Stacks,
  type Stream,
} from './protocol.ts'
import { isReversible, reversibly } from './reversible.ts'
import { factorOf, type Parts, partsOf, warningsOf, type Wiring } from './wiring.ts'

/** One branch, several in a row, or several by name (the name becomes part of their paths). */
export type Block = Layer | readonly Layer[] | Readonly<Record<string, Layer>>

/** What stands around a wired stack and shares its initialisation and its norms. */
export interface Around {
  /** What gives the stack its input, from the layer's own. */
  readonly embed?: Layer
  /** What reads the stream that leaves the stack. */
  readonly head?: Layer
  /** The encoder and decoder that the stack is one of. */
  readonly stacks?: Stacks
}

/** A branch on its seat; a merged block sits there as one branch that sums its parts. */
export interface Seated {
  readonly at: Seat
  readonly scope: (s: Scope) => Scope
  readonly layer: Layer
}

const unmarked = 'branch'
const kindOf = (layer: Layer): string => (layer as Partial<Branch>).kind ?? unmarked
const mayAttend = (layer: Layer): boolean => attends(kindOf(layer)) || kindOf(layer) === unmarked

/** The branches of a block by name; a single one has no name of its own in the path. */
function named(block: Block): readonly (readonly [name: string | null, layer: Layer])[] {
  if (typeof block === 'function') return [[null, block]]
  return Object.entries(block)
}

function merged(parts: ReturnType<typeof named>): Layer {
  return (s, x, ...context) =>
    parts
      .map(([name, layer]) => layer(name === null ? s : s.in(name), x, ...context))
      .reduce((total, next) => add(total, next))
}

function seatAll(blocks: readonly Block[], placement: Placement, stacks: Stacks | undefined): Seated[] {
  const seated: Omit<Seated, 'at'>[] = []
  const seats: Omit<Seat, 'index' | 'count'>[] = []
  blocks.forEach((block, i) => {
    const parts = named(block)
    const rows = placement.merge ? [[null, merged(parts)] as const] : parts
    rows.forEach(([name, layer], seat) => {
      const kind = placement.merge && parts.length > 1 ? 'merged' : kindOf(parts[seat]![1])
      seats.push({ block: i, blocks: blocks.length, seat, seats: rows.length, kind, ...(stacks && { stacks }) })
      seated.push({ layer, scope: (s) => (name === null ? s.in('blocks').in(i) : s.in('blocks').in(i).in(name)) })
    })
  })
  return seated.map((entry, index) => ({ ...entry, at: { ...seats[index]!, index, count: seats.length } }))
}

/** What the wiring makes of the parameters of a seat, or of embedding and head where there is none. */
function parameters(
  { init, norm, placement }: Parts,
  at: Seat | null,
  blocks: number,
): NonNullable<Overlay['parameter']> {
  return (own, s, name, shape) => {
    const initial = init.initializer(own.init, own.role, at, blocks)
    const factor = (at && placement.gain?.(own.role, at)) ?? 1
    const options = { ...own, init: factor === 1 ? initial : scaled(initial, factor) }
    return norm.parameter?.(options, s, name, shape) ?? options
  }
}

const querySites: readonly string[] = ['query', 'key']

/** What stands at the sites of a branch: the placement's norm, else the norm of queries and keys; then the skip's own. */
function sites({ placement, norm, qkNorm }: Parts, at: Seat, { site }: RunOptions): NonNullable<Overlay['site']> {
  return (name, s, x) => {
    const chosen = placement.site?.(name, at, norm) ?? (querySites.includes(name) ? qkNorm : null)
    const normed = chosen?.(s.in('norms').in(name), x) ?? x
    return site?.(name, normed, s) ?? normed
  }
}

/** The branch of a seat with the initial values and the inner norms that the wiring gives it, and nothing around it. */
export const branchAt =
  ({ at, layer }: Pick<Seated, 'at' | 'layer'>, parts: Parts, options: RunOptions = {}): Layer =>
  (s, x, ...context) => {
    const width = options.width ?? x.shape[s.axis(x)]!
    const inner = s.with({ width, parameter: parameters(parts, at, at.blocks), site: sites(parts, at, options) })
    return layer(inner, x, ...context)
  }

/** Traces the branch at a seat: what stands before it, inside it and after it. */
function runAt(s: Scope, context: readonly Value[], seated: Seated, parts: Parts): Run {
  const { placement, norm, branchScale } = parts
  const { at } = seated
  const factor = factorOf(branchScale, at.count)
  return (read, options = {}) => {
    const before = placement.before?.(s, read, at, norm) ?? read
    const seen = options.site?.('input', before, s) ?? before
    const raw = branchAt(seated, parts, options)(s, seen, ...context)
    const out = placement.after?.(s, raw, at, norm) ?? raw
    return s.tap('branch', factor === 1 ? out : mul(out, factor))
  }
}

function joinAt(s: Scope, { at, layer }: Seated, { placement, norm, skip }: Parts): Join {
  return {
    sum: (kept, added) => placement.sum?.(s, kept, added, at) ?? add(kept, added),
    norm: (total) => placement.onSum?.(s, total, at, norm) ?? total,
    kept: (x, added, name = 'shortcut') => {
      if (sameShape(x.shape, added.shape)) return x
      if ((layer as Partial<Branch>).changesShape) return (skip.match ?? matched)(s.in('skip').in(name), x, added.shape)
      throw new ShapeError(
        `wire: the branch at block ${at.block} gives ${typeText(added)}, what goes around it is ${typeText(x)}; make them equal, mark the branch as changesShape, or choose the skip projection with option C`,
      )
    },
  }
}

/** The seats of a stack, and the parts that are in force there. Throws OptionError for a wiring that cannot work. */
export function seat(blocks: readonly Block[], asked: Parts, stacks?: Stacks): { seated: Seated[]; parts: Parts } {
  const { placement } = asked
  const parts = { ...asked, skip: placement.skip ?? asked.skip }
  if (isReversible(parts.skip) && (placement.sum || placement.onSum)) {
    throw new OptionError(
      'wire: a reversible skip needs plain sums, got a placement with its own sum or a norm on it. Place norms before or after the branch',
    )
  }
  const seated = seatAll(blocks, placement, stacks)
  const reason = placement.refuses?.(seated.map(({ at }) => at)) ?? null
  if (reason !== null) throw new OptionError(`wire: ${reason}`)
  return { seated, parts }
}

/** Wires blocks with the parts themselves. */
export function wireParts(blocks: readonly Block[], asked: Parts, around: Around = {}): Layer {
  const { seated, parts } = seat(blocks, asked, around.stacks)
  const { skip, norm, embedNorm, finalNorm } = parts
  const seats = seated.map(({ at }) => at)

  return (s, input, ...context) => {
    const outer = s.with({ parameter: parameters(parts, null, blocks.length) })
    const embedded = around.embed?.(outer, input, ...context) ?? input
    const x = s.tap('input', embedNorm ? norm(s.in('embedNorm'), embedded) : embedded)
    const through = isReversible(skip) ? reversibly(skip, context) : null
    let stream: Stream = skip.open(s.in('skip'), x, seats)
    let before = stream
    for (const entry of seated) {
      const { at } = entry
      const scope = entry.scope(s)
      const join = joinAt(scope, entry, parts)
      const run = (from: Scope): Run => runAt(from, context, entry, parts)
      stream = through?.(scope, stream, at, join, run) ?? skip.through(scope.in('skip'), stream, run(scope), at, join)
      if (stream.length === 0) throw new GraphError(`wire: the skip at block ${at.block} left an empty stream`)
      stream = scope.tapAll('stream', stream)
      if (at.seat === at.seats - 1 && through === null) {
        s.block({ before, after: stream })
        before = stream
      }
    }
    const left = skip.close(s.in('skip'), stream, norm)
    const normed = finalNorm ? norm(s.in('finalNorm'), left) : left
    const y = skip.leave?.(normed) ?? normed
    return around.head?.(outer, y, ...context) ?? y
  }
}

/**
 * A stack of blocks whose residual stream is wired as `wiring` says: which skip, which norm, placed where. `around` puts
 * an embedding before it and a head after it, which share its initialisation.
 *
 * Shapes: those of the branches; paths `blocks.{i}.{...}`, `blocks.{i}.norm`, `blocks.{i}.skip`, `embedNorm`,
 * `finalNorm`. A branch's own paths never depend on the wiring, so that two arms of a study start from the same weights.
 * What `warningsOf` has to say becomes a notice before the first step of a training.
 * Throws OptionError for a wiring that cannot work.
 */
export function wire(blocks: readonly Block[], wiring: Wiring, around: Around = {}): Layer {
  const parts = partsOf(wiring)
  const stack = wireParts(blocks, parts, around)
  const seats = seatAll(blocks, parts.placement, around.stacks).length
  const attention = blocks.flatMap(named).some(([, layer]) => mayAttend(layer))
  return (s, x, ...context) => {
    s.advise((training) => warningsOf(wiring, { ...training, seats, attention }))
    return stack(s, x, ...context)
  }
}

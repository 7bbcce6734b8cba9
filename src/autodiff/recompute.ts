import { ancestors } from '../graph/graph.ts'
import { bind } from '../graph/op.ts'
import type { BlockEnds } from '../graph/scope.ts'
import type { Node, Value } from '../graph/value.ts'
import { reshape } from '../ops/reshape.ts'
import { concat, sliceAxis } from '../ops/slice.ts'
import { sizeOf } from '../tensor.ts'
import { vjp } from './grad.ts'

/** What of a forward pass can be computed again. */
interface Recomputable {
  /** What depends on a stream; the rest (masks, transformed weights) is never computed again. */
  readonly moving: ReadonlySet<Value>
  /** The block of each moving value that is read in its own block alone. */
  readonly blockOf: ReadonlyMap<Value, BlockEnds>
  /** The values that leave a block and are made in it. */
  readonly results: ReadonlyMap<BlockEnds, readonly Value[]>
}

/** `from`, and all that `nodes`, in topological order, compute with it. */
function reachedFrom(from: readonly Value[], nodes: readonly Node[]): Set<Value> {
  const reached = new Set(from)
  for (const { inputs, outputs } of nodes) {
    if (inputs.some((value) => reached.has(value))) for (const value of outputs) reached.add(value)
  }
  return reached
}

/** The block of each node: the first whose results need it; null where the stream before a block needs it earlier. */
function ownersOf(blocks: readonly BlockEnds[]): Map<Node, BlockEnds | null> {
  const owners = new Map<Node, BlockEnds | null>()
  const claim = (values: readonly Value[], owner: BlockEnds | null): void => {
    const claimed = ancestors(values, (node) => owners.has(node)).filter((node) => !owners.has(node))
    for (const node of claimed) owners.set(node, owner)
  }
  for (const block of blocks) {
    claim(block.before, null)
    claim(block.after, block)
  }
  return owners
}

function recomputable(blocks: readonly BlockEnds[], forward: readonly Node[]): Recomputable {
  const owners = ownersOf(blocks)
  const streams = blocks.flatMap(({ before }) => before)
  const moving = reachedFrom(streams, forward)
  const leaving = new Set<Value>()
  for (const node of forward) {
    for (const value of node.inputs) if (owners.get(value.node) !== owners.get(node)) leaving.add(value)
  }
  const blockOf = new Map<Value, BlockEnds>()
  for (const value of moving) {
    const block = owners.get(value.node)
    if (block && !leaving.has(value)) blockOf.set(value, block)
  }
  const made = (block: BlockEnds): Value[] => block.after.filter(({ node }) => owners.get(node) === block)
  return { moving, blockOf, results: new Map(blocks.map((block) => [block, made(block)])) }
}

/** `x`, but not before all of `first` has been computed: an empty part of each stands behind the elements of x. */
function waiting(x: Value, first: readonly Value[]): Value {
  const flat = (value: Value): Value => reshape(value, [sizeOf(value.shape)])
  const nothing = first.filter(({ dtype }) => dtype === x.dtype).map((value) => sliceAxis(flat(value), 0, 0, 0))
  return nothing.length === 0 ? x : reshape(concat([flat(x), ...nothing], 0), x.shape)
}

/** Computes what is inside `block` again, from what the block reads of the outside, and not before all of `first`. */
function recomputation(
  block: BlockEnds,
  { moving, blockOf }: Recomputable,
  first: readonly Value[],
): (value: Value) => Value {
  const known = new Map<Value, Value>()
  const again = (value: Value): Value => {
    if (!moving.has(value)) return value
    const { node } = value
    if (!known.has(value)) {
      if (blockOf.get(value) !== block) known.set(value, waiting(value, first))
      else bind(node.op!, node.inputs.map(again), node.attrs).forEach((copy, i) => known.set(node.outputs[i]!, copy))
    }
    return known.get(value)!
  }
  return again
}

/**
 * `gradients`, where what they read of the inside of a block is computed again, once `arrivals` of that block and those
 * of `gradients` that need nothing of it are there.
 */
function rewrite(
  gradients: readonly Value[],
  arrivals: ReadonlyMap<BlockEnds, Value>,
  forward: readonly Node[],
  source: Recomputable,
): Value[] {
  const replaced = new Map<Value, Value>()
  const follow = (value: Value): Value => replaced.get(value) ?? value
  const pending = new Set(gradients)
  const recomputations = new Map<BlockEnds, (value: Value) => Value>()
  const begin = (block: BlockEnds, arrival: Value, reader: Node): ((value: Value) => Value) => {
    const done = [...pending].filter(({ node }) => node.id < reader.id) // ids rise: none of these depends on the reader
    for (const gradient of done) pending.delete(gradient)
    const again = recomputation(block, source, [arrival, ...done].map(follow))
    recomputations.set(block, again)
    return again
  }
  const kept = new Set(forward)
  for (const node of ancestors([...gradients, ...arrivals.values()])) {
    if (node.op === null || kept.has(node)) continue
    const inputs = node.inputs.map((value) => {
      const block = source.blockOf.get(value)
      const arrival = block && arrivals.get(block)
      if (!arrival || node.id <= arrival.node.id) return follow(value) // before the gradient: it cannot wait for it
      return (recomputations.get(block) ?? begin(block, arrival, node))(value)
    })
    if (inputs.every((value, i) => value === node.inputs[i])) continue
    bind(node.op, inputs, node.attrs).forEach((value, i) => replaced.set(node.outputs[i]!, value))
  }
  return gradients.map(follow)
}

/**
 * The gradients that `vjp` gives, bit for bit, for less memory: what the way back reads of the inside of a block is
 * computed again, when the gradient of what left the block and those of all later parameters are there. Kept are the
 * streams between the blocks, what else is read of a block outside of it, and what depends on leaves alone (masks,
 * transformed weights).
 *
 * Costs a second forward pass through the blocks. Throws GraphError where `vjp` does.
 *
 * Source: Chen, Xu, Zhang & Guestrin 2016, arXiv:1604.06174.
 */
export function vjpRecomputing(
  outputs: readonly Value[],
  cotangents: readonly Value[],
  inputs: readonly Value[],
  blocks: readonly BlockEnds[],
): Value[] {
  const forward = ancestors([...outputs, ...blocks.flatMap(({ after }) => after)])
  const source = recomputable(blocks, forward)
  const leading = reachedFrom(inputs, forward)
  const results = [...source.results].flatMap(([block, values]) =>
    values.filter((value) => leading.has(value)).map((value) => ({ block, value })),
  )
  const all = vjp(outputs, cotangents, [...inputs, ...results.map(({ value }) => value)])
  const arrivals = new Map<BlockEnds, Value>() // of each block, the gradient that the way back brings first
  results.forEach(({ block }, i) => {
    const gradient = all[inputs.length + i]!
    const earliest = arrivals.get(block)
    if (!earliest || gradient.node.id < earliest.node.id) arrivals.set(block, gradient)
  })
  return rewrite(all.slice(0, inputs.length), arrivals, forward, source)
}

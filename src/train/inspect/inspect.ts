import type { Graph } from '../../graph/graph.ts'
import { type Parameter, trainedOf } from '../../graph/scope.ts'
import type { Node } from '../../graph/value.ts'
import { needPositive } from '../../nn/options.ts'
import { sizeOf } from '../../tensor.ts'
import type { Built } from '../program-builder.ts'
import { build, forward, type Recipe } from '../step.ts'
import { heldBy } from './execution-order.ts'
import { flops, flopsOf } from './flops.ts'
import { type LiveBytes, liveBytes } from './memory.ts'

export interface InspectOptions {
  /** Examples per batch. Default 32. */
  readonly batchSize?: number
  /** Batches per update. Default 1. */
  readonly accumulate?: number
}

/** Numbers of parameters. */
export interface ParameterCounts {
  readonly total: number
  /** Those that training changes. */
  readonly trained: number
  readonly byRole: Readonly<Record<string, number>>
  /** By the first part of their path. */
  readonly byPart: Readonly<Record<string, number>>
}

/** Floating point operations per unit: of a forward pass without loss, and of a training step, update included. */
export interface Work {
  readonly forward: number
  readonly step: number
}

/** How large a graph is: its nodes, and those on the longest way through it. */
export interface GraphSize {
  readonly nodes: number
  readonly depth: number
}

/** What a net and its training take, computed from their graphs. */
export interface Inspection {
  readonly batchSize: number
  readonly accumulate: number
  readonly parameters: ParameterCounts
  readonly bytes: LiveBytes
  readonly flops: {
    readonly perExample: Work
    /** Null where an example is no sequence of tokens. */
    readonly perToken: Work | null
    /** The estimate of textbooks for a training step, per token: `6 N + 12 L H Q T`. */
    readonly textbook: number | null
  }
  readonly graphs: { readonly forward: GraphSize; readonly step: GraphSize }
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, n) => sum + n, 0)

const elements = ({ value }: Parameter): number => sizeOf(value.shape)

function countBy(parameters: readonly Parameter[], keyOf: (parameter: Parameter) => string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const one of parameters) counts[keyOf(one)] = (counts[keyOf(one)] ?? 0) + elements(one)
  return counts
}

function sizeOfGraph({ nodes }: Graph): GraphSize {
  const depths = new Map<Node, number>()
  const before = ({ inputs }: Node): number => Math.max(0, ...inputs.map(({ node }) => depths.get(node) ?? 0))
  for (const node of nodes) depths.set(node, before(node) + 1)
  return { nodes: nodes.length, depth: Math.max(0, ...depths.values()) }
}

/**
 * `6 N + 12 L H Q T` per token of a training step: N parameters that take part in arithmetic (tables that are only looked
 * up do not), L layers of H heads of size Q, which are the rows of the query maps, T tokens.
 *
 * Source: Chowdhery et al. 2022, arXiv:2204.02311, appendix B, with the product of 2 N per token of Kaplan et al. 2020,
 * arXiv:2001.08361.
 */
function textbookOf(graph: Graph, parameters: readonly Parameter[], tokens: number): number {
  const worked = new Set(graph.nodes.filter((node) => flopsOf(node) > 0).flatMap(({ inputs }) => inputs.map(heldBy)))
  const used = parameters.filter(({ path }) => worked.has(graph.inputs.get(path)!)).map(elements)
  const queries = parameters.filter(({ role, value }) => role === 'query' && value.shape.length === 2)
  return 6 * sumOf(used) + 12 * tokens * sumOf(queries.map(({ value }) => value.shape[0]!))
}

/** A program of a training step, and how often it runs in one. */
export interface StepProgram {
  readonly program: Built
  readonly runs: number
}

/** The programs that make a training step. Throws OptionError for sizes that are not whole numbers from 1 on. */
export function stepPrograms(recipe: Recipe, { batchSize = 32, accumulate = 1 }: InspectOptions): StepProgram[] {
  for (const [name, value] of Object.entries({ batchSize, accumulate })) needPositive('inspect', name, value)
  if (accumulate === 1) return [{ program: build(recipe, 'train', batchSize), runs: 1 }]
  return [
    { program: build(recipe, 'gradients', batchSize), runs: accumulate },
    { program: build(recipe, 'update', batchSize), runs: 1 },
  ]
}

/**
 * Parameters, memory and work of a net and its training on the CPU, computed from their graphs; nothing runs.
 *
 * Memory in bytes of tensors, work in floating point operations, a multiply-add being two. An update that runs as a host
 * kernel counts as its definition does. Throws OptionError for sizes that are not whole numbers from 1 on.
 */
export function inspect(recipe: Recipe, options: InspectOptions = {}): Inspection {
  const { batchSize = 32, accumulate = 1 } = options
  const live = stepPrograms(recipe, options).map(({ program }) => program)
  const step = stepPrograms({ ...recipe, fusedUpdate: false }, options) // so that the update is nodes, which can be counted
  const { graph } = build(recipe, 'predict', batchSize)
  const traced = forward(recipe, batchSize, 'train')
  const parameters = [...traced.parameters.values()]
  const { dtype, shape } = recipe.inputs
  const tokens = dtype === 'int32' && shape.length === 1 ? shape[0]! : null
  const forwardFlops = flops(graph)
  const stepFlops = sumOf(step.map(({ program, runs }) => runs * flops(program.graph)))
  const per = (parts: number): Work => ({ forward: forwardFlops / parts, step: stepFlops / (parts * accumulate) })
  return {
    batchSize,
    accumulate,
    parameters: {
      total: sumOf(parameters.map(elements)),
      trained: sumOf(trainedOf(traced).map(elements)),
      byRole: countBy(parameters, ({ role }) => role),
      byPart: countBy(parameters, ({ path }) => path.split('.')[0]!),
    },
    bytes: liveBytes(live, new Set(parameters.map(({ path }) => path))),
    flops: {
      perExample: per(batchSize),
      perToken: tokens === null ? null : per(batchSize * tokens),
      textbook: tokens === null ? null : textbookOf(graph, parameters, tokens),
    },
    graphs: { forward: sizeOfGraph(graph), step: sizeOfGraph(step[0]!.program.graph) },
  }
}

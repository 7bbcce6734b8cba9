import { type Graph, graph } from '../graph/graph.ts'
import type { Noise } from '../graph/scope.ts'
import { simplify } from '../graph/simplify.ts'
import type { Value } from '../graph/value.ts'
import { toOnnx } from '../onnx/model.ts'
import type { FusedUpdate, KernelCalls, ProgramSpec } from '../runtime/engine.ts'
import type { Shape, TensorType } from '../tensor.ts'

/** A program's graph, what feeds it, and where its outputs go. */
export interface Built {
  readonly graph: Graph
  readonly spec: ProgramSpec
  readonly noises: readonly Noise[]
}

/** Names under which the tensors of a parameter are kept. */
export const slotName = (path: string, slot: string): string => `${path}#${slot}`
export const isSlot = (name: string): boolean => name.includes('#')
export const gradientSum = (path: string): string => `${path}#gradient`
const next = (state: string): string => `next ${state}`
const added = (state: string): string => `added to ${state}`
export const scalarInput = (name: string): string => `step.${name}`

/** Collects what a program returns and what it carries over, then lowers it. */
export class ProgramBuilder {
  readonly #outputs = new Map<string, Value>()
  readonly #updates: Record<string, { state: string; type: TensorType }> = {}
  readonly #appends: Record<string, { state: string; type: TensorType }> = {}
  readonly #results: Record<string, TensorType> = {}
  readonly #scratch: Record<string, Shape> = {}
  readonly #guards: string[] = []
  #fused: FusedUpdate | null = null

  result(name: string, value: Value): void {
    this.#outputs.set(name, value)
    this.#results[name] = value.type
  }

  carry(state: string, value: Value): void {
    this.#outputs.set(next(state), value)
    this.#updates[next(state)] = { state, type: value.type }
  }

  /** A value that is written into `state` along axis 2, from the place on that the feed `at` says. */
  append(state: string, value: Value): void {
    this.#outputs.set(added(state), value)
    this.#appends[added(state)] = { state, type: value.type }
  }

  /** An output that only kernels read. */
  scratch(name: string, value: Value): void {
    this.#outputs.set(name, value)
    this.#scratch[name] = value.shape
  }

  /** Kernels that run over `states` after the model. */
  fuse(kernels: readonly KernelCalls[], states: Readonly<Record<string, Shape>>): void {
    this.#fused = { kernels, states, outputs: this.#scratch }
  }

  /** Results without which being finite nothing is updated. */
  guard(...names: readonly string[]): void {
    this.#guards.push(...names)
  }

  build(fed: ReadonlySet<string>, noises: readonly Noise[]): Built {
    const simplified = simplify(graph(this.#outputs))
    const used = noises.filter((noise) => simplified.inputs.has(noise.path))
    const given = new Set([...fed, ...used.map((noise) => noise.path)])
    const spec: ProgramSpec = {
      model: toOnnx(simplified, { target: 'cpu', stop: 'stop' }),
      stop: 'stop',
      reads: [...simplified.inputs.keys()].filter((name) => !given.has(name)),
      updates: this.#updates,
      ...(Object.keys(this.#appends).length > 0 ? { appends: this.#appends } : {}),
      results: this.#results,
      ...(this.#fused ? { fused: this.#fused } : {}),
      guards: this.#guards,
    }
    return { graph: simplified, spec, noises: used }
  }
}

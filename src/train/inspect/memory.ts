import { bytesOf } from '../../ops/host.ts'
import type { TensorType } from '../../tensor.ts'
import { type Built, gradientSum, isSlot } from '../program-builder.ts'
import { activationBytes } from './activations.ts'

/** Bytes of tensors, by what they are for; all of them are alive at once at the highest point of a step. */
export interface LiveBytes {
  readonly parameters: number
  /** What the optimizer keeps per parameter. */
  readonly slots: number
  /** Running statistics, and whatever else a net carries from step to step. */
  readonly states: number
  /** Gradients that wait for a fused update, or sums over accumulated batches; those of an update in the graph are activations. */
  readonly gradients: number
  /** What updates in the graph are written into while the old values are still there. */
  readonly copies: number
  readonly constants: number
  /** Inputs, targets, noise and the scalars of a step. */
  readonly batch: number
  readonly results: number
  /** Everything between, at its highest point. */
  readonly activations: number
  /** The sum of all these. */
  readonly peak: number
}

const total = (types: Iterable<TensorType>): number => Array.from(types, bytesOf).reduce((sum, bytes) => sum + bytes, 0)

/** The tensors that the engine keeps between the runs of a program. */
export function keptBy({ graph, spec }: Built): Map<string, TensorType> {
  const read = spec.reads.map((name) => [name, graph.inputs.get(name)!.type] as const)
  const updated = Object.values(spec.updates).map(({ state, type }) => [state, type] as const)
  const float = ([name, shape]: [string, readonly number[]]) => [name, { dtype: 'float32', shape }] as const
  return new Map([...read, ...updated, ...Object.entries(spec.fused?.states ?? {}).map(float)])
}

/** What comes and goes with each run of a program. */
function passing({ graph, spec }: Built): Pick<LiveBytes, 'batch' | 'results' | 'activations'> {
  const kept = new Set(spec.reads)
  const fed = [...graph.inputs].filter(([name]) => !kept.has(name))
  return {
    batch: total(fed.map(([, { type }]) => type)),
    results: total(Object.values(spec.results)),
    activations: activationBytes(graph),
  }
}

const sumOf = (bytes: object): number => Object.values(bytes as Record<string, number>).reduce((sum, n) => sum + n, 0)

/**
 * Bytes of all live tensors at the highest point of the programs that make a step, run by turns on one engine; of what
 * comes and goes, that of the program that needs most.
 */
export function liveBytes(programs: readonly Built[], parameters: ReadonlySet<string>): LiveBytes {
  const kept = new Map(programs.flatMap((program) => [...keptBy(program)]))
  const sums = new Set(Array.from(parameters, gradientSum))
  const keptWhere = (is: (name: string) => boolean): number =>
    total([...kept].flatMap(([name, type]) => (is(name) ? [type] : [])))
  const copied = new Set(programs.flatMap(({ spec }) => Object.values(spec.updates).map(({ state }) => state)))
  const scratch = new Map(programs.flatMap(({ spec }) => Object.entries(spec.fused?.outputs ?? {})))
  const constants = programs.flatMap(({ graph }) => graph.nodes.filter(({ inputs }) => inputs.length === 0))
  const [most] = programs.map(passing).sort((a, b) => sumOf(b) - sumOf(a))
  const bytes = {
    parameters: keptWhere((name) => parameters.has(name)),
    slots: keptWhere((name) => isSlot(name) && !sums.has(name)),
    states: keptWhere((name) => !isSlot(name) && !parameters.has(name)),
    gradients:
      keptWhere((name) => sums.has(name)) +
      total(Array.from(scratch.values(), (shape) => ({ dtype: 'float32', shape }))),
    copies: keptWhere((name) => copied.has(name)),
    constants: total(constants.flatMap(({ outputs }) => outputs.map(({ type }) => type))),
    ...most!,
  }
  return { ...bytes, peak: sumOf(bytes) }
}

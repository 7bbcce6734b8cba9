import { flops } from './inspect/flops.ts'
import { type InspectOptions, stepPrograms } from './inspect/inspect.ts'
import { machineRate } from './machine-rate.ts'
import type { Session } from './session.ts'
import { tokensPerExample } from './token-ids.ts'

/** What the speed of a training on tokens is measured by. */
export interface Pace {
  /** Floating point operations of a training step per token, update included. */
  readonly flopsPerToken: number
  /** Floating point operations per second of matrix products on this machine. */
  readonly machineRate: number
}

/** Computes the work from the graphs of the step, and measures the machine in about half a second; null for other data. */
export async function paceOf({ recipe, engine }: Session, options: InspectOptions): Promise<Pace | null> {
  const tokens = tokensPerExample(recipe.inputs)
  if (tokens === null) return null
  const { batchSize = 32, accumulate = 1 } = options
  const programs = stepPrograms({ ...recipe, fusedUpdate: false }, options) // so that the update is nodes, which can be counted
  const work = programs.reduce((total, { program, runs }) => total + runs * flops(program.graph), 0)
  return { flopsPerToken: work / (tokens * batchSize * accumulate), machineRate: await machineRate(engine) }
}

import { type Footprint, footprint, type MeasuredProgram } from '../../runtime/node/footprint.ts'
import type { TensorType } from '../../tensor.ts'
import type { Built } from '../program-builder.ts'
import type { Recipe } from '../step.ts'
import { type InspectOptions, stepPrograms } from './inspect.ts'
import { keptBy } from './memory.ts'

const typesOf = (values: ReadonlyMap<string, { readonly type: TensorType }>): Record<string, TensorType> =>
  Object.fromEntries(Array.from(values, ([name, { type }]) => [name, type]))

function measured(program: Built): MeasuredProgram {
  const { graph, spec } = program
  const kept = new Set(spec.reads)
  return {
    spec,
    feeds: typesOf(new Map([...graph.inputs].filter(([name]) => !kept.has(name)))),
    states: Object.fromEntries(keptBy(program)),
    outputs: typesOf(graph.outputs),
  }
}

/** The memory of a training step as it is measured, in processes of its own. Throws EngineError off Linux. */
export const measureFootprint = (recipe: Recipe, options: InspectOptions, threads: number): Promise<Footprint> =>
  footprint(
    stepPrograms(recipe, options).map(({ program }) => measured(program)),
    threads,
  )

import type { Language } from '../claims/claim.ts'
import type { Figure } from '../figure.ts'
import { rateDepthMap } from '../rate-depth-map.ts'
import { rateDepthFigure } from '../rate-depth-views.ts'
import type { RunResult } from '../statistics/run-result.ts'
import type { Plan, PlannedArm } from './plan.ts'
import type { ArmSummary, Summary } from './summary.ts'

/** More maps than this are not drawn: one per net that differs in more than its depth. */
const mostMaps = 6

/** The runs that a summary counts; which seed is which does not matter to a map. */
const runsOf = ({ name, rates }: ArmSummary, metric: string): RunResult[] =>
  rates.flatMap(({ learningRate, values, plateaued, diverged }) =>
    [
      ...values.map((value) => ({ outcome: 'trained', metrics: { [metric]: value } }) as const),
      ...Array.from({ length: plateaued }, () => ({ outcome: 'plateaued', metrics: {} }) as const),
      ...Array.from({ length: diverged }, () => ({ outcome: 'diverged', metrics: {} }) as const),
    ].map((run, seed) => ({ ...run, arm: name, seed, learningRate })),
  )

const depthOf = ({ options }: PlannedArm): number | null => (typeof options.depth === 'number' ? options.depth : null)

/** What arms of several depths have in common: `depth=12 skip=none` and `depth=24 skip=none` are `skip=none`. */
const labelOf = (arms: readonly PlannedArm[]): string =>
  [...new Set(arms.map(({ name }) => name.replace(/(^| )depth=\d+/, '').trim()))].join('; ')

/** For all arms that differ only in depth, over at least two depths and learning rates, the map of both. */
export function depthFigures(plan: Plan, { arms, metric }: Summary, language: Language): Figure[] {
  const groups = new Map<string, PlannedArm[]>()
  for (const arm of plan.arms.filter((one) => one.refused === null && depthOf(one) !== null)) {
    const { wiring, training, options } = arm
    const key = JSON.stringify([wiring, training, { ...options, depth: null }])
    groups.set(key, [...(groups.get(key) ?? []), arm])
  }
  const maps = [...groups.values()].filter((group) => group.length > 1 && plan.learningRates.length > 1)
  return maps.slice(0, mostMaps).flatMap((group, i) => {
    const depths = Object.fromEntries(group.map((arm) => [arm.name, depthOf(arm)!]))
    const runs = arms.filter(({ name }) => Object.hasOwn(depths, name)).flatMap((arm) => runsOf(arm, metric))
    if (runs.length === 0) return []
    const figure = rateDepthFigure(rateDepthMap(runs, { metric, better: plan.measure.better, depths }), language)
    const label = labelOf(group)
    return [{ ...figure, name: `${figure.name}_${i + 1}`, title: [label, figure.title].filter(Boolean).join('. ') }]
  })
}

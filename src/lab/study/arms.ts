import { OptionError } from '../../errors.ts'
import type { Json } from '../../files/json.ts'

/** One setting among those that a study compares: its factors by name, all else being equal. */
export interface Arm {
  readonly name: string
  readonly factors: Readonly<Record<string, Json>>
}

/** The arms of a study, and the factors in which they may differ. */
export interface Arms {
  readonly factors: readonly string[]
  readonly list: readonly Arm[]
}

const valueText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** `skip=identity norm=layer`. */
const nameOf = (factors: Arm['factors']): string =>
  Object.entries(factors)
    .map(([factor, value]) => `${factor}=${valueText(value)}`)
    .join(' ')

const armOf = (factors: Arm['factors']): Arm => ({ name: nameOf(factors), factors })

type Levels = Readonly<Record<string, readonly Json[]>>

function needLevels(where: string, levels: Levels): void {
  const names = Object.keys(levels)
  if (names.length === 0)
    throw new OptionError(`${where}: expected at least one factor, such as { skip: ['none', 'identity'] }`)
  const empty = names.find((name) => levels[name]!.length === 0)
  if (empty !== undefined) throw new OptionError(`${where}: the factor ${empty} has no level; give at least one`)
}

/** Every combination of the levels, the last factor varying fastest. */
export function grid(levels: Levels): Arms {
  needLevels('grid', levels)
  const combined = Object.entries(levels).reduce<Arm['factors'][]>(
    (arms, [factor, values]) => arms.flatMap((arm) => values.map((value) => ({ ...arm, [factor]: value }))),
    [{}],
  )
  return { factors: Object.keys(levels), list: combined.map(armOf) }
}

/** The baseline, and each factor changed alone to each of its other levels. */
export function oneAtATime(baseline: Arm['factors'], levels: Levels): Arms {
  needLevels('oneAtATime', levels)
  const foreign = Object.keys(levels).find((factor) => !(factor in baseline))
  if (foreign !== undefined) throw new OptionError(`oneAtATime: the baseline says nothing of ${foreign}; add it`)
  const same = (a: Json, b: Json): boolean => JSON.stringify(a) === JSON.stringify(b)
  const changed = Object.entries(levels).flatMap(([factor, values]) =>
    values.filter((value) => !same(value, baseline[factor]!)).map((value) => ({ ...baseline, [factor]: value })),
  )
  return { factors: Object.keys(levels), list: [baseline, ...changed].map(armOf) }
}

/**
 * Arms by name. Throws OptionError where they differ in a factor that is not declared; by default all that they name are.
 */
export function arms(named: Readonly<Record<string, Arm['factors']>>, declared?: readonly string[]): Arms {
  const list = Object.entries(named).map(([name, factors]) => ({ name, factors }))
  if (list.length === 0) throw new OptionError('arms: expected at least one arm')
  const all = [...new Set(list.flatMap(({ factors }) => Object.keys(factors)))]
  const differing = all.filter((factor) => new Set(list.map((arm) => JSON.stringify(arm.factors[factor]))).size > 1)
  const undeclared = declared && differing.filter((factor) => !declared.includes(factor))
  if (undeclared && undeclared.length > 0)
    throw new OptionError(
      `arms: they differ in ${undeclared.join(', ')} beside the declared ${declared.join(', ')}; make them equal there, or declare it`,
    )
  return { factors: declared ?? all, list }
}

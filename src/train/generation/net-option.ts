import { type ModelSpec, specOf } from '../../models/spec.ts'
import type { Session } from '../session.ts'

/** An option of the net of a session, or of the net that it adapts. */
export function netOption({ recipe }: Session, name: 'context' | 'padding'): number | undefined {
  let spec = specOf(recipe.net)
  while (spec !== null && spec.options[name] === undefined) spec = (spec.options.base ?? null) as ModelSpec | null
  return spec?.options[name] as number | undefined
}

import { number, boolean, string, strictObject, optional } from 'zod/mini'
import { OptionError } from '../../errors.ts'
import { batchNorm, layerNorm, rmsNorm } from '../norm.ts'
import { choose } from '../options.ts'
import { none as noPlacement } from './placements/none.ts'
import { post } from './placements/post.ts'
import { pre } from './placements/pre.ts'
import type { Norm, Placement, Skip } from './protocol.ts'
import { identity } from './skips/identity.ts'
import { none as noSkip } from './skips/none.ts'
import { projection } from './skips/projection.ts'

/** The one table per axis: adding a variant is its file and its line here. */
export const skips: Readonly<Record<string, Skip>> = { none: noSkip, identity, projection }
export const norms: Readonly<Record<string, () => Norm>> = {
  none: () => (_, x) => x,
  layer: () => layerNorm(),
  rms: () => rmsNorm(),
  batch: () => batchNorm(),
}
export const placements: Readonly<Record<string, Placement>> = { none: noPlacement, pre, post }

/** How a stack is wired, as plain JSON; every field may be left out. */
export interface Wiring {
  /** How a branch rejoins what went around it: none, identity, projection. */
  readonly skip?: string | undefined
  /** none, layer, rms, batch. */
  readonly norm?: string | undefined
  /** Where norms stand: none, pre, post. */
  readonly placement?: string | undefined
  /** Factor on every branch. */
  readonly branchScale?: number | undefined
  /** A norm where the stream leaves the stack. */
  readonly finalNorm?: boolean | undefined
}

const name = optional(string('must be a name'))
const schema = strictObject(
  {
    skip: name,
    norm: name,
    placement: name,
    branchScale: optional(number('must be a finite number')),
    finalNorm: optional(boolean('must be true or false')),
  },
  {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? `unknown field '${issue.keys.join("', '")}'` : 'must be an object',
  },
)

/** A wiring with nothing left open: what is stored, compared and hashed. */
export interface ResolvedWiring {
  readonly skip: string
  readonly norm: string
  readonly placement: string
  /** Factor on every branch. */
  readonly branchScale: number
  readonly finalNorm: boolean
}

/**
 * Fills in what a wiring leaves open, so that two spellings of one net are one arm: no norm and no placement mean each
 * other. Defaults: skip 'identity', norm 'layer', placement 'pre', branchScale 1, finalNorm as the placement needs it.
 *
 * Throws OptionError on unknown fields, names (with the nearest known one) and combinations that cannot work.
 */
export function resolveWiring(wiring: Wiring): ResolvedWiring {
  const parsed = schema.safeParse(wiring)
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`.trim())
    throw new OptionError(`wiring: ${problems.join('; ')}; expected skip, norm, placement, branchScale, finalNorm`)
  }
  const { skip = 'identity', branchScale = 1 } = parsed.data
  const chosenNorm = parsed.data.norm ?? (parsed.data.placement === 'none' ? 'none' : 'layer')
  const chosenPlacement = parsed.data.placement ?? (chosenNorm === 'none' ? 'none' : 'pre')
  const rule = choose('wiring.placement', placements, chosenPlacement)
  choose('wiring.norm', norms, chosenNorm)
  const bare = chosenNorm === 'none' || chosenPlacement === 'none'
  const norm = bare ? 'none' : chosenNorm
  const placement = bare ? 'none' : chosenPlacement
  const reason = choose('wiring.skip', skips, skip).refuses?.(placement, norm) ?? null
  if (reason !== null)
    throw new OptionError(`wiring: skip '${skip}' cannot go with ${norm} norm placed ${placement}: ${reason}`)
  return { skip, norm, placement, branchScale, finalNorm: parsed.data.finalNorm ?? (!bare && rule.finalNorm) }
}

import {
  boolean,
  gte,
  literal,
  number,
  optional,
  strictObject,
  union,
  looseObject,
  string,
  type ZodMiniType,
} from 'zod/mini'
import { OptionError } from '../../errors.ts'
import type { Init, Norm, Placement, Setting, Skip } from './protocol.ts'
import { inits, norms, placements, skips } from './tables.ts'
import { type Choice, make, nameOf, parse, resolveChoice } from './variant.ts'

/** A factor on every branch: a number, or `count ** -exponent` for a stack of `count` branches. */
export type BranchScale = number | { readonly exponent: number }

/** The factor on every branch of a stack. */
export const factorOf = (scale: BranchScale, count: number): number =>
  typeof scale === 'number' ? scale : count ** -scale.exponent

/** How a stack is wired, as plain JSON; every field may be left out. A choice is a name, or `{ name, ...options }`. */
export interface Wiring {
  /** How a branch rejoins what went around it: a name in `skips`. Default 'identity'. */
  readonly skip?: Choice | undefined
  /** What stands where the placement puts a norm: a name in `norms`. Default 'layer'. */
  readonly norm?: Choice | undefined
  /** Where norms stand: a name in `placements`. Default 'pre'. */
  readonly placement?: Choice | undefined
  /** Initial values by role and depth: a name in `inits`. Default: what the skip asks for, or 'layers', every layer's own. */
  readonly init?: Choice | undefined
  /** Factor on every branch. Default 1. */
  readonly branchScale?: BranchScale | undefined
  /** A norm on queries and keys; true takes the wiring's where that is layer or rms, else rms. Default: as the placement needs it. */
  readonly qkNorm?: boolean | Choice | undefined
  /** A norm on what enters the stack. Default: as the placement needs it. */
  readonly embedNorm?: boolean | undefined
  /** A norm where the stream leaves the stack. Default: as the placement needs it; 'omitted' leaves a needed one out. */
  readonly finalNorm?: boolean | 'omitted' | undefined
}

/** A wiring with nothing left open: what is stored, compared and hashed. */
export interface ResolvedWiring {
  readonly skip: Choice
  readonly norm: Choice
  readonly placement: Choice
  readonly init: Choice
  readonly branchScale: BranchScale
  readonly qkNorm: false | Choice
  readonly embedNorm: boolean
  readonly finalNorm: boolean | 'omitted'
}

const named = 'must be a name, or an object with a name and options'
const choice = union([string(), looseObject({ name: string() })], named)
const fields: Readonly<Record<keyof Wiring, ZodMiniType>> = {
  skip: optional(choice),
  norm: optional(choice),
  placement: optional(choice),
  init: optional(choice),
  branchScale: optional(
    union(
      [number(), strictObject({ exponent: number().check(gte(0)) })],
      'must be a finite number, or { exponent } >= 0',
    ),
  ),
  qkNorm: optional(union([boolean(), choice], 'must be true, false or the choice of a norm')),
  embedNorm: optional(boolean()),
  finalNorm: optional(union([boolean(), literal('omitted')], "must be true, false or 'omitted'")),
}

const refuse = (reason: string): never => {
  throw new OptionError(`wiring: ${reason}`)
}

interface NormAndPlacement extends Pick<ResolvedWiring, 'norm' | 'placement'> {
  readonly rule: Placement
  /** No norms around or inside the branches. */
  readonly bare: boolean
  /** The norm acts on weights alone. */
  readonly onWeights: boolean
}

/** Everything `resolveWiring` decides between a placement and a norm: no norm and no placement mean each other. */
function resolveNorm(wiring: Wiring): NormAndPlacement {
  const asked = resolveChoice('wiring.norm', norms, wiring.norm ?? 'layer')
  const weights = make('wiring.norm', norms, asked).parameter !== undefined
  const own = wiring.norm === undefined ? undefined : norms[nameOf(asked)]!.placement
  const wantsNone = nameOf(asked) === 'none' || (weights && own === undefined)
  const chosen = wiring.placement ?? own ?? (wantsNone ? 'none' : 'pre')
  const placement = resolveChoice('wiring.placement', placements, chosen)
  const rule = make('wiring.placement', placements, placement)
  const name = nameOf(placement)
  if (nameOf(asked) === 'none') {
    if (!rule.normsOnly) refuse(`placement '${name}' needs a norm, got 'none'; choose one of layer, rms, ...`)
    return { norm: 'none', placement: 'none', rule: make('', placements, 'none'), bare: true, onWeights: false }
  }
  const onWeights = weights && norms[nameOf(asked)]!.placement === undefined
  if (onWeights && name !== 'none')
    refuse(`norm '${nameOf(asked)}' acts on weights and cannot be placed '${name}'; leave the placement out`)
  if (own !== undefined && name !== own)
    refuse(`norm '${nameOf(asked)}' belongs to placement '${own}', got '${name}'; leave the placement out`)
  if (name !== 'none' || weights) return { norm: asked, placement, rule, bare: false, onWeights }
  const elsewhere = wiring.finalNorm === true || wiring.embedNorm === true
  return { norm: elsewhere ? asked : 'none', placement, rule, bare: true, onWeights }
}

/** The norm on queries and keys, `norm` being the wiring's; 'none' is none. */
function resolveQueryNorm(asked: boolean | Choice, norm: Choice): false | Choice {
  const own = norms[nameOf(norm)]!.ofQueries ? norm : 'rms'
  const chosen = asked === false ? 'none' : resolveChoice('wiring.qkNorm', norms, asked === true ? own : asked)
  if (nameOf(chosen) === 'none') return false
  const { placement } = norms[nameOf(chosen)]!
  if (make('wiring.qkNorm', norms, chosen).parameter !== undefined && placement === undefined)
    refuse(`qkNorm needs a norm of activations, got '${nameOf(chosen)}'; choose one, such as layer or rms`)
  return chosen
}

/**
 * Fills in what a wiring leaves open, so that two spellings of one net are one arm: no norm and no placement mean each
 * other, options get their defaults. Defaults: skip 'identity', norm 'layer', placement 'pre', init 'layers',
 * branchScale 1; final norm, embedding norm and query-key norm as the placement needs them.
 *
 * Throws OptionError on unknown fields, names and options (with the nearest known one), options out of range, and
 * combinations that cannot work.
 */
export function resolveWiring(wiring: Wiring): ResolvedWiring {
  parse('wiring', strictObject(fields), wiring, Object.keys(fields))
  const { norm, placement, rule, bare, onWeights } = resolveNorm(wiring)
  const name = nameOf(placement)
  const skip = resolveChoice('wiring.skip', skips, wiring.skip ?? 'identity')
  const chosen = make('wiring.skip', skips, skip)
  if (rule.skip && nameOf(skip) !== 'identity')
    refuse(`placement '${name}' brings its own stream; leave the skip out, got '${nameOf(skip)}'`)
  const reason = chosen.refuses?.(rule) ?? null
  if (reason !== null) refuse(`skip '${nameOf(skip)}' cannot go with placement '${name}': ${reason}`)
  const { branchScale = 1, finalNorm = !bare && rule.finalNorm } = wiring
  if (branchScale === 0)
    refuse(
      `branchScale 0 switches every branch off for good; to start there, choose the skip 'reZero' or the init 'zeroOut'`,
    )
  if (finalNorm === false && !bare && rule.finalNorm)
    refuse(
      `placement '${name}' needs a final norm: its stream grows with depth; leave finalNorm out, or say finalNorm: 'omitted' to go without`,
    )
  const embedNorm = wiring.embedNorm ?? rule.embedNorm ?? false
  if ((norm === 'none' || onWeights) && (finalNorm === true || embedNorm))
    refuse(
      `${finalNorm === true ? 'finalNorm' : 'embedNorm'} needs a norm of activations, got '${nameOf(norm)}'; choose one, such as layer or rms`,
    )
  const qkNorm = resolveQueryNorm(wiring.qkNorm ?? rule.qkNorm ?? false, norm === 'none' ? (wiring.norm ?? norm) : norm)
  return {
    skip,
    norm,
    placement,
    init: resolveChoice('wiring.init', inits, wiring.init ?? chosen.init ?? 'layers'),
    branchScale,
    qkNorm,
    embedNorm,
    finalNorm: finalNorm === 'omitted' && (bare || !rule.finalNorm) ? false : finalNorm,
  }
}

/** The values behind a wiring's names; tests and new variants may hand them over directly. */
export interface Parts {
  readonly skip: Skip
  readonly norm: Norm
  readonly placement: Placement
  readonly init: Init
  readonly branchScale: BranchScale
  readonly qkNorm: Norm | null
  readonly embedNorm: boolean
  readonly finalNorm: boolean
}

/** The parts that a wiring names. Throws OptionError as `resolveWiring`. */
export function partsOf(wiring: Wiring): Parts {
  const resolved = resolveWiring(wiring)
  return {
    skip: make('wiring.skip', skips, resolved.skip),
    norm: make('wiring.norm', norms, resolved.norm),
    placement: make('wiring.placement', placements, resolved.placement),
    init: make('wiring.init', inits, resolved.init),
    branchScale: resolved.branchScale,
    qkNorm: resolved.qkNorm === false ? null : make('wiring.qkNorm', norms, resolved.qkNorm),
    embedNorm: resolved.embedNorm,
    finalNorm: resolved.finalNorm === true,
  }
}

/** What to think about before training with a wiring: one sentence each, with the way out. */
export function warningsOf(
  wiring: Wiring,
  known: Pick<Setting, 'seats' | 'warmupSteps' | 'attention'> = {},
): readonly string[] {
  const resolved = resolveWiring(wiring)
  const { skip, placement } = partsOf(wiring)
  const setting: Setting = {
    skip: nameOf(resolved.skip),
    norm: nameOf(resolved.norm),
    placement: nameOf(resolved.placement),
    init: nameOf(resolved.init),
    qkNorm: resolved.qkNorm !== false,
    branchScale: factorOf(resolved.branchScale, known.seats ?? 1),
    ...known,
  }
  return [skip.warns?.(setting), placement.warns?.(setting)].filter((text): text is string => typeof text === 'string')
}

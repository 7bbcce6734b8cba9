import { OptionError } from '../errors.ts'
import { needPositive } from '../nn/options.ts'
import type { Moments, NormLaw } from '../nn/wiring/law.ts'
import type { Branch } from '../nn/wiring/protocol.ts'
import { nameOf } from '../nn/wiring/variant.ts'
import { seat, type Seated } from '../nn/wiring/wire.ts'
import { factorOf, partsOf, type Parts, resolveWiring, type Wiring } from '../nn/wiring/wiring.ts'
import type { Response } from './branch-response.ts'
import { type Responses, responsesOf } from './branch-responses.ts'
import { type Stack, type StackShape, stackOf } from './stack.ts'
import type { StackProfile } from './stack-profile.ts'
import type { Bilingual } from './verdict/bilingual.ts'

/** What a wiring will do to stream and gradient, by recursion over the seats. */
export interface Forecast {
  readonly profile: StackProfile
  /** `|dL/dx_0| / |dL/dx_last|` through the skips alone: what is left where the branches pass no gradient. */
  readonly skipGain: number
}

/** Why a wiring cannot be forecast. */
export interface NoForecast {
  readonly reason: Bilingual
}

export interface ForecastOptions {
  /** Second moment per coordinate of what enters the stack, before an embedding norm. Default 1. */
  readonly moment?: number
  /** Of the tokens and initial values with which branches are measured. Default 0. */
  readonly seed?: number
  /** Draws of initial values, shared among the different branches, at least 2 of each. Default 128. */
  readonly draws?: number
}

/** What a seat does to the gradient: squared factors through the skip and through the branch, and the branch's own. */
interface Passed {
  readonly skip: number
  readonly around: number
  readonly response: Response
}

/** Why the recursion cannot be written down, or null. */
function lacking(wiring: Wiring, parts: Parts, seated: readonly Seated[]): Bilingual | null {
  const laws = seated.map(({ at }) => parts.placement.law?.(at))
  const { skip, norm, placement } = resolveWiring(wiring)
  const without = (en: string, zh = en): Bilingual => ({
    en: `${en} has no closed form for second moments`,
    zh: `${zh} 的二阶矩没有封闭形式`,
  })
  if (seated.some(({ layer }) => (layer as Partial<Branch>).changesShape))
    return without('a branch that changes the shape', '改变形状的分支')
  if (laws.some((law) => law?.onSum) && seated.some(({ layer }) => (layer as Partial<Branch>).causal))
    return {
      en: 'a causal mask under a norm on the sum: tokens do not see the same',
      zh: '因果掩码加上和之上的归一化：各词元看到的内容不同',
    }
  if (laws.includes(undefined)) return without(`placement '${nameOf(placement)}'`)
  if (parts.skip.law === undefined) return without(`skip '${nameOf(skip)}'`)
  if (parts.skip.lawNeedsPlainSum && laws.some((law) => law?.onSum)) {
    return without(`skip '${nameOf(skip)}' with a norm on the sum`, `skip '${nameOf(skip)}'（和之上有归一化）`)
  }
  const norms = parts.embedNorm || laws.some((law) => [law?.before, law?.after, law?.onSum].includes(true))
  return norms && parts.norm.law === undefined ? without(`norm '${nameOf(norm)}'`) : null
}

/** The moments of a vector that is scaled to the second moment `to`. */
const scaled = ({ moment, common }: Moments, to: number): Moments => ({
  moment: to,
  common: moment === 0 ? 0 : (common / moment) * to,
})

const noNorm: NormLaw = (moment) => ({ moment, slope: 1 })

/** Past one seat. */
async function pass(
  stream: Moments,
  { at }: Seated,
  { skip, norm, placement, branchScale }: Parts,
  responses: Responses,
): Promise<{ stream: Moments; passed: Passed }> {
  const { before, after, onSum, scale = 1, keep = 1, add = 1 } = placement.law!(at)
  const law = norm.law ?? noNorm
  const seen = (before ? law : noNorm)(stream.moment)
  const read = scaled(stream, seen.moment * scale)
  const response = await responses.of(at.index).to(read)
  const given = (after ? law : noNorm)(response.output.moment * read.moment)
  const factor = factorOf(branchScale, at.count) ** 2
  const branch = { ...scaled(response.output, given.moment * factor), slope: 1 }
  const past = skip.law!(stream, branch, at, { keep, add, norm: onSum ? law : null })
  const around = (past.gradient - past.skip) * seen.slope * scale * given.slope * factor
  return { stream: past.stream, passed: { skip: past.skip, around, response } }
}

/** The gradient's moments before a seat, from those after it. */
function back({ moment, common }: Moments, { skip, around, response: { independent, same } }: Passed): Moments {
  if (moment === Infinity) return { moment, common: 0 }
  const through = (which: keyof Moments): number =>
    around * (independent[which] * (moment - common) + same[which] * common)
  return { moment: skip * moment + through('moment'), common: skip * common + through('common') }
}

/**
 * Second moments of stream and gradient over a stack at initialisation, from closed forms of skip, placement and norm:
 * `E[x^2]` and the part that tokens share go up seat by seat, the gradient's come down. What branches make of moments is
 * measured, each alone, at its actual initial values, on Gaussian tokens.
 *
 * Exact as the width grows for branches that see independent, Gaussian tokens. The gradient starts at the last stream,
 * without the final norm, with independent tokens. Gives the reason where a skip, placement or norm has no closed form,
 * and under a causal mask with a norm on the sum, which keeps what tokens see differently: at 12 blocks of post the
 * gradient would come out at 0.6 of what is measured.
 * Throws OptionError for a wiring or sizes that cannot work.
 */
export async function forecast(
  wiring: Wiring,
  shape: Stack | StackShape,
  options: ForecastOptions = {},
): Promise<Forecast | NoForecast> {
  const stack = stackOf(shape)
  const { seated, parts } = seat(stack.blocks, partsOf(wiring))
  const reason = lacking(wiring, parts, seated)
  if (reason !== null) return { reason }
  const { moment = 1, seed = 0, draws = 128 } = options
  needPositive('forecast', 'draws', draws)
  if (!(moment > 0 && moment < Infinity))
    throw new OptionError(`forecast: moment must be > 0 and finite, got ${moment}`)
  const responses = await responsesOf(seated, parts, stack, draws, seed)
  try {
    const start = parts.embedNorm ? parts.norm.law!(moment).moment : moment
    const streams: Moments[] = [{ moment: start, common: 0 }]
    const seats: Passed[] = []
    for (const entry of seated) {
      const { stream, passed } = await pass(streams.at(-1)!, entry, parts, responses)
      streams.push(stream)
      seats.push(passed)
    }
    const gradients: Moments[] = [{ moment: 1, common: 0 }]
    for (const passed of seats.toReversed()) gradients.unshift(back(gradients[0]!, passed))
    const profile: StackProfile = {
      stream: streams.map((stream) => stream.moment),
      correlation: streams.map((stream) => scaled(stream, 1).common),
      gradient: gradients.map((gradient) => Math.sqrt(gradient.moment)),
    }
    return { profile, skipGain: Math.sqrt(seats.reduce((product, { skip }) => product * skip, 1)) }
  } finally {
    await responses.close()
  }
}

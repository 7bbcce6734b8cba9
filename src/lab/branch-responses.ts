import type { Moments } from '../nn/wiring/law.ts'
import type { Seated } from '../nn/wiring/wire.ts'
import type { Parts } from '../nn/wiring/wiring.ts'
import { type Alone, alone, Respondent, type Response } from './branch-response.ts'
import type { Stack } from './stack.ts'

/** Decades of the moment within which a branch is asked; beyond, its gains stay as they are at the end. */
const decades = 3

/** Parts into which decades are cut; raw attention logits make a branch's gain change fast with the moment. */
const perDecade = 4

/** Parts into which correlations are cut; at their ends the branch is asked. */
const parts = 3

/** Closer to a node than this share of a cell, the node answers. */
const near = 1e-3

/** The node of a grid below `x`, and how far `x` is from it to the next, in [0, 1). */
function cellOf(x: number): readonly [node: number, share: number] {
  const nearest = Math.round(x)
  const at = Math.abs(x - nearest) < near ? nearest : x
  return [Math.floor(at), at - Math.floor(at)]
}

/** Between two positive numbers along a power law, else along a line. */
const between = (a: number, b: number, share: number): number =>
  a > 0 && b > 0 ? a ** (1 - share) * b ** share : a * (1 - share) + b * share

function betweenMoments(a: Moments, b: Moments, share: number): Moments {
  const moment = between(a.moment, b.moment, share)
  const correlation = ({ moment: all, common }: Moments): number => (all === 0 ? 0 : common / all)
  return { moment, common: moment * (correlation(a) * (1 - share) + correlation(b) * share) }
}

const mix = (a: Response, b: Response, share: number): Response => ({
  output: betweenMoments(a.output, b.output, share),
  independent: betweenMoments(a.independent, b.independent, share),
  same: betweenMoments(a.same, b.same, share),
})

/**
 * The responses of one branch, measured where they are needed: on a grid of quarter decades of the moment and thirds of
 * the correlation, between which they are interpolated.
 */
export class BranchResponses {
  readonly #respondent: Respondent
  readonly #nodes = new Map<string, Promise<Response>>()

  private constructor(respondent: Respondent) {
    this.#respondent = respondent
  }

  static async open(branch: Alone, stack: Stack, draws: number, seed: number): Promise<BranchResponses> {
    return new BranchResponses(await Respondent.open(branch, stack, draws, seed))
  }

  /** The response to a stream of these moments. */
  async to({ moment, common }: Moments): Promise<Response> {
    const [i, share] = cellOf(Math.min(Math.max(Math.log10(moment), -decades), decades) * perDecade)
    const correlation = Math.min(Math.max(common / moment || 0, 0), 1)
    const [j, part] = cellOf(correlation * parts)
    const row = async (at: number): Promise<Response> =>
      part === 0 ? this.#node(at, j) : mix(await this.#node(at, j), await this.#node(at, j + 1), part)
    return share === 0 ? row(i) : mix(await row(i), await row(i + 1), share)
  }

  close(): Promise<void> {
    return this.#respondent.close()
  }

  #node(step: number, part: number): Promise<Response> {
    const key = `${step} ${part}`
    const known = this.#nodes.get(key) ?? this.#respondent.at(10 ** (step / perDecade), part / parts)
    this.#nodes.set(key, known)
    return known
  }
}

/** The responses of the branches of a stack, by the index of the seat. */
export interface Responses {
  readonly of: (index: number) => BranchResponses
  readonly close: () => Promise<void>
}

/** Opens the branches of a stack; those that compute the same from the same distribution of initial values are one. */
export async function responsesOf(
  seated: readonly Seated[],
  wired: Parts,
  stack: Stack,
  draws: number,
  seed: number,
): Promise<Responses> {
  const branches = seated.map((entry) => alone(entry, wired, stack))
  const different = new Map(branches.map((branch) => [branch.signature, branch]))
  const each = Math.max(2, Math.floor(draws / different.size))
  const open = new Map<string, BranchResponses>()
  for (const [signature, branch] of different)
    open.set(signature, await BranchResponses.open(branch, stack, each, seed))
  return {
    of: (index) => open.get(branches[index]!.signature)!,
    close: async () => {
      for (const one of open.values()) await one.close()
    },
  }
}

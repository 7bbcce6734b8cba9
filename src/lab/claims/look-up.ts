import { OptionError } from '../../errors.ts'
import { choose } from '../../nn/options.ts'
import type { Claim, Experiment, PaperResult } from './claim.ts'
import { claims } from './claims.ts'
import { experiments } from './experiments.ts'
import { papers } from './papers.ts'

const byId = <T extends { readonly id: string }>(entries: readonly T[]): Readonly<Record<string, T>> =>
  Object.fromEntries(entries.map((entry) => [entry.id, entry]))

const experimentTable = byId(experiments)
const paperTable = byId(papers)

/** The claim of a number. Throws OptionError, with the range, where there is none. */
export function claimOf(id: number): Claim {
  const found = claims.find((claim) => claim.id === id)
  if (found === undefined)
    throw new OptionError(`claim: expected a number from 1 to ${claims.length}, got ${id}. The claim book lists them`)
  return found
}

/** The experiment of an id, `E7`, or of one of its parts, `E7f`. Throws OptionError, with ids, where there is none. */
export function experimentOf(id: string): Experiment {
  if (!/^e?\d+[a-z]?$/i.test(id))
    throw new OptionError(
      `experiment: expected an id such as E7, got '${id}'. Known: ${Object.keys(experimentTable).join(', ')}`,
    )
  const [, whole, letter] = /^(E\d+)([a-z])$/.exec(id) ?? []
  const parts = whole === undefined ? undefined : experimentTable[whole]?.parts
  if (whole === undefined || letter === undefined || parts === undefined)
    return choose('experiment', experimentTable, id)
  choose(`experiment ${whole}`, parts, letter)
  return choose('experiment', experimentTable, whole)
}

/** The published result of an id. Throws OptionError, with the nearest id and all others, where there is none. */
export const paperOf = (id: string): PaperResult => choose('paper', paperTable, id)

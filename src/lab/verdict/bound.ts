/** The verdict that an interval gives on a bound. */
import type { Band } from '../statistics/band.ts'
import type { ArmRuns } from './arms.ts'
import { bandText, type Bilingual, figure, joined } from './bilingual.ts'
import { reaches, seedsChange } from './change-text.ts'
import { gridEnds } from './evidence.ts'
import type { Evidence, Verdict } from './verdict.ts'

export interface Side {
  readonly is: 'above' | 'below'
  readonly bound: number
}

/** Whether an interval lies on the side that the rule claims. */
function sideOf({ low, high }: Band, { is, bound }: Side): boolean | null {
  if (low > bound) return is === 'above'
  if (high < bound) return is === 'below'
  return null
}

export const sideText: Readonly<Record<Side['is'], Bilingual>> = {
  above: { en: 'above', zh: '高于' },
  below: { en: 'below', zh: '低于' },
}

const undecided = (more: number | null): Bilingual =>
  more === null
    ? {
        en: 'It lies at the bound: no affordable number of seeds would decide it. Change the bound or the budget.',
        zh: '它就在界限处：增加种子也无法判定。请更换界限或预算。',
      }
    : {
        en: `The interval holds the bound: run ${more} more ${more === 1 ? 'seed' : 'seeds'}.`,
        zh: `区间包含界限：请再运行 ${more} 个种子。`,
      }

/** `needed` is asked where the interval holds the bound: the seeds that would decide. */
export function judgeBound(
  arm: ArmRuns,
  side: Side,
  band: Band,
  found: { subject: Bilingual; large: boolean; needed: () => number | null; evidence: readonly Evidence[] },
): Verdict {
  const { is, bound } = side
  const holds = sideOf(band, side)
  const needed = holds === null ? found.needed() : null
  const more = holds === null ? (needed === null ? null : Math.max(1, needed - arm.runs.length)) : 0
  const [text, where] = [bandText(band), sideText[is]]
  const claim = { en: `${where.en} ${figure(bound)}`, zh: `${where.zh} ${figure(bound)}` }
  const end: Bilingual =
    holds === null
      ? undecided(more)
      : holds
        ? { en: `It is ${claim.en}: count on it.`, zh: `它${claim.zh}：可以依赖。` }
        : { en: `It is not ${claim.en}: do not count on it.`, zh: `它并不${claim.zh}：请勿依赖。` }
  return {
    strength: holds === null ? 'inconclusive' : found.large ? 'large effect' : 'small effect',
    holds,
    sentence: joined([{ en: `${found.subject.en} is ${text.en}.`, zh: `${found.subject.zh} 为 ${text.zh}。` }, end]),
    evidence: found.evidence,
    against: gridEnds([arm]),
    wouldChange:
      holds === null ? seedsChange(more) : reaches(bound, band.low > bound ? band.low - bound : bound - band.high),
    more,
  }
}

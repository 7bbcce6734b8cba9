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

/** Where an interval lies. */
function placeText(holds: boolean | null, { is, bound }: Side): Bilingual {
  const { en, zh } = sideText[is]
  if (holds === null) return { en: `The interval holds ${figure(bound)}.`, zh: `区间包含 ${figure(bound)}。` }
  return holds
    ? { en: `It is ${en} ${figure(bound)}.`, zh: `它${zh} ${figure(bound)}。` }
    : { en: `It is not ${en} ${figure(bound)}.`, zh: `它并不${zh} ${figure(bound)}。` }
}

function adviceOn(holds: boolean | null, more: number | null): Bilingual {
  if (holds !== null)
    return holds ? { en: 'Count on it.', zh: '可以依赖。' } : { en: 'Do not count on it.', zh: '请勿依赖。' }
  return more === null
    ? {
        en: 'No affordable number of seeds would decide it: change the bound or the budget.',
        zh: '增加种子也无法判定：请更换界限或预算。',
      }
    : { en: `Run ${more} more ${more === 1 ? 'seed' : 'seeds'}.`, zh: `请再运行 ${more} 个种子。` }
}

/** `needed` is asked where the interval holds the bound: the seeds that would decide. */
export function judgeBound(
  arm: ArmRuns,
  side: Side,
  band: Band,
  found: { subject: Bilingual; large: boolean; needed: () => number | null; evidence: readonly Evidence[] },
): Verdict {
  const { bound } = side
  const holds = sideOf(band, side)
  const needed = holds === null ? found.needed() : null
  const more = holds === null ? (needed === null ? null : Math.max(1, needed - arm.runs.length)) : 0
  const text = bandText(band, bound)
  return {
    strength: holds === null ? 'inconclusive' : found.large ? 'large effect' : 'small effect',
    holds,
    sentence: joined([
      { en: `${found.subject.en} is ${text.en}.`, zh: `${found.subject.zh} 为 ${text.zh}。` },
      placeText(holds, side),
    ]),
    advice: adviceOn(holds, more),
    evidence: found.evidence,
    against: gridEnds([arm]),
    wouldChange:
      holds === null ? seedsChange(more) : reaches(bound, band.low > bound ? band.low - bound : bound - band.high),
    more,
  }
}

import type { ArmRuns } from './arms.ts'
import { type Bilingual, names } from './bilingual.ts'
import { countOf, outcomeText } from './evidence.ts'
import type { CountedOutcome } from './rule.ts'

/** How arms of which no run trained ended, those that ended alike together: `'b' and 'c' diverged in all 3 seeds`. */
export function untrainedText(arms: readonly ArmRuns[]): Bilingual {
  const ends = ['plateaued', 'diverged', 'failed'] as const
  const endOf = (arm: ArmRuns): CountedOutcome => ends.find((end) => countOf(arm, end) === arm.runs.length)!
  const parts = ends.flatMap((end): Bilingual[] => {
    const alike = arms.filter((arm) => endOf(arm) === end)
    if (alike.length === 0) return []
    const { en, zh } = names(alike.map(({ arm }) => arm))
    const seeds = alike[0]!.runs.length
    return [
      {
        en: `${en} ${outcomeText[end].en} in all ${seeds} seeds`,
        zh: `${zh} 在全部 ${seeds} 个种子中都${outcomeText[end].zh}`,
      },
    ]
  })
  return { en: parts.map(({ en }) => en).join(', '), zh: parts.map(({ zh }) => zh).join('，') }
}

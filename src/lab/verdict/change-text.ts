/** What would change a verdict. */
import { type Bilingual, figure } from './bilingual.ts'
import { gainOf } from './comparison.ts'
import { rateGap } from './evidence.ts'
import type { Related, Thresholds } from './relation.ts'

/** An interval that would have to move by `distance` to reach `bound`. */
export const reaches = (bound: number, distance: number): Bilingual => ({
  en: `An interval that reaches ${figure(bound)}: its near end is ${figure(distance)} away. More seeds, another budget or other learning rates can move it.`,
  zh: `区间若触及 ${figure(bound)} 则改变：其近端距该值 ${figure(distance)}。更多种子、其他预算或学习率可能使之移动。`,
})

export const seedsChange = (more: number | null): Bilingual =>
  more === null
    ? { en: 'A budget or learning rates at which the arms behave otherwise.', zh: '换用使各组表现不同的预算或学习率。' }
    : {
        en: `${more} more ${more === 1 ? 'seed' : 'seeds'} per arm would decide it, if the spread stays as it is.`,
        zh: `若离散程度不变，每组再有 ${more} 个种子即可判定。`,
      }

/** What would change a comparison that is decided. */
export function pairChange({ comparison, relation }: Related, { smallest, alpha }: Thresholds): Bilingual {
  const { a, b, decidedBy, lead } = comparison
  if (decidedBy === 'failures') {
    const { low } = lead < 0 ? rateGap(b, a, 'failed', 1 - alpha) : rateGap(a, b, 'failed', 1 - alpha)
    return reaches(0, low)
  }
  const band = gainOf(comparison, 1 - alpha)
  if (decidedBy === 'ranks' || band === null || band.kind === 'range')
    return { en: 'Seeds that rank the arms otherwise.', zh: '出现使排名不同的种子。' }
  if (relation === 'better') return reaches(0, band.low)
  if (relation === 'worse') return reaches(0, -band.high)
  const [above, below] = [smallest - band.high, smallest + band.low]
  return reaches(smallest, relation === 'equal' ? Math.min(above, below) : relation === 'not better' ? above : below)
}

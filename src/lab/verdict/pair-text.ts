/** One comparison of two arms in words. */
import type { Band } from '../statistics/band.ts'
import { unanimousP } from '../statistics/sign.ts'
import { bandText, type Bilingual, figure } from './bilingual.ts'
import type { ArmRuns } from './arms.ts'
import { gainOf } from './comparison.ts'
import { rateGap } from './evidence.ts'
import type { Related, Thresholds } from './relation.ts'

const counted = ({ arm, runs, failed }: ArmRuns): Bilingual => ({
  en: `'${arm}' trained in ${runs.length - failed} of ${runs.length} seeds`,
  zh: `'${arm}' 在 ${runs.length} 个种子中有 ${runs.length - failed} 个训练成功`,
})

/** A difference without spread, by the sign test. */
function alike({ estimate, n }: Band): Bilingual {
  const [size, p] = [figure(estimate), figure(unanimousP(n))]
  return {
    en: `${size} in all ${n} seeds (without spread there is no t-interval; by signs p=${p})`,
    zh: `${size}，${n} 个种子全部如此（没有离散，无从给出 t 区间；按符号 p=${p}）`,
  }
}

/** The measured difference, from the side of the better arm. */
function measured({ comparison }: Related, metric: string, { alpha }: Thresholds): Bilingual {
  const { a, b, decidedBy, lead } = comparison
  const [first, second] = lead < 0 ? [b, a] : [a, b]
  const [one, two] = [counted(first), counted(second)]
  const counts = { en: `${one.en}, ${two.en}`, zh: `${one.zh}，${two.zh}` }
  const failures = bandText(rateGap(first, second, 'failed', 1 - alpha))
  const ofFailures = {
    en: `${counts.en}: difference of rates ${failures.en}`,
    zh: `${counts.zh}：比例之差 ${failures.zh}`,
  }
  if (decidedBy === 'failures') return ofFailures
  const gain = gainOf(comparison, 1 - alpha)
  if (gain === null) return ofFailures
  const turned = lead < 0 ? { ...gain, estimate: -gain.estimate, low: -gain.high, high: -gain.low } : gain
  const { en, zh } = turned.kind === 'range' ? alike(turned) : bandText(turned)
  const ofValues = {
    en: `'${first.arm}' is ahead of '${second.arm}' in ${metric} by ${en}`,
    zh: `'${first.arm}' 的 ${metric} 比 '${second.arm}' 好 ${zh}`,
  }
  return decidedBy === 'values' ? ofValues : { en: `${ofValues.en}; ${counts.en}`, zh: `${ofValues.zh}；${counts.zh}` }
}

/** `p=0.003 by Holm over 15 comparisons`; nothing for one comparison. */
function adjusted(p: number, comparisons: number): Bilingual {
  if (comparisons === 1) return { en: '', zh: '' }
  return {
    en: ` (p=${figure(p)}, Holm over ${comparisons} comparisons)`,
    zh: `（p=${figure(p)}，对 ${comparisons} 次比较作 Holm 校正）`,
  }
}

/** What to do where nothing is decided. */
export function moreText(more: number | null): Bilingual {
  return more === null
    ? {
        en: 'No affordable number of seeds would decide it: change the budget, the learning rates or the rule.',
        zh: '增加种子也无法判定：请更换预算、学习率或规则。',
      }
    : {
        en: `Not separated: run ${more} more ${more === 1 ? 'seed' : 'seeds'} per arm.`,
        zh: `未能区分：请每组再运行 ${more} 个种子。`,
      }
}

/** A sentence for what a comparison came to, without the advice. */
export function pairText(related: Related, metric: string, thresholds: Thresholds): Bilingual {
  const { relation, large, p, comparison } = related
  const { smallest, comparisons } = thresholds
  const { a, b } = comparison
  const { en, zh } = measured(related, metric, thresholds)
  const holm = adjusted(p, comparisons)
  const size = large ? { en: 'a large effect', zh: '大效应' } : { en: 'a small effect', zh: '小效应' }
  switch (relation) {
    case 'better':
    case 'worse':
      return { en: `${en}${holm.en}: ${size.en}.`, zh: `${zh}${holm.zh}：${size.zh}。` }
    case 'equal':
      return {
        en: `'${a.arm}' and '${b.arm}' differ by less than ${figure(smallest)}, the smallest difference that matters: ${en}.`,
        zh: `'${a.arm}' 与 '${b.arm}' 之差小于有意义的最小差 ${figure(smallest)}：${zh}。`,
      }
    case 'not better':
    case 'not worse': {
      const [first, second] = relation === 'not better' ? [a.arm, b.arm] : [b.arm, a.arm]
      return {
        en: `'${first}' is not better than '${second}' by ${figure(smallest)}, the smallest difference that matters: ${en}.`,
        zh: `'${first}' 并不比 '${second}' 好出有意义的最小差 ${figure(smallest)}：${zh}。`,
      }
    }
    case 'open':
      return { en: `${en}${holm.en}.`, zh: `${zh}${holm.zh}。` }
  }
}

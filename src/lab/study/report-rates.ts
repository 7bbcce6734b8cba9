import type { Language } from '../claims/claim.ts'
import { numberText, type Table } from '../document.ts'
import type { LearningRateRange } from '../statistics/learning-rates.ts'
import { rateInterval } from '../statistics/rate.ts'
import { bandText } from '../verdict/bilingual.ts'
import type { ArmSummary, Summary } from './summary.ts'

const words = {
  en: {
    caption: (metric: string): string =>
      `What each arm makes of the learning rate: the best one, the widest stretch at which every run trained (≤, ≥: the grid ends there), sensitivity (mean over the grid of how far ${metric} is from its best, a failed run counting as chance; 0: it does not matter), and the share of runs that failed at the best rate`,
    head: ['arm', 'best rate', 'all train', 'sensitivity', 'failed at the best rate'],
    none: 'nowhere',
  },
  zh: {
    caption: (metric: string): string =>
      `各组与学习率：最佳学习率，所有运行都训练成功的最宽范围（≤、≥：网格到此为止），敏感度（${metric} 与其最佳值之差在网格上的平均，失败的运行按随机水平计；0 表示无关紧要），以及最佳学习率下失败的比例`,
    head: ['组', '最佳学习率', '全部成功', '敏感度', '最佳学习率下失败'],
    none: '无',
  },
} as const

const rangeText = ({ low, high, open }: LearningRateRange): string =>
  `${open.low ? '≤ ' : ''}${numberText(low, 2)} – ${open.high ? '≥ ' : ''}${numberText(high, 2)}`

function failedText({ rates, grid }: ArmSummary, language: Language): string {
  const cell = rates.find(({ learningRate }) => learningRate === grid?.best)
  if (cell === undefined) return '-'
  const failed = cell.plateaued + cell.diverged
  return bandText(rateInterval(failed, failed + cell.trained))[language]
}

/** How much each arm minds the learning rate; null where no arm was run over a whole grid of them. */
export function gridTable({ arms, metric }: Summary, language: Language): Table | null {
  const say = words[language]
  const rows = arms.flatMap((arm) => {
    if (arm.grid === null) return []
    const { best, range, sensitivity } = arm.grid
    const reach = range === null ? say.none : rangeText(range)
    return [[arm.name, numberText(best, 2), reach, bandText(sensitivity)[language], failedText(arm, language)]]
  })
  return rows.length === 0 ? null : { caption: say.caption(metric), head: say.head, rows }
}

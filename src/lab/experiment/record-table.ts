import type { Language } from '../claims/claim.ts'
import { numberText, type Table } from '../document.ts'
import { mean, meanInterval } from '../statistics/mean.ts'
import type { RunResult } from '../statistics/run-result.ts'
import type { ExperimentRecord } from './record.ts'

const words = {
  en: {
    caption: (n: number): string => `Mean ± half a 95% t-interval over the seeds that trained (${n} trials in all)`,
    arm: 'arm',
    rate: 'learning rate',
    failed: 'failed',
  },
  zh: {
    caption: (n: number): string => `训练成功的种子的均值 ± 95% t 区间的一半（共 ${n} 次试验）`,
    arm: '组',
    rate: '学习率',
    failed: '失败',
  },
} as const

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)]

/** `0.94 ± 0.012`, a mean with half its 95% t-interval; `-` for no values. */
export function meanText(values: readonly number[]): string {
  if (values.length === 0) return '-'
  const average = mean(values)
  if (values.length < 2 || values.every((value) => value === values[0])) return numberText(average)
  return `${numberText(average)} ± ${numberText(meanInterval(values).high - average, 2)}`
}

/** What an experiment measured: arms and learning rates by metrics. */
export function recordTable({ results }: ExperimentRecord, language: Language): Table {
  const say = words[language]
  const metrics = unique(results.flatMap((run) => Object.keys(run.metrics)))
  const rates = results.some(({ learningRate }) => learningRate !== undefined)
  const groups = new Map<string, RunResult[]>()
  for (const run of results) {
    const key = JSON.stringify([run.arm, run.learningRate])
    groups.set(key, [...(groups.get(key) ?? []), run])
  }
  const rows = [...groups.values()].map((runs) => {
    const [{ arm, learningRate }] = runs as [RunResult]
    const good = runs.filter(({ outcome }) => outcome === 'trained')
    const cells = metrics.map((metric) =>
      meanText(good.flatMap(({ metrics: { [metric]: value } }) => (value === undefined ? [] : [value]))),
    )
    return [arm, ...(rates ? [String(learningRate)] : []), ...cells, String(runs.length - good.length)]
  })
  return {
    caption: say.caption(results.length),
    head: [say.arm, ...(rates ? [say.rate] : []), ...metrics, say.failed],
    rows,
  }
}

import type { Language } from './claims/claim.ts'
import { numberText, type Table } from './document.ts'
import type { Figure } from './figure.ts'
import type { MapCell, RateDepthMap } from './rate-depth-map.ts'

const words = {
  en: {
    plateaued: (n: number): string => `${n} plateaued`,
    diverged: (n: number): string => `${n} diverged`,
    beside: (value: string, good: number, n: number, failures: readonly string[]): string =>
      `${value} (${good} of ${n}; ${failures.join(', ')})`,
    caption: (metric: string): string =>
      `Mean ${metric} over the runs that trained, by depth and learning rate; ×: none did`,
    depth: 'depth',
    best: 'best rate',
    rate: 'learning rate',
    failed: (bad: number, total: number): string => `${bad} of ${total} runs did not train.`,
    none: (depths: readonly number[]): string => ` At ${depths.join(', ')} blocks none did.`,
    moves: (depths: readonly [number, number], shift: string, rates: readonly [string, string]): string =>
      ` From ${depths[0]} to ${depths[1]} blocks the best learning rate moves by ${shift} octaves, from ${rates[0]} to ${rates[1]}: `,
    stays: (depths: readonly [number, number]): string =>
      ` From ${depths[0]} to ${depths[1]} blocks the best learning rate stays within one step of the grid: `,
    grid: (rates: number, step: string): string => `a grid of ${rates} rates, ${step} octaves apart, resolves no less.`,
    blocks: (depth: number): string => `${depth} blocks`,
    title: 'Learning rate and depth.',
    mean: (metric: string): string => `mean ${metric} of the runs that trained`,
    failures: 'runs that failed',
    share: 'share plateaued or diverged',
  },
  zh: {
    plateaued: (n: number): string => `${n} 次停在平台`,
    diverged: (n: number): string => `${n} 次发散`,
    beside: (value: string, good: number, n: number, failures: readonly string[]): string =>
      `${value}（${n} 次中 ${good} 次成功；${failures.join('，')}）`,
    caption: (metric: string): string => `训练成功的运行的平均 ${metric}，按深度和学习率；×：没有一次成功`,
    depth: '深度',
    best: '最佳学习率',
    rate: '学习率',
    failed: (bad: number, total: number): string => `${total} 次运行中 ${bad} 次未能训练。`,
    none: (depths: readonly number[]): string => `${depths.join('、')} 块时没有一次成功。`,
    moves: (depths: readonly [number, number], shift: string, rates: readonly [string, string]): string =>
      `从 ${depths[0]} 块到 ${depths[1]} 块，最佳学习率移动 ${shift} 个倍频程，从 ${rates[0]} 到 ${rates[1]}；`,
    stays: (depths: readonly [number, number]): string =>
      `从 ${depths[0]} 块到 ${depths[1]} 块，最佳学习率的变化在网格的一步之内；`,
    grid: (rates: number, step: string): string =>
      `网格有 ${rates} 个学习率，相隔 ${step} 个倍频程，分辨不出更小的变化。`,
    blocks: (depth: number): string => `${depth} 块`,
    title: '学习率与深度。',
    mean: (metric: string): string => `训练成功的运行的平均 ${metric}`,
    failures: '失败的运行',
    share: '停在平台或发散的比例',
  },
} as const

const rateText = (rate: number | null): string => (rate === null ? '-' : numberText(rate, 2))

/** `0.93`, with what failed: `0.93 (2 of 3; 1 plateaued)`. */
function cellText(cell: MapCell | null, say: (typeof words)[Language]): string {
  if (cell === null) return '-'
  const { n, trained: good, plateaued, diverged, mean: value } = cell
  const failures = [
    ...(plateaued > 0 ? [say.plateaued(plateaued)] : []),
    ...(diverged > 0 ? [say.diverged(diverged)] : []),
  ]
  const text = value === null ? '×' : numberText(value, 3)
  return failures.length === 0 ? text : say.beside(text, good, n, failures)
}

/** One row per depth, its best learning rate last. */
export function rateDepthTable(map: RateDepthMap, language: Language = 'en'): Table {
  const say = words[language]
  const { metric, depths, learningRates, cells, best } = map
  return {
    caption: say.caption(metric),
    head: [say.depth, ...learningRates.map(rateText), say.best],
    rows: cells.map((row, i) => [
      String(depths[i]!),
      ...row.map((cell) => cellText(cell, say)),
      rateText(best[i] ?? null),
    ]),
  }
}

/** Octaves between neighbouring rates: `3.3`, or `1.0-2.0` where they differ. */
function stepText(rates: readonly number[]): string {
  const steps = rates.slice(1).map((rate, i) => Math.log2(rate / rates[i]!))
  const [least, most] = [Math.min(...steps).toFixed(1), Math.max(...steps).toFixed(1)]
  return least === most ? least : `${least}-${most}`
}

/** What the map says in a sentence. */
export function rateDepthSummary(map: RateDepthMap, language: Language = 'en'): string {
  const say = words[language]
  const { depths, learningRates, cells, best, shift } = map
  const all = cells.flat().filter((cell) => cell !== null)
  const [total, good] = [all.reduce((sum, { n }) => sum + n, 0), all.reduce((sum, { trained }) => sum + trained, 0)]
  const dead = depths.filter((_, i) => best[i] === null)
  const failed = say.failed(total - good, total) + (dead.length === 0 ? '' : say.none(dead))
  const [first, last] = [best[0] ?? null, best.at(-1) ?? null]
  if (shift === null || first === null || last === null || learningRates.length < 2) return failed
  const ends = [depths[0]!, depths.at(-1)!] as const
  const steps = Math.abs(learningRates.indexOf(last) - learningRates.indexOf(first))
  const move = steps <= 1 ? say.stays(ends) : say.moves(ends, shift.toFixed(1), [rateText(first), rateText(last)])
  return failed + move + say.grid(learningRates.length, stepText(learningRates))
}

/**
 * The map as two heatmaps: the mean metric, blank where no run trained, and beside it the share of runs that failed.
 * Rows are depths in ascending order from below.
 */
export function rateDepthFigure(map: RateDepthMap, language: Language = 'en'): Figure {
  const say = words[language]
  const { metric, depths, learningRates, cells } = map
  const panel = (title: string, label: string, value: (cell: MapCell) => number): Figure['panels'][number] => ({
    title,
    x: { label: say.rate, scale: 'log' },
    y: say.depth,
    colour: { label, scale: 'linear' },
    columns: learningRates,
    rows: depths.map(say.blocks),
    cells: cells.map((row) => row.map((cell) => (cell === null ? NaN : value(cell)))),
  })
  return {
    name: 'learning_rate_depth_map',
    title: say.title,
    summary: rateDepthSummary(map, language),
    panels: [
      panel(say.mean(metric), metric, (cell) => cell.mean ?? NaN),
      panel(say.failures, say.share, ({ n, trained: good }) => 1 - good / n),
    ],
  }
}

import type { Language } from './claim.ts'
import type { Agreement } from './pilot-comparison.ts'

/** How many of `all` agree; of the open ones, how many lean the same way. */
export interface PilotCounts extends Readonly<Record<Agreement, number>> {
  readonly all: number
  readonly leaning: number
}

interface Words {
  readonly title: string
  readonly lead: string
  readonly head: readonly [string, string, string]
  readonly rate: string
  readonly seeds: string
  readonly failed: string
  caption(experiment: string, what: string, noise: string): string
  atRate(rate: number): string
  readonly atBest: string
  sentence(experiment: string, short: boolean, text: string): string
  pairs(counts: PilotCounts): string
  signs(counts: PilotCounts): string
  reversed(names: readonly string[], pilots: readonly string[], measured: readonly string[]): string
  range(low: string, high: string): string
  failures(failed: number, runs: number): string
  impossible(reason: string): string
}

const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`
const quoted = (names: readonly string[]): string[] => names.map((name) => `'${name}'`)

/** What is said about figures of the pilots. */
export const pilotWords: Readonly<Record<Language, Words>> = {
  en: {
    title: 'Pilots and records',
    lead: "What the pilots measured, beside what the experiments measured anew. The pilots were small, most of them of one seed, on other text or fewer digits: signs and order are compared, not levels. Arms are compared at the pilots' learning rate where it is known and was run here, else each at its best by the figure compared. They are separated by the 95% paired t-interval, or, where runs failed, by exact tests of failures and ranks, without correction for the number of pairs. Nothing was tuned to agree.",
    head: ['arm', 'pilot', 'mean ± half a 95% t-interval'],
    rate: 'learning rate',
    seeds: 'seeds',
    failed: 'failed',
    caption: (experiment, what, noise) =>
      `${experiment} and its pilot: ${what}; differences above ${noise} in the pilot are compared`,
    atRate: (rate) => `, at the pilot's learning rate ${rate}`,
    atBest: ', every arm at its best learning rate',
    sentence: (experiment, short, text) => `${experiment} and its pilot${short ? ' (short form only)' : ''}: ${text}.`,
    pairs: ({ all, same, open, reversed, leaning }) =>
      `of ${count(all, 'pair', 'pairs')} that the pilot separates, ${count(same, 'stands', 'stand')} in the same order, ${count(open, 'is', 'are')} not separated here${open > 0 ? ` (${count(leaning, 'leans', 'lean')} the same way)` : ''} and ${count(reversed, 'is', 'are')} reversed`,
    signs: ({ all, same, open, reversed, leaning }) =>
      `of ${count(all, 'sign', 'signs')} that the pilot tells, ${count(same, 'is', 'are')} the same, ${count(open, 'is', 'are')} not separated from 0 here${open > 0 ? ` (${count(leaning, 'leans', 'lean')} the same way)` : ''} and ${count(reversed, 'is', 'are')} reversed`,
    reversed: (names, pilots, measured) =>
      `${quoted(names).join(' and ')} (pilot ${pilots.join(' and ')}; here ${measured.join(' and ')})`,
    range: (low, high) => `${low} to ${high}`,
    failures: (failed, runs) => `${failed} of ${runs} failed`,
    impossible: (reason) => `the record cannot be compared: ${reason}`,
  },
  zh: {
    title: '预实验与记录',
    lead: '预实验的数字与各实验重新测得的结果对照。预实验规模小，大多只有一个种子，所用文本不同或数字图像较少：比较正负和次序，不比较数值大小。预实验的学习率已知且在此运行过时，各组在该学习率下比较，否则各取按所比数字最好的学习率。区分的依据是 95% 配对 t 区间；有运行失败时，依据失败次数和秩的精确检验；未按比较的次数作校正。没有为求一致作任何调整。',
    head: ['组', '预实验', '均值 ± 95% t 区间的一半'],
    rate: '学习率',
    seeds: '种子',
    failed: '失败',
    caption: (experiment, what, noise) => `${experiment} 与其预实验：${what}；比较预实验中大于 ${noise} 的差`,
    atRate: (rate) => `，取预实验的学习率 ${rate}`,
    atBest: '，各组取最佳学习率',
    sentence: (experiment, short, text) => `${experiment} 与其预实验${short ? '（仅简短形式）' : ''}：${text}。`,
    pairs: ({ all, same, open, reversed, leaning }) =>
      `预实验所区分的 ${all} 对中，${same} 对次序相同，${open} 对在此未能区分${open > 0 ? `（其中 ${leaning} 对方向一致）` : ''}，${reversed} 对次序相反`,
    signs: ({ all, same, open, reversed, leaning }) =>
      `预实验所确定的 ${all} 个正负号中，${same} 个相同，${open} 个在此与 0 未能区分${open > 0 ? `（其中 ${leaning} 个方向一致）` : ''}，${reversed} 个相反`,
    reversed: (names, pilots, measured) =>
      `${quoted(names).join(' 与 ')}（预实验 ${pilots.join(' 与 ')}；此处 ${measured.join(' 与 ').replaceAll('） ', '）')}）`,
    range: (low, high) => `${low} 至 ${high}`,
    failures: (failed, runs) => `${runs} 次中 ${failed} 次失败`,
    impossible: (reason) => `记录无法比较：${reason}`,
  },
}

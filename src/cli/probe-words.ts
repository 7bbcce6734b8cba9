import type { Language } from '../lab/claims/claim.ts'

/** What `residua probe` says. */
interface Words {
  readonly head: readonly string[]
  /** Where nothing speaks against a wiring. */
  readonly nothing: string
  readonly comma: string
  exponent(power: string): string
  note(warning: string): string
  written(files: readonly string[]): string
}

export const probeWords: Readonly<Record<Language, Words>> = {
  en: {
    head: ['blocks', 'sublayers', 'v_L', 'forecast', 'ratio', 'forecast', 'v_l grows', 'against it'],
    nothing: 'nothing',
    comma: ', ',
    exponent: (power) => `The ratio goes as blocks^${power}.`,
    note: (warning) => `Note: ${warning}.`,
    written: (files) => `Written: ${files.join(', ')}`,
  },
  zh: {
    head: ['块', '子层', 'v_L', '预测', '梯度比', '预测', 'v_l 增长', '不利迹象'],
    nothing: '无',
    comma: '、',
    exponent: (power) => `梯度比正比于块数的 ${power} 次方。`,
    note: (warning) => `注意：${warning}。`,
    written: (files) => `已写入：${files.join('、')}`,
  },
}

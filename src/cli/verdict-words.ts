import type { Language } from '../lab/claims/claim.ts'

/** What `residua verdict` says. */
interface Words {
  strength(name: string): string
  readonly evidence: string
  readonly against: string
  readonly change: string
  readonly rule: string
  readonly again: string
  missing(done: number, total: number): string
  readonly summary: string
  readonly noSummary: string
  readonly colon: string
  readonly comma: string
}

export const verdictWords: Readonly<Record<Language, Words>> = {
  en: {
    strength: (name) => `Strength: ${name}.`,
    evidence: 'Evidence',
    against: 'What speaks against it, or weakens it',
    change: 'What would change it',
    rule: 'The rule, written before anything ran',
    again: 'To run it all again',
    missing: (done, total) => `${done} of ${total} cells are done; there is no verdict yet.`,
    summary: 'Stored summary',
    noSummary: 'There is no summary.json to hold this against.',
    colon: ':',
    comma: ', ',
  },
  zh: {
    strength: (name) => `强度：${name}。`,
    evidence: '证据',
    against: '反对或削弱它的事实',
    change: '什么会改变它',
    rule: '运行之前写下的规则',
    again: '全部重新运行',
    missing: (done, total) => `${total} 个单元中完成了 ${done} 个，尚无结论。`,
    summary: '已存的摘要',
    noSummary: '没有 summary.json 可供核对。',
    colon: '：',
    comma: '，',
  },
}

import type { Language } from '../lab/claims/claim.ts'

/** What `residua wirings` says. */
interface Words {
  readonly axes: Readonly<Record<'skip' | 'norm' | 'placement' | 'init', string>>
  readonly fields: Readonly<Record<'branchScale' | 'qkNorm' | 'embedNorm' | 'finalNorm', string>>
  /** Of values, as a schema names them. */
  readonly types: Readonly<Record<string, string>>
  readonly preset: string
  placement(name: string): string
  readonly or: string
  readonly colon: string
  readonly comma: string
  readonly semicolon: string
  /** A remark behind a value. */
  aside(text: string): string
}

export const wiringsWords: Readonly<Record<Language, Words>> = {
  en: {
    axes: {
      skip: 'how a branch rejoins what went around it',
      norm: 'what stands where the placement puts a norm',
      placement: 'where norms stand',
      init: 'initial values by role and depth; some skips bring their own',
    },
    fields: {
      branchScale: 'factor on every branch: a number, or {"exponent":a} for n^-a in a stack of n branches (default 1)',
      qkNorm: 'norm on queries and keys: true, false, or a norm (default: as the placement needs it)',
      embedNorm: 'norm on what enters the stack: true or false (default: as the placement needs it)',
      finalNorm: 'norm on what leaves it: true, false, or "omitted" to go without a needed one (default: as needed)',
    },
    types: { integer: 'whole number', boolean: 'true or false' },
    preset: 'default',
    placement: (name) => `placement ${name}`,
    or: ' or ',
    colon: ': ',
    comma: ', ',
    semicolon: '; ',
    aside: (text) => ` (${text})`,
  },
  zh: {
    axes: {
      skip: '分支如何与绕过它的信号重新汇合',
      norm: '归一化位置上用哪种归一化',
      placement: '归一化放在哪里',
      init: '按角色和深度给出的初始值；有些 skip 自带初始化',
    },
    fields: {
      branchScale: '每个分支的系数：一个数，或 {"exponent":a}，即 n 个分支的堆叠中为 n^-a（默认 1）',
      qkNorm: '对查询和键的归一化：true、false 或某种归一化（默认按 placement 的需要）',
      embedNorm: '对进入堆叠的信号的归一化：true 或 false（默认按 placement 的需要）',
      finalNorm: '对离开堆叠的信号的归一化：true、false，或 "omitted" 表示省去所需的（默认按需要）',
    },
    types: { integer: '整数', number: '数', string: '文字', boolean: 'true 或 false' },
    preset: '默认',
    placement: (name) => `属于 placement ${name}`,
    or: ' 或 ',
    colon: '：',
    comma: '，',
    semicolon: '；',
    aside: (text) => `（${text}）`,
  },
}

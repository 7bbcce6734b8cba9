import type { Bilingual } from './verdict/bilingual.ts'

/** The warnings of `nn.warningsOf`, and what they are in Chinese; `$1` is what the first group holds. */
const sentences: readonly (readonly [en: RegExp, zh: string])[] = [
  [
    /^(\w+) was made to go without norms, got (\w+) placed (\w+); use norm none$/,
    '$1 本应不带归一化，现在是 $2（位置 $3）；请用 norm none',
  ],
  [
    /^fixup rests on the initialisation 'fixup', got '(\w+)'; leave init out$/,
    "fixup 依赖初始化 'fixup'，现在是 '$1'；请去掉 init",
  ],
  [
    /^gates with bias (\S+) keep half or less of what goes around at every branch; use a bias of (about 2|-1 to -3)$/,
    '偏置为 $1 的门在每个分支处只保留一半或更少的绕行信号；请用偏置 $2',
  ],
  [
    /^lnScaling with init '(\w+)' shrinks deep branches twice; use init 'layers'$/,
    "lnScaling 与 init '$1' 会把深处的分支缩小两次；请用 init 'layers'",
  ],
  [
    /^placement out without a norm on queries and keys explodes exponentially with depth; leave qkNorm out$/,
    'placement out 不对查询和键归一化时随深度指数爆炸；请去掉 qkNorm',
  ],
  [
    /^post with (\d+) sublayers and no warm-up may collapse during the first steps; warm up, or choose pre or deepNorm$/,
    'post 有 $1 个子层而没有预热，可能在最初几步崩溃；请预热，或改用 pre 或 deepNorm',
  ],
]

/** A warning about a wiring in two languages; what a part from elsewhere warns of stays as it is. */
export function warningText(en: string): Bilingual {
  const known = sentences.find(([pattern]) => pattern.test(en))
  return { en, zh: known ? en.replace(...known) : en }
}

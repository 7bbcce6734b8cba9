import type { Objection } from './objections.ts'

/** The sentences of `objections` in Chinese, by what their short form begins with; what follows is the figure. */
const sentences: readonly (readonly [start: string, sentence: (figure: string) => string])[] = [
  ['gradient overflow', () => '梯度在回传途中超出 float32 范围'],
  ['gradient x', (factor) => `梯度在回传途中变为 x${factor}`],
  ['overflow', () => '残差流超出 float32 范围'],
  ['output rms ', (rms) => `离开网络的向量均方根为 ${rms}，第 0 步就使 softmax 饱和`],
  ['skips pass ', (gain) => `仅经残差连接只有 x${gain} 的梯度通过，分支饱和后只剩这些`],
  ['no skips', () => '没有任何通路绕过各分支'],
  ['tokens alike', () => '所有词元离开网络时几乎是同一个向量'],
]

/** An objection in Chinese. */
export function objectionZh({ short, text }: Objection): string {
  const known = sentences.find(([start]) => short.startsWith(start))
  return known ? known[1](short.slice(known[0].length)) : text
}

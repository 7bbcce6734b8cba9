import { numberText } from './document.ts'
import type { Scan } from './scan.ts'
import type { Bilingual } from './verdict/bilingual.ts'

/**
 * Where trainability ends at initialisation. Pilots bracket each bound: residual blocks without
 * norm trained an MLP at a gradient ratio of 16 and degraded from 256 on (E3); pre, peri and out with QK-norm trained at
 * up to 20, out without it (4e4) did not (4c); post trained at a skip gain of 4e-3 and was stuck from 2e-4 on (E3, E28);
 * post's tokens are alike beyond .999 where it is stuck (E24).
 */
export const bounds = {
  ratio: [1e-2, 1e2],
  /** Second moment of what leaves the stack. */
  output: 1e2,
  skipGain: 1e-3,
  /** Stacks of up to this many seats train without skips (E3: 89% with 8 blocks of two layers, 57% with 16). */
  shallow: 8,
  correlation: 0.999,
} as const

/** A few words, and a sentence. */
type Texts = readonly [short: Bilingual, text: Bilingual]

const texts = {
  overflow: (seat: number, seats: number): Texts => [
    { en: 'overflow', zh: '溢出' },
    {
      en: `the stream overflows float32 past sublayer ${seat} of ${seats}`,
      zh: `残差流经过第 ${seat} 个子层（共 ${seats} 个）后超出 float32 范围`,
    },
  ],
  gradientOverflow: (): Texts => [
    { en: 'gradient overflow', zh: '梯度溢出' },
    { en: 'the gradient overflows float32 on its way down', zh: '梯度在回传途中超出 float32 范围' },
  ],
  growingGradient: (ratio: string): Texts => [
    { en: `gradient x${ratio}`, zh: `梯度 x${ratio}` },
    { en: `the gradient grows x${ratio} on its way down`, zh: `梯度在回传途中增至 x${ratio}` },
  ],
  shrinkingGradient: (ratio: string): Texts => [
    { en: `gradient x${ratio}`, zh: `梯度 x${ratio}` },
    { en: `the gradient shrinks to x${ratio} on its way down`, zh: `梯度在回传途中减至 x${ratio}` },
  ],
  largeOutput: (rms: string): Texts => [
    { en: `output rms ${rms}`, zh: `输出均方根 ${rms}` },
    {
      en: `what leaves the stack has rms ${rms}, which saturates a softmax at step 0`,
      zh: `离开网络的向量均方根为 ${rms}，第 0 步就使 softmax 饱和`,
    },
  ],
  noSkips: (seats: number): Texts => [
    { en: 'no skips', zh: '没有残差连接' },
    { en: `nothing goes around the branches of ${seats} sublayers`, zh: `${seats} 个子层的分支没有任何通路绕过` },
  ],
  weakSkips: (gain: string): Texts => [
    { en: `skips pass ${gain}`, zh: `残差连接只通过 ${gain}` },
    {
      en: `the skips alone pass x${gain} of the gradient, which is all that is left once branches saturate`,
      zh: `仅经残差连接只有 x${gain} 的梯度通过，分支饱和后只剩这些`,
    },
  ],
  tokensAlike: (): Texts => [
    { en: 'tokens alike', zh: '词元雷同' },
    { en: 'all tokens leave the stack as nearly the same vector', zh: '所有词元离开网络时几乎是同一个向量' },
  ],
} as const

/** One thing that speaks against a wiring: its name, a few words, and a sentence. */
export interface Objection {
  readonly name: keyof typeof texts
  readonly short: Bilingual
  readonly text: Bilingual
}

/** What a scan and the gain through the skips say against a wiring; nothing: it will train. */
export function objections({ profile, output, overflow }: Scan, throughSkips: number): Objection[] {
  const found: Objection[] = []
  const say = (name: Objection['name'], [short, text]: Texts): void => void found.push({ name, short, text })
  const number = (value: number): string => numberText(value, 2)
  const seats = profile.stream.length - 1
  const ratio = profile.gradient[0]!
  if (overflow !== null) say('overflow', texts.overflow(overflow + 1, seats))
  if (!Number.isFinite(ratio)) say('gradientOverflow', texts.gradientOverflow())
  else if (ratio > bounds.ratio[1]) say('growingGradient', texts.growingGradient(number(ratio)))
  else if (ratio < bounds.ratio[0]) say('shrinkingGradient', texts.shrinkingGradient(number(ratio)))
  if (overflow === null && !(output < bounds.output)) say('largeOutput', texts.largeOutput(number(Math.sqrt(output))))
  if (seats > bounds.shallow && throughSkips === 0) say('noSkips', texts.noSkips(seats))
  else if (seats > bounds.shallow && throughSkips < bounds.skipGain)
    say('weakSkips', texts.weakSkips(number(throughSkips)))
  if (overflow === null && profile.correlation.at(-1)! > bounds.correlation) say('tokensAlike', texts.tokensAlike())
  return found
}

/** What a search for the largest stable value says, in two languages. */
import type { LimitOf, LimitPlan, StableLimitOptions, Trial } from './stable-limit.ts'
import { type Bilingual, figure } from './verdict/bilingual.ts'

export interface LimitTexts {
  /** What was found, and how far it can be trusted. */
  readonly sentence: Bilingual
  readonly warnings: readonly Bilingual[]
}

export interface LimitFacts {
  readonly of: LimitOf
  readonly limit: number | null
  readonly failsAt: number | null
  readonly monotone: boolean
  readonly trials: readonly Trial[]
  readonly plan: LimitPlan
}

type Setting = Required<Pick<StableLimitOptions, 'between' | 'seeds' | 'steps' | 'factor'>>

const quantity: Readonly<Record<LimitOf, Bilingual>> = {
  depth: { en: 'depth', zh: '深度' },
  learningRate: { en: 'learning rate', zh: '学习率' },
}

/** Depths between which there is none. */
const areNeighbours = ({ of, limit, failsAt }: { of: LimitOf; limit: number; failsAt: number }): boolean =>
  of === 'depth' && failsAt === limit + 1

function outcomeText({ value, outcomes }: Trial): Bilingual {
  const count = (outcome: string): number => outcomes.filter((one) => one === outcome).length
  const [trained, plateaued, diverged] = [count('trained'), count('plateaued'), count('diverged')]
  return {
    en: `${value} (${trained} trained, ${plateaued} plateaued, ${diverged} diverged)`,
    zh: `${value}（训练成功 ${trained}，停在平台 ${plateaued}，发散 ${diverged}）`,
  }
}

function sentenceOf({ of, limit, failsAt, trials }: LimitFacts, { between, seeds, steps }: Setting): Bilingual {
  const { en, zh } = quantity[of]
  const [low, high] = between
  const how = {
    en: `${steps} steps, ${seeds} ${seeds === 1 ? 'seed' : 'seeds'} each, ${trials.length} values tried between ${low} and ${high}`,
    zh: `每次 ${steps} 步，每个值 ${seeds} 个种子，在 ${low} 与 ${high} 之间试了 ${trials.length} 个值`,
  }
  if (limit === null)
    return { en: `No ${en} that was tried trains (${how.en}).`, zh: `试过的${zh}都不能训练（${how.zh}）。` }
  if (failsAt === null)
    return {
      en: `The largest stable ${en} is ${limit} or more: nothing above it failed (${how.en}).`,
      zh: `最大稳定${zh}至少为 ${limit}：其上没有失败（${how.zh}）。`,
    }
  if (areNeighbours({ of, limit, failsAt }))
    return {
      en: `The largest stable ${en} is ${limit}; ${failsAt} failed (${how.en}).`,
      zh: `最大稳定${zh}为 ${limit}；${failsAt} 失败（${how.zh}）。`,
    }
  return {
    en: `The largest stable ${en} is at least ${limit} and below ${failsAt} (${how.en}).`,
    zh: `最大稳定${zh}不小于 ${limit}，小于 ${failsAt}（${how.zh}）。`,
  }
}

function warningsOf({ of, limit, failsAt, monotone, trials }: LimitFacts, { seeds, factor }: Setting): Bilingual[] {
  const warnings: Bilingual[] = []
  if (!monotone) {
    const below = trials.filter(({ value, stable }) => !stable && value < limit!).map(outcomeText)
    warnings.push({
      en: `Stability is not monotone: below the limit these failed: ${below.map(({ en }) => en).join(', ')}. ${of === 'learningRate' ? 'A rate may be too low to leave the plateau in so few steps; raise the steps or the lower end.' : 'Use more steps or seeds before trusting the limit.'}`,
      zh: `稳定性不单调：上限以下有失败：${below.map(({ zh }) => zh).join('、')}。${of === 'learningRate' ? '学习率可能太低，步数太少时离不开平台；请增加步数或提高下端。' : '请先增加步数或种子数，再相信该上限。'}`,
    })
  }
  if (limit !== null && failsAt !== null && failsAt / limit > factor && !areNeighbours({ of, limit, failsAt })) {
    const gap = figure(failsAt / limit)
    warnings.push({
      en: `The limit is known to a factor of ${gap} only; nothing between could be tried, or the trials were spent.`,
      zh: `该上限只精确到 ${gap} 倍；其间没有可试的值，或试验次数已用完。`,
    })
  }
  if (seeds === 1) warnings.push({ en: 'One seed: luck is not ruled out.', zh: '只有一个种子：不能排除偶然。' })
  return warnings
}

/** The sentence and the warnings of a search; values stand there as they were tried, since a rounded one was not. */
export const limitTexts = (facts: LimitFacts, setting: Setting): LimitTexts => ({
  sentence: sentenceOf(facts, setting),
  warnings: warningsOf(facts, setting),
})

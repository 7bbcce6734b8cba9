import { readScalars } from '../train/files/scalars.ts'
import { type ArticleArm, partsOf } from './article-arms.ts'
import type { Outcome } from './article-outcome.ts'
import type { Language } from './claims/claim.ts'
import type { Point } from './curve.ts'
import { numberText } from './document.ts'
import type { Figure, Panel, Series } from './figure.ts'
import { type DepthProfile, readProfiles } from './profile.ts'

/** Colour says residual, dash says norm, on every figure. */
const lookOf = (arm: ArticleArm): Omit<Series, 'points'> => ({
  name: partsOf(arm),
  colour: arm.wiring.skip === 'none' ? 'vermilion' : 'blue',
  dash: arm.wiring.norm === 'none' ? 'dashed' : 'solid',
})

/** Steps over which the weight of a loss halves in the smoothed lines. */
const halfLife = 10

function lossPoints(folder: string): Point[] {
  const { names, rows } = readScalars(folder)
  const column = names.indexOf('loss')
  return rows.map(({ step, values }) => [step, values[column] ?? NaN])
}

const words = {
  en: {
    blocks: (depth: number): string => (depth === 1 ? '1 block' : `${depth} blocks`),
    list: (parts: readonly string[]): string => parts.join(', '),
    step: 'step',
    loss: 'training loss, nats',
    losses: 'Training loss over steps.',
    ended: (depth: string, losses: string, level: string): string =>
      `With ${depth} the test loss ended at: ${losses} nats; knowing only how frequent each digit is gives ${level}.`,
    first: 'first probe',
    last: 'last probe',
    atSteps: (probe: string, steps: readonly number[]): string => `${probe} (step ${steps.join(' or ')})`,
    passed: 'blocks passed',
    norm: '|dLoss/dx|, norm over the batch',
    gradients: 'Gradient of the loss with respect to the stream, over depth.',
    ratios: (first: string, last: string): string =>
      `Norm at the input over norm after the last block, at the first probe: ${first}; at the last: ${last}.`,
  },
  zh: {
    blocks: (depth: number): string => `${depth} 个块`,
    list: (parts: readonly string[]): string => parts.join('，'),
    step: '步',
    loss: '训练损失，nats',
    losses: '训练损失随步数的变化。',
    ended: (depth: string, losses: string, level: string): string =>
      `${depth}时测试损失最终为：${losses} nats；只知道各数字的频率时为 ${level}。`,
    first: '首次探测',
    last: '末次探测',
    atSteps: (probe: string, steps: readonly number[]): string => `${probe}（第 ${steps.join(' 或 ')} 步）`,
    passed: '经过的块数',
    norm: '|dLoss/dx|，整批的范数',
    gradients: '损失对残差流的梯度随深度的变化。',
    ratios: (first: string, last: string): string =>
      `输入处的范数与末块之后的范数之比，首次探测：${first}；末次：${last}。`,
  },
} as const

const listed = (
  outcomes: readonly Outcome[],
  value: (outcome: Outcome) => string,
  say: (typeof words)[Language],
): string => say.list(outcomes.map((outcome) => `${partsOf(outcome.arm)} ${value(outcome)}`))

/** Training loss over steps, one panel per depth. */
export function lossFigure(outcomes: readonly Outcome[], language: Language): Figure {
  const say = words[language]
  const depths = [...new Set(outcomes.map(({ arm }) => arm.depth))]
  const panels = depths.map((depth): Panel => {
    const shown = outcomes.filter(({ arm }) => arm.depth === depth)
    return {
      title: say.blocks(depth),
      x: { label: say.step, scale: 'linear' },
      y: { label: say.loss, scale: 'log' },
      series: shown.map(({ arm, folder }) => ({ ...lookOf(arm), points: lossPoints(folder) })),
      halfLife,
    }
  })
  const deepest = outcomes.filter(({ arm }) => arm.depth === Math.max(...depths))
  const [{ test }] = outcomes as readonly [Outcome]
  const losses = listed(deepest, ({ loss }) => numberText(loss, 3), say)
  return {
    name: 'article_arms_loss_step',
    title: say.losses,
    summary: say.ended(say.blocks(Math.max(...depths)), losses, numberText(test.level)),
    panels,
  }
}

/** Gradient norm over depth at the first and at the last probe, for the arms of one depth. */
export function gradientFigure(outcomes: readonly Outcome[], language: Language): Figure {
  const say = words[language]
  const profiles = outcomes.map(({ arm, folder }) => ({ arm, frames: readProfiles(folder) }))
  const panel = (when: string, choose: (frames: readonly DepthProfile[]) => DepthProfile | undefined): Panel => {
    const chosen = profiles.flatMap(({ arm, frames }) => {
      const profile = choose(frames)
      return profile ? [{ arm, profile }] : []
    })
    const steps = [...new Set(chosen.map(({ profile }) => profile.step))]
    return {
      title: say.atSteps(when, steps),
      x: { label: say.passed, scale: 'linear' },
      y: { label: say.norm, scale: 'log' },
      series: chosen.map(({ arm, profile }) => ({
        ...lookOf(arm),
        points: profile.gradientNorm.map((norm, depth): Point => [depth, norm]),
      })),
    }
  }
  const ratios = (which: 'first' | 'last'): string =>
    listed(outcomes, ({ gradientRatio }) => numberText(gradientRatio?.[which].value ?? NaN, 3), say)
  return {
    name: 'article_deep_gradient_depth',
    title: say.gradients,
    summary: say.ratios(ratios('first'), ratios('last')),
    panels: [panel(say.first, (frames) => frames[0]), panel(say.last, (frames) => frames.at(-1))],
    sharedY: true,
  }
}

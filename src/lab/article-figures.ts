import { readScalars } from '../train/files/scalars.ts'
import { type ArticleArm, partsOf } from './article-arms.ts'
import type { Outcome } from './article-outcome.ts'
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

const listed = (outcomes: readonly Outcome[], value: (outcome: Outcome) => string): string =>
  outcomes.map((outcome) => `${partsOf(outcome.arm)} ${value(outcome)}`).join(', ')

const blocks = (depth: number): string => (depth === 1 ? '1 block' : `${depth} blocks`)

/** Training loss over steps, one panel per depth. */
export function lossFigure(outcomes: readonly Outcome[]): Figure {
  const depths = [...new Set(outcomes.map(({ arm }) => arm.depth))]
  const panels = depths.map((depth): Panel => {
    const shown = outcomes.filter(({ arm }) => arm.depth === depth)
    return {
      title: blocks(depth),
      x: { label: 'step', scale: 'linear' },
      y: { label: 'training loss, nats', scale: 'log' },
      series: shown.map(({ arm, folder }) => ({ ...lookOf(arm), points: lossPoints(folder) })),
      halfLife,
    }
  })
  const deepest = outcomes.filter(({ arm }) => arm.depth === Math.max(...depths))
  const [{ test }] = outcomes as readonly [Outcome]
  return {
    name: 'article_arms_loss_step',
    title: 'Training loss over steps.',
    summary: `With ${blocks(Math.max(...depths))} the test loss ended at: ${listed(deepest, ({ loss }) => numberText(loss, 3))} nats; knowing only how frequent each digit is gives ${numberText(test.level)}.`,
    panels,
  }
}

/** Gradient norm over depth at the first and at the last probe, for the arms of one depth. */
export function gradientFigure(outcomes: readonly Outcome[]): Figure {
  const profiles = outcomes.map(({ arm, folder }) => ({ arm, frames: readProfiles(folder, arm.depth) }))
  const panel = (when: string, choose: (frames: readonly DepthProfile[]) => DepthProfile | undefined): Panel => {
    const chosen = profiles.flatMap(({ arm, frames }) => {
      const profile = choose(frames)
      return profile ? [{ arm, profile }] : []
    })
    const steps = [...new Set(chosen.map(({ profile }) => profile.step))]
    return {
      title: `${when} (step ${steps.join(' or ')})`,
      x: { label: 'blocks passed', scale: 'linear' },
      y: { label: '|dLoss/dx|, norm over the batch', scale: 'log' },
      series: chosen.map(({ arm, profile }) => ({
        ...lookOf(arm),
        points: profile.gradientNorm.map((norm, depth): Point => [depth, norm]),
      })),
    }
  }
  const ratio = (which: 'first' | 'last') => (outcome: Outcome) =>
    numberText(outcome.gradientRatio?.[which].value ?? NaN, 3)
  return {
    name: 'article_deep_gradient_depth',
    title: 'Gradient of the loss with respect to the stream, over depth.',
    summary: `Norm at the input over norm after the last block, at the first probe: ${listed(outcomes, ratio('first'))}; at the last: ${listed(outcomes, ratio('last'))}.`,
    panels: [panel('first probe', (frames) => frames[0]), panel('last probe', (frames) => frames.at(-1))],
    sharedY: true,
  }
}

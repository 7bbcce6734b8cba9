/** What the measured numbers say, in sentences. */
import { articleSettings, partsOf } from './article-arms.ts'
import { findingWords } from './article-finding-words.ts'
import type { Outcome } from './article-outcome.ts'
import type { Language } from './claims/claim.ts'
import { numberText, percent } from './document.ts'

export interface Finding {
  /** Which arms trained and which did not. */
  readonly lead: string
  /** What the numbers say of the article's statements. */
  readonly claims: readonly string[]
  /** How far all of that reaches. */
  readonly caveat: string
}

/** Whether an arm names the digits no better than the most frequent class does, within 3 standard errors. */
export const isAtChance = ({ accuracy, test }: Outcome): boolean => !(accuracy > aboveChance(test))

const aboveChance = ({ chance, size }: Outcome['test']): number =>
  chance + 3 * Math.sqrt((chance * (1 - chance)) / size)

/** Whether an arm is at chance in the end, but was not all the time. */
const fellBack = (outcome: Outcome): boolean => isAtChance(outcome) && outcome.best.value > aboveChance(outcome.test)

/** How far two accuracies on the same number of images may differ by accident alone, 95%. */
const noise = ({ accuracy, test }: Outcome): number => 1.96 * Math.sqrt((2 * accuracy * (1 - accuracy)) / test.size)

/** Percentage points. */
const points = (share: number): string => (100 * share).toFixed(2)

type Words = (typeof findingWords)[Language]

/** What is remarkable about an arm, in a few words; empty where nothing is. */
export function remarkOf(outcome: Outcome, language: Language): string {
  const say = findingWords[language]
  const { diverged, plateau, best } = outcome
  if (diverged) return say.divergedAt(diverged.step, diverged.path)
  if (fellBack(outcome)) return say.fellBack(percent(best.value), best.step)
  if (isAtChance(outcome)) return plateau === null ? say.atChance : say.plateau(plateau)
  return plateau === null ? '' : say.leftPlateau(plateau)
}

/** Arms with their accuracies, the best first. */
const scored = (outcomes: readonly Outcome[], say: Words): string =>
  say.list(
    outcomes
      .toSorted((a, b) => b.accuracy - a.accuracy)
      .map((outcome) => {
        const { arm, accuracy, diverged, best } = outcome
        const before = fellBack(outcome) ? [say.after(percent(best.value), best.step)] : []
        const end = diverged ? [say.diverged(diverged.step)] : []
        return say.scored(partsOf(arm), [percent(accuracy), ...before, ...end])
      }),
  )

/** Which arms of one depth learned. */
function atDepth(outcomes: readonly Outcome[], say: Words): string {
  const [{ arm, test }] = outcomes as readonly [Outcome]
  const learned = outcomes.filter((outcome) => !isAtChance(outcome))
  const stuck = outcomes.filter(isAtChance)
  const ended = say.ended(scored(stuck, say), percent(test.chance))
  if (stuck.length === 0) return say.allLearned(arm.depth, scored(learned, say))
  if (learned.length === 0) return say.noneLearned(arm.depth, ended)
  return say.someLearned(arm.depth, scored(learned, say), ended)
}

/** The gradient's change over depth, at the first and at the last probe. */
function gradients({ gradientRatio }: Outcome, say: Words): string {
  if (gradientRatio === null) return say.unmeasured
  const { first, last } = gradientRatio
  return say.gradients(numberText(first.value, 3), first.step, numberText(last.value, 3), last.step)
}

function ofNormAlone(norm: Outcome, plain: Outcome, say: Words): string {
  const worse = isAtChance(norm) || norm.diverged !== null || plain.accuracy - norm.accuracy > noise(plain)
  const verdict = worse ? say.verdicts.refuted : say.verdicts.notRefuted
  const [ended, without] = [percent(norm.accuracy), percent(plain.accuracy)]
  return say.normAlone(verdict, norm.arm.depth, ended, without, gradients(norm, say))
}

function ofResidualAlone(residual: Outcome, both: Outcome, say: Words): string {
  const { refuted, partly, notRefuted } = say.verdicts
  const behind = both.accuracy - residual.accuracy > noise(both)
  const failed = isAtChance(residual) || residual.diverged !== null
  const verdict = failed ? refuted : behind ? partly : notRefuted
  const [ended, withNorm] = [percent(residual.accuracy), percent(both.accuracy)]
  return say.residualAlone(verdict, residual.arm.depth, ended, withNorm, gradients(residual, say))
}

function ofOneBlock(outcomes: readonly Outcome[], both: Outcome, plain: Outcome, say: Words): string {
  const accuracies = outcomes.map(({ accuracy }) => accuracy)
  const gain = both.accuracy - plain.accuracy
  const verdict = gain > noise(both) ? say.verdicts.borneOut : say.verdicts.notBorneOut
  const [lowest, highest] = [percent(Math.min(...accuracies)), percent(Math.max(...accuracies))]
  return say.oneBlock(verdict, points(Math.abs(gain)), gain >= 0, points(noise(both)), lowest, highest)
}

/** Builds the finding from the outcomes of all arms. */
export function findingOf(outcomes: readonly Outcome[], language: Language = 'en'): Finding {
  const say = findingWords[language]
  const depths = [...new Set(outcomes.map(({ arm }) => arm.depth))]
  const groups = depths.map((depth) => outcomes.filter(({ arm }) => arm.depth === depth))
  const [shallow, deep] = [groups[0], groups.at(-1)] as [Outcome[], Outcome[]]
  const part = (group: readonly Outcome[], name: string): Outcome => group.find(({ arm }) => partsOf(arm) === name)!
  const both = part(shallow, 'residual + norm')
  const steps = [...new Set(outcomes.map(({ step }) => step))]
  return {
    lead: groups
      .toReversed()
      .map((group) => atDepth(group, say))
      .join(say.space),
    claims: [
      ofNormAlone(part(deep, 'norm'), part(deep, 'plain'), say),
      ofResidualAlone(part(deep, 'residual'), part(deep, 'residual + norm'), say),
      ofOneBlock(shallow, both, part(shallow, 'plain'), say),
    ],
    caveat:
      say.single(both.seed, articleSettings.learningRate, steps) +
      say.space +
      say.alike(percent(both.accuracy), both.test.size, points(noise(both))),
  }
}

/** What the measured numbers say, in sentences. */
import { articleSettings, partsOf } from './article-arms.ts'
import type { Outcome } from './article-outcome.ts'
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

const points = (share: number): string => `${(100 * share).toFixed(2)} points`

/** What is remarkable about an arm, in a few words; empty where nothing is. */
export function remarkOf(outcome: Outcome): string {
  const { diverged, plateau, best } = outcome
  if (diverged) return `diverged at step ${diverged.step}: ${diverged.path}`
  if (fellBack(outcome)) return `at chance, after ${percent(best.value)} at step ${best.step}`
  if (isAtChance(outcome)) return plateau === null ? 'at chance' : `plateau since before step ${plateau}`
  return plateau === null ? '' : `left a plateau (step ${plateau})`
}

const listed = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`

/** Arms with their accuracies, the best first. */
const scored = (outcomes: readonly Outcome[]): string =>
  listed(
    outcomes
      .toSorted((a, b) => b.accuracy - a.accuracy)
      .map((outcome) => {
        const { arm, accuracy, diverged, best } = outcome
        const before = fellBack(outcome) ? `, after ${percent(best.value)} at step ${best.step}` : ''
        const end = diverged ? `, diverged at step ${diverged.step}` : ''
        return `${partsOf(arm)} (${percent(accuracy)}${before}${end})`
      }),
  )

/** Which arms of one depth learned. */
function atDepth(outcomes: readonly Outcome[]): string {
  const [{ arm, test }] = outcomes as readonly [Outcome]
  const learned = outcomes.filter((outcome) => !isAtChance(outcome))
  const stuck = outcomes.filter(isAtChance)
  const where = `With ${arm.depth} ${arm.depth === 1 ? 'block' : 'blocks'}`
  const chance = `ended at chance (always the most frequent digit: ${percent(test.chance)})`
  if (stuck.length === 0) return `${where}, all arms learned: ${scored(learned)}.`
  if (learned.length === 0) return `${where}, no arm learned: ${scored(stuck)} ${chance}.`
  return `${where}, ${scored(learned)} learned, while ${scored(stuck)} ${chance}.`
}

/** The gradient's change over depth, at the first and at the last probe. */
function gradients({ gradientRatio }: Outcome): string {
  if (gradientRatio === null) return 'its gradients were not measured'
  const { first, last } = gradientRatio
  return `its gradient at the input was ${numberText(first.value, 3)} times that after the last block at step ${first.step}, and ${numberText(last.value, 3)} times at step ${last.step}`
}

function ofNormAlone(norm: Outcome, plain: Outcome): string {
  const statement = 'Layer norm by itself takes vanishing gradients away and makes training stable (2.2, 3.3).'
  const worse = isAtChance(norm) || norm.diverged !== null || plain.accuracy - norm.accuracy > noise(plain)
  const verdict = worse ? 'Refuted here' : 'Not refuted here'
  const measured = `with ${norm.arm.depth} blocks and no residual connection it ended at ${percent(norm.accuracy)} (plain: ${percent(plain.accuracy)}); ${gradients(norm)}`
  return `${statement} ${verdict}: ${measured}.`
}

function ofResidualAlone(residual: Outcome, both: Outcome): string {
  const statement = 'The residual connection solves vanishing and exploding gradients (3.3).'
  const behind = both.accuracy - residual.accuracy > noise(both)
  const failed = isAtChance(residual) || residual.diverged !== null
  const verdict = failed ? 'Refuted here' : behind ? 'Holds only in part here' : 'Not refuted here'
  const measured = `without norm, ${residual.arm.depth} blocks ended at ${percent(residual.accuracy)}, with it at ${percent(both.accuracy)}; without norm ${gradients(residual)}`
  return `${statement} ${verdict}: ${measured}.`
}

function ofOneBlock(outcomes: readonly Outcome[], both: Outcome, plain: Outcome): string {
  const statement = 'A network of one block shows what the two techniques are good for (5.2).'
  const accuracies = outcomes.map(({ accuracy }) => accuracy)
  const gain = both.accuracy - plain.accuracy
  const verdict = gain > noise(both) ? 'Borne out here' : 'Not borne out here'
  const measured = `residual + norm is ${points(Math.abs(gain))} ${gain < 0 ? 'below' : 'above'} plain (by accident alone: up to ${points(noise(both))}); the four arms lie between ${percent(Math.min(...accuracies))} and ${percent(Math.max(...accuracies))}`
  return `${statement} ${verdict}: ${measured}.`
}

/** Builds the finding from the outcomes of all arms. */
export function findingOf(outcomes: readonly Outcome[]): Finding {
  const depths = [...new Set(outcomes.map(({ arm }) => arm.depth))]
  const groups = depths.map((depth) => outcomes.filter(({ arm }) => arm.depth === depth))
  const [shallow, deep] = [groups[0], groups.at(-1)] as [Outcome[], Outcome[]]
  const part = (group: readonly Outcome[], name: string): Outcome => group.find(({ arm }) => partsOf(arm) === name)!
  const both = part(shallow, 'residual + norm')
  const steps = [...new Set(outcomes.map(({ step }) => step))]
  return {
    lead: groups.toReversed().map(atDepth).join(' '),
    claims: [
      ofNormAlone(part(deep, 'norm'), part(deep, 'plain')),
      ofResidualAlone(part(deep, 'residual'), part(deep, 'residual + norm')),
      ofOneBlock(shallow, both, part(shallow, 'plain')),
    ],
    caveat: `One seed (${both.seed}), one learning rate (${articleSettings.learningRate}), ${steps.join(' or ')} steps an arm: this is what these eight runs did, not a verdict with statistics. Accuracies near ${percent(both.accuracy)} on ${both.test.size} images that differ by less than ${points(noise(both))} cannot be told apart.`,
  }
}

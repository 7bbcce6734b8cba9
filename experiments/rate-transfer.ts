/**
 * E35: are larger models harder to train, is it depth or width, and does a multiplier on the branches fix it?
 *
 * Pre-norm GPTs on the characters of Moby Dick (batches of 8 windows of 64, AdamW with beta2 0.95, linear decay, no
 * warm-up; 150 steps), whose branches are multiplied by 1, n^-1/2 or n^-1, n being their number. One trial trains the ends
 * of one axis, 6 and 48 blocks of width 48, or 12 blocks of width 32 and 96, at six rates an octave apart (the catalogue
 * has sizes between, which the time does not allow). The best rate is where a parabola through the lowest test loss and
 * its neighbours is lowest. Its fall from the small net to the large one is per doubling of the size, as 6 to 48 is three
 * octaves and 32 to 96 is 1.6; where a best rate lies at the end of the grid it is not known, and nothing is said of it.
 * Usable is what leaves the plateau and comes within 0.1 nats of the best.
 * 6 arms, 3 seeds, 6 rates at about 45 s over depth and 35 s over width.
 */
import * as lab from 'residua/lab'
import { type RateRun, stability, trainAtRates } from './kit/learning-rates.ts'
import { above, lower } from './kit/rules.ts'

const task = lab.tasks.characters()
const multipliers = { 'x 1': 0, 'x n^-1/2': 0.5, 'x n^-1': 1 }
const arms = Object.fromEntries(
  Object.entries(multipliers).flatMap(([name, exponent]) =>
    (['depth', 'width'] as const).map((axis) => [`${name}, over ${axis}`, { axis, exponent }]),
  ),
)
const [fall, shift, lost] = [
  'fall of the best rate per doubling, octaves',
  'shift of the best rate per doubling, octaves',
  'usable octaves lost per doubling',
]

/** In octaves, by the parabola through the lowest loss and its neighbours; NaN at the end of the grid. */
function log2BestRate(runs: readonly RateRun[]): number {
  const losses = runs.map(({ loss }) => loss)
  const at = losses.indexOf(Math.min(...losses))
  const [before, best, after] = [losses[at - 1], losses[at]!, losses[at + 1]]
  const [rate, bend] = [Math.log2(runs[at]!.learningRate), (before ?? NaN) + (after ?? NaN) - 2 * best]
  return bend > 0 ? rate + (before! - after!) / (2 * bend) : NaN
}

export default lab.experiment({
  id: 'E35',
  file: import.meta.url,
  minutes: { full: 38, short: 0.6 },
  arms,
  full: {
    ...{ seeds: 3, rates: [5e-4, 1e-3, 2e-3, 4e-3, 8e-3, 1.6e-2], steps: 150 },
    ...{ middle: { depth: 12, width: 48 }, ends: { depth: [6, 48], width: [32, 96] } },
  },
  short: {
    ...{ seeds: 3, rates: [4e-3, 8e-3, 1.6e-2], steps: 30 },
    ...{ middle: { depth: 2, width: 32 }, ends: { depth: [1, 4], width: [16, 64] } },
    arms: ['x 1, over depth'],
  },
  async measure({ axis, exponent }, trial) {
    const { rates, steps, middle, ends } = trial.size
    const wiring = { placement: 'pre', branchScale: { exponent } }
    const sizes = ends[axis]
    const found = []
    for (const size of sizes) {
      const training = { schedule: 'linear', beta2: 0.95 } as const
      const runs = await trainAtRates(trial, task, { ...middle, ...wiring, [axis]: size }, rates, { steps, training })
      found.push({ ...stability(runs), 'log2 best rate': log2BestRate(runs) })
    }
    const [small, large] = found as [(typeof found)[0], (typeof found)[0]]
    const doublings = Math.log2(sizes[1]! / sizes[0]!)
    const octaves = (small['log2 best rate'] - large['log2 best rate']) / doublings
    const measured = {
      ...{ [fall]: octaves, [shift]: Math.abs(octaves) },
      [lost]: (small['usable octaves'] - large['usable octaves']) / doublings,
      ...Object.fromEntries(
        found.flatMap((of, i) => Object.entries(of).map(([name, value]) => [`${name}, ${axis} ${sizes[i]}`, value])),
      ),
    }
    return Object.fromEntries(Object.entries(measured).filter(([, value]) => Number.isFinite(value)))
  },
  statements: {
    'falls with depth': {
      says: {
        en: 'With every doubling of depth the best learning rate falls by more than a quarter of an octave.',
        zh: '深度每加倍，最佳学习率下降超过四分之一个倍频程。',
      },
      rule: above('x 1, over depth', fall, 0.25),
      claims: { 3: 'supports', 73: 'supports' },
    },
    'usable rates': {
      says: {
        en: 'With every doubling of depth the usable learning rates become fewer by more than a quarter of an octave.',
        zh: '深度每加倍，可用的学习率范围缩小超过四分之一个倍频程。',
      },
      rule: above('x 1, over depth', lost, 0.25),
      claims: { 3: 'supports', 73: 'supports' },
    },
    'depth, not width': {
      says: {
        en: 'Doubling the width lowers the best learning rate by at least a quarter of an octave less than doubling the depth.',
        zh: '宽度加倍使最佳学习率下降的幅度，比深度加倍至少小四分之一个倍频程。',
      },
      rule: lower('x 1, over width', 'x 1, over depth', fall, 0.25),
      claims: { 3: 'informs', 73: 'informs' },
    },
    ...Object.fromEntries(
      ['x n^-1/2', 'x n^-1'].map((multiplier) => [
        multiplier,
        {
          says: {
            en: `Branches ${multiplier} halt it: the best learning rate shifts with depth by at least a quarter of an octave per doubling less than without a multiplier.`,
            zh: `分支 ${multiplier} 可以稳住它：深度每加倍，最佳学习率的移动比不加倍率时至少少四分之一个倍频程。`,
          },
          rule: lower(`${multiplier}, over depth`, 'x 1, over depth', shift, 0.25),
          claims: { 73: 'informs' as const },
        },
      ]),
    ),
  },
})

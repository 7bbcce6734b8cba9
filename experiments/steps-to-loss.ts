/**
 * E12: do layer norm and residual connections each speed up training?
 *
 * 2 x 2 on MLPs of 2 and 12 blocks, width 64, on MNIST, each arm at the best of five rates. Counted are the steps until the
 * loss, averaged over 10 batches, is down to half a nat; a net that is not there when the budget ends has failed, and
 * failures count as slower than all others. The catalogue's bound, 1.1 times the best loss of all, is one that only the
 * best arm comes to, and at the end: a bound that is fixed beforehand lets every arm be counted. 0.8 times the steps is a
 * difference of logarithms. The part on a language model is not done here.
 */
import * as lab from 'residua/lab'
import { lower } from './kit/rules.ts'

const task = lab.tasks.mnist({ width: 64 })
const [bound, window, metric] = [0.5, 10, 'log steps']
const kinds: Record<string, { en: string; zh: string; wiring: { skip: string; norm: string } }> = {
  neither: { en: 'neither', zh: '两者都没有', wiring: { skip: 'none', norm: 'none' } },
  norm: { en: 'layer norm alone', zh: '只有层归一化', wiring: { skip: 'none', norm: 'layer' } },
  residual: { en: 'residual alone', zh: '只有残差', wiring: { skip: 'identity', norm: 'none' } },
  both: { en: 'both', zh: '两者都有', wiring: { skip: 'identity', norm: 'layer' } },
}
const arms = Object.fromEntries(
  [2, 12].flatMap((depth) =>
    Object.entries(kinds).map(([name, { wiring }]) => [`${name}, ${depth} blocks`, { ...wiring, depth }]),
  ),
)
/** Numbers of the claims that a comparison at 12 blocks bears on. */
const steps: readonly (readonly [faster: string, slower: string, claims: readonly number[]])[] = [
  ['norm', 'neither', [4, 10]],
  ['both', 'residual', [4, 10, 36]],
  ['residual', 'neither', [4]],
  ['both', 'norm', [4]],
  ['both', 'neither', [1, 70]],
]

export default lab.experiment({
  id: 'E12',
  file: import.meta.url,
  minutes: { full: 5, short: 0.4 },
  arms,
  full: { seeds: 5, learningRates: [3e-4, 1e-3, 3e-3, 1e-2, 3e-2], steps: 600 },
  short: { seeds: 3, learningRates: [1e-3, 3e-3], steps: 120 },
  async measure(arm, { train, size }) {
    const losses: number[] = []
    const there = (): boolean =>
      losses.length >= window && losses.slice(-window).reduce((sum, loss) => sum + loss, 0) / window <= bound
    const { state } = await train(task, arm, { steps: size.steps, onStep: ({ loss }) => (losses.push(loss), !there()) })
    if (state === 'diverged' || !there()) return { state: state === 'diverged' ? state : 'plateaued', metrics: {} }
    return { steps: losses.length, [metric]: Math.log(losses.length) }
  },
  statements: Object.fromEntries(
    [2, 12].flatMap((depth) =>
      steps.map(([faster, slower, claims]): [string, lab.Statement] => [
        `${faster} and ${slower}, ${depth} blocks`,
        {
          says: {
            en: `An MLP of ${depth} blocks with ${kinds[faster]!.en} gets to half a nat on MNIST in at most 0.8 times the steps of one with ${kinds[slower]!.en}.`,
            zh: `${depth} 个块的 MLP，${kinds[faster]!.zh}时降到 0.5 nat 所需步数不超过${kinds[slower]!.zh}时的 0.8 倍。`,
          },
          rule: lower(
            `${faster}, ${depth} blocks`,
            `${slower}, ${depth} blocks`,
            metric,
            Math.log(1 / 0.8),
            Math.log(2),
          ),
          claims: Object.fromEntries(
            claims.map((claim) => [claim, depth === 12 && claim !== 36 ? 'supports' : 'informs']),
          ),
        },
      ]),
    ),
  ),
})

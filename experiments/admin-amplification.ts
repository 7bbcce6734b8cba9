/**
 * E44: is it unbalanced gradients or amplification that keeps post-norm from training?
 *
 * GPTs of 6 to 48 blocks, width 32, on the characters of Moby Dick, at their initial values. Amplification: how far the
 * stream past the last block moves on 8 windows of held-out text, over its size (the function update), where the matrices
 * of all blocks move: by noise of a thousandth of their size, and by the first update of AdamW at rate 1e-4. To noise the
 * response is linear; the update moves 24 blocks of Post by 0.4 of their stream, and a norm keeps that below 2, so that the
 * exponent of Post is rather too low. By the theory of the paper noise moves Post as the root of depth, Pre and Admin as
 * the root of its logarithm, an exponent of 0.15 here. Seeds were added after a first look: the exponent of one net is rough.
 *
 * Balance: the largest over the smallest block of the deepest net, by the gradient of its matrices before the first update,
 * and by how far the tenth update moves them: the first is the same for every weight, by Adam's rule. The paper also has
 * decoders that read an encoder, whose gradients vanish in Post; a GPT is one of its encoders, but for the mask. Who trains
 * is E22 and E28.
 */
import { type HostTensor, type Model, tensor } from 'residua'
import * as lab from 'residua/lab'
import { normals } from './kit/normals.ts'
import { above, below, lower } from './kit/rules.ts'

const task = lab.tasks.characters({ width: 32, context: 32, testSize: 8 })
const [byNoise, byUpdate] = ['exponent of the change by noise', 'exponent of the change by an update']
const [ofGradients, ofUpdates] = ['log10 imbalance of gradients', 'log10 imbalance of updates']
const isMatrix = (path: string, { shape }: HostTensor): boolean => path.startsWith('blocks.') && shape.length > 1

type Weights = Readonly<Record<string, HostTensor>>
type Probes = NonNullable<lab.Trained['events'][number]['probes']>

/** The weights with the matrices of the blocks replaced. */
const moved = (weights: Weights, to: (path: string, matrix: HostTensor) => HostTensor): Weights =>
  Object.fromEntries(
    Object.entries(weights).map(([path, value]) => [path, isMatrix(path, value) ? to(path, value) : value]),
  )

/** A matrix with noise of `size` times its root mean square. */
function noisy(path: string, { data, shape }: HostTensor, size: number, seed: number): HostTensor {
  const rms = Math.hypot(...data) / Math.sqrt(data.length)
  const noise = normals(shape, seed, path).data
  return tensor(
    Float32Array.from(data, (value, i) => value + size * rms * noise[i]!),
    shape,
  )
}

/** The largest over the smallest block, by the norm of a probe over its matrices, log10. */
function imbalance(probes: Probes, name: 'parameterGradientNorm' | 'updateRatio'): number {
  const squares: Record<string, number> = {}
  for (const [path, { updateRatio, [name]: value }] of Object.entries(probes)) {
    const block = /^blocks\.\d+/.exec(path)?.[0]
    if (block !== undefined && updateRatio !== undefined) squares[block] = (squares[block] ?? 0) + value! ** 2
  }
  const blocks = Object.values(squares)
  return Math.log10(Math.max(...blocks) / Math.min(...blocks)) / 2
}

/** Trains on, and gives what the last step measured. */
async function step(model: Model, steps: number): Promise<Probes> {
  let last: Probes = {}
  for await (const event of model.train({ steps, batchSize: task.batchSize, probeEvery: 1 }))
    if (event.type === 'step') last = event.probes!
  return last
}

const amplifies = (arm: string, metric: string, en: string, zh: string): lab.Statement => ({
  says: {
    en: `With depth the change of the output by ${en} grows more slowly in ${arm} than in Post: its exponent is at least 0.2 lower.`,
    zh: `随深度增加，${zh}引起的输出变化在 ${arm} 中比在 Post 中增长得更慢：指数至少低 0.2。`,
  },
  rule: lower(arm, 'Post', metric, 0.2),
  papers: { 'admin-2020': 'supports' },
})

export default lab.experiment({
  id: 'E44',
  file: import.meta.url,
  minutes: { full: 4, short: 0.8 },
  arms: { Post: { placement: 'post' }, Pre: { placement: 'pre' }, Admin: { placement: 'admin' } },
  full: { seeds: 10, depths: [6, 12, 24, 48] },
  short: { seeds: 6, depths: [6, 24] },
  async measure(arm, { train, seed, size: { depths } }) {
    const changes: { depth: number; noise: number; update: number }[] = []
    let balance: Record<string, number> = {}
    for (const depth of depths) {
      const { model, data } = await train(
        task,
        { ...arm, depth },
        { steps: 0, learningRate: 1e-4, probes: ['parameterGradientNorm', 'updateRatio'] },
      )
      const before = await model.snapshot()
      const response = async (to: Parameters<typeof moved>[1]): Promise<number> =>
        (
          await lab.functionUpdate(before, { ...before, weights: moved(before.weights, to) }, data.test, {
            alone: false,
          })
        ).relative
      const first = await step(model, 1)
      const after = await model.snapshot()
      const tenth = await step(model, 9)
      const noise = await response((path, matrix) => noisy(path, matrix, 1e-3, seed))
      changes.push({ depth, noise, update: await response((path) => after.weights[path]!) })
      balance = {
        [ofGradients]: imbalance(first, 'parameterGradientNorm'),
        [`${ofGradients} at step 10`]: imbalance(tenth, 'parameterGradientNorm'),
        [ofUpdates]: imbalance(tenth, 'updateRatio'),
      }
    }
    const exponent = (of: 'noise' | 'update'): number =>
      lab.powerLaw(changes.map(({ depth, [of]: change }) => [depth, change]))!
    const shown = changes.flatMap(({ depth, noise, update }) => [
      [`change by noise, ${depth} blocks`, noise] as const,
      [`change by an update, ${depth} blocks`, update] as const,
    ])
    return { [byNoise]: exponent('noise'), [byUpdate]: exponent('update'), ...balance, ...Object.fromEntries(shown) }
  },
  statements: {
    'amplification in Post': {
      says: {
        en: 'The deeper a post-norm transformer, the further a small random change of its weights moves its output: as a power of depth above 1/3.',
        zh: 'post-norm transformer 越深，权重的微小随机变化使输出变化越大：按深度的幂增长，指数大于 1/3。',
      },
      rule: above('Post', byNoise, 1 / 3),
      papers: { 'admin-2020': 'supports' },
    },
    'Admin, noise': amplifies('Admin', byNoise, 'noise on the weights', '权重上的噪声'),
    'Pre, noise': amplifies('Pre', byNoise, 'noise on the weights', '权重上的噪声'),
    'Admin, update': amplifies('Admin', byUpdate, 'one update of Adam', 'Adam 的一次更新'),
    'Pre, update': amplifies('Pre', byUpdate, 'one update of Adam', 'Adam 的一次更新'),
    'balance of gradients': {
      says: {
        en: 'Before the first update the gradients of the blocks are at least twice as balanced in Admin as in Post.',
        zh: '第一次更新之前，Admin 各块梯度的均衡程度至少是 Post 的两倍。',
      },
      rule: lower('Admin', 'Post', ofGradients, Math.log10(2)),
      papers: { 'admin-2020': 'refutes' },
    },
    'Adam balances': {
      says: {
        en: 'The tenth update of Adam moves no block of Post more than twice as far as another.',
        zh: 'Adam 的第十次更新中，Post 没有哪个块移动得比另一个块远一倍以上。',
      },
      rule: below('Post', ofUpdates, Math.log10(2)),
      papers: { 'admin-2020': 'supports' },
    },
  },
})

/**
 * E30: are there keys that no query can select, does a norm remove them, and what does centring give?
 *
 * A key is unselectable where it lies in the convex hull of the others: no query then gives it the largest score. Which of
 * 128 Gaussian keys are is found exactly, each with a proof. The majority task (40 tokens of 10 kinds: which is the most
 * frequent?) is for one attention head of width 16, read at the first token, without skip and positions; the norm is on what
 * the head reads, and counting needs equal attention to all. Steps are those until the mean training loss of 20 steps is
 * below half of ln 10 nats; a net that does not get there counts as the 600 that it had.
 *
 * The paper has 20 kinds. A first version used the lab's majority of two tokens, which every norm learns in 40 steps.
 */
import { data, type Layer, metrics, nn, ops } from 'residua'
import * as lab from 'residua/lab'
import { above, below, lower } from './kit/rules.ts'

const norms: Readonly<Record<string, Layer>> = {
  none: (_, x) => x,
  centred: (_, x) => ops.sub(x, ops.mean(x, [-1], true)),
  rms: nn.rmsNorm({ affine: false }),
  layer: nn.layerNorm({ affine: false }),
}
const dimensions = [4, 8, 16]

/** Share of 128 Gaussian keys that no query can select, past a norm. */
function unselectable(norm: string, size: number, seed: number): number {
  const count = 128
  const { keys } = lab.initialOutputs((s) => {
    return { keys: norms[norm]!(s, s.parameter('keys', [count, size], { role: 'key', init: nn.normal(1) })) }
  }, seed)
  const rows = Array.from({ length: count }, (_, i) => Float64Array.from(keys!.data.subarray(i * size, (i + 1) * size)))
  return rows.filter((key, i) => lab.inConvexHull(key, rows.toSpliced(i, 1)).inside).length / count
}

const [kinds, length, width] = [10, 40, 16]

/** 4,096 rows of random tokens, each with the kind that is most frequent in it; of equal ones the first. */
function majority(): Promise<lab.TaskData> {
  const { draws } = lab.initialOutputs((s) => {
    return { draws: s.parameter('tokens', [4096, length], { role: 'embed', init: nn.normal(1) }) }
  }, 0)
  const inputs = Int32Array.from(draws!.data, (x) => Math.floor(1e4 * Math.abs(x)) % kinds)
  const targets = Array.from({ length: 4096 }, (_, row) => {
    const counts = new Array<number>(kinds).fill(0)
    for (const token of inputs.subarray(row * length, (row + 1) * length)) counts[token]!++
    return counts.indexOf(Math.max(...counts))
  })
  const all = data.arrays({ inputs, targets, classes: kinds, shape: [length], name: 'majority' })
  const [train, test] = data.split(all, 0.75, 0)
  return Promise.resolve({ train, test, measures: {} })
}

const task: lab.Task<{ read: string }> = {
  ...{ name: 'majority', options: { read: 'none' }, batchSize: 32, open: majority },
  ...{ loss: nn.crossEntropy, metrics: { accuracy: metrics.accuracy } },
  net: ({ read }) =>
    nn.sequential(
      nn.embedding({ vocabulary: kinds, width, init: nn.normal(1) }),
      norms[read]!,
      nn.attention({ heads: 1 }),
      (_, x) => ops.reshape(ops.sliceAxis(x, 1, 0, 1), [x.shape[0]!, width]),
      nn.linear(kinds, { role: 'head' }),
    ),
}
const [budget, window, reached] = [600, 20, Math.log(kinds) / 2]

export default lab.experiment({
  id: 'E30',
  file: import.meta.url,
  minutes: { full: 1, short: 0.3 },
  arms: Object.fromEntries(Object.keys(norms).map((read) => [read, { read }])),
  full: { seeds: 5, learningRates: [3e-3, 1e-2, 3e-2] },
  short: { seeds: 3, learningRates: [1e-2] },
  async measure({ read }, trial) {
    const { state, metrics: end, events } = await trial.train(task, { read }, { steps: budget })
    if (state === 'diverged') return { state, metrics: {} }
    const recent = (step: number): number =>
      events.slice(step - window, step).reduce((total, { loss }) => total + loss / window, 0)
    const ends = Array.from({ length: budget - window + 1 }, (_, i) => i + window)
    const scaled = ['rms', 'layer'].flatMap((norm) => dimensions.map((size) => unselectable(norm, size, trial.seed)))
    return {
      state,
      metrics: {
        ...end,
        'log2 steps': Math.log2(ends.find((step) => recent(step) < reached) ?? budget),
        ...Object.fromEntries(
          dimensions.map((size) => [`unselectable share, ${size} dimensions`, unselectable(read, size, trial.seed)]),
        ),
        'unselectable share past rms and layer norm': Math.max(...scaled),
      },
    }
  },
  statements: {
    exist: {
      says: {
        en: 'Most of 128 Gaussian keys of 4 dimensions can be selected by no query.',
        zh: '128 个 4 维高斯键中，多数是任何查询都选不中的。',
      },
      rule: above('none', 'unselectable share, 4 dimensions', 0.5),
      papers: { 'brody-2023': 'supports' },
    },
    'few dimensions': {
      says: {
        en: 'In 16 dimensions less than a hundredth of them is unselectable.',
        zh: '16 维时，选不中的键不到百分之一。',
      },
      rule: below('none', 'unselectable share, 16 dimensions', 0.01),
      papers: { 'brody-2023': 'informs' },
    },
    scaling: {
      says: {
        en: 'Scaling removes unselectable keys: past RMS or layer norm there is none in 4, 8 or 16 dimensions.',
        zh: '缩放能消除选不中的键：经 RMS 或层归一化后，4、8、16 维时一个都没有。',
      },
      rule: { kind: 'identity', metric: 'unselectable share past rms and layer norm', tolerance: 0 },
      papers: { 'brody-2023': 'supports' },
    },
    'centring alone': {
      says: {
        en: 'Centring alone does not remove them: it leaves more of them than no norm at all.',
        zh: '仅中心化不能消除它们，反而比不做归一化时更多。',
      },
      rule: lower('none', 'centred', 'unselectable share, 4 dimensions', 0.02),
      papers: { 'brody-2023': 'informs' },
    },
    counting: {
      says: {
        en: 'Centring helps to count: RMS norm needs at least 1.25 times as many steps as layer norm to learn the majority task.',
        zh: '中心化有助于计数：学会多数判定任务，RMS 归一化所需的步数至少是层归一化的 1.25 倍。',
      },
      rule: lower('layer', 'rms', 'log2 steps', Math.log2(1.25), 1),
      papers: { 'brody-2023': 'supports' },
    },
  },
})

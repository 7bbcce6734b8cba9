/**
 * E2: what repairs the article's network? A projection so that the sum exists, and a norm that normalises.
 *
 * Three ways to make 784 and 128 meet (project first, keep the width 784, project the skip) by four norms (none, as printed;
 * a standardiser of the features, which is what its statistics of shape input_shape[1:] would make; layer norm of the
 * input; layer norm inside the block) by pixels in 0-1 or 0-255. One pass over 19,200 digits in batches of 64, AdamW at the
 * best of three rates. `first loss` is that of the first batch: ln 10 = 2.3 for a net that knows nothing.
 * The statement `statistics per pixel` was added after the run, from its results.
 */
import { data, nn, ops, type Layer } from 'residua'
import * as lab from 'residua/lab'

const digits = lab.tasks.mnist({ trainSize: 19_200, testSize: 4000 })
const block = (norm: 'none' | 'layer'): Layer =>
  nn.wire([nn.feedForward({ hidden: 128, activation: 'relu' })], { skip: 'identity', norm, placement: 'pre' })
const shapes: Record<string, (norm: 'none' | 'layer') => Layer> = {
  'project first': (norm) => nn.sequential(nn.linear(128), block(norm)),
  'width 784': block,
  'projected skip': (norm) => (s, x) => {
    const inside = norm === 'layer' ? nn.layerNorm()(s.in('norm'), x) : x
    const up = ops.relu(nn.linear(128)(s.in('up'), inside))
    return ops.add(nn.linear(128)(s.in('skip'), x), nn.linear(128)(s.in('down'), up))
  },
}
const inputNorms: Record<string, () => Layer> = {
  standardiser: () => nn.standardize(),
  'input layer': () => nn.layerNorm(),
}

const task: lab.Task<{ shape: string; article: string; pixels: number }> = {
  ...{ name: 'article', batchSize: 64, loss: digits.loss, metrics: digits.metrics },
  options: { shape: 'project first', article: 'none', pixels: 1 },
  async open({ pixels }) {
    const { train, test, measures } = await digits.open(digits.options)
    const brighter = (set: typeof train): typeof train =>
      data.mapInputs(set, `${set.name} x ${pixels}`, (x) => x.forEach((value, i) => (x[i] = pixels * value)))
    return { train: brighter(train), test: brighter(test), measures }
  },
  net: ({ shape, article }) =>
    nn.sequential(
      ...(inputNorms[article] ? [inputNorms[article]()] : []),
      shapes[shape]!(article === 'hidden layer' ? 'layer' : 'none'),
      nn.linear(10, { role: 'head' }),
    ),
}
const arms = Object.fromEntries(
  Object.keys(shapes).flatMap((shape) =>
    ['none', 'standardiser', 'input layer', 'hidden layer'].flatMap((article) =>
      [1, 255].map((pixels) => [`${shape}, ${article}, 0-${pixels}`, { shape, article, pixels }]),
    ),
  ),
)
const scale = (norm: string): lab.Rule => ({
  ...{ kind: 'difference', metric: 'accuracy', better: 'higher', smallest: 0.01 },
  arms: [`project first, ${norm}, 0-1`, `project first, ${norm}, 0-255`],
})

export default lab.experiment({
  id: 'E2',
  file: import.meta.url,
  minutes: { full: 8, short: 0.8 },
  arms,
  full: { seeds: 3, learningRates: [3e-4, 1e-3, 3e-3], steps: 300 },
  short: {
    seeds: 3,
    learningRates: [1e-3],
    steps: 60,
    arms: Object.keys(arms).filter((name) => name.startsWith('project')),
  },
  async measure(arm, { train, size }) {
    const { state, metrics, events } = await train(task, arm, { steps: size.steps })
    return { state, metrics: { ...metrics, 'first loss': events[0]?.loss ?? NaN } }
  },
  statements: {
    'without a norm': {
      says: {
        en: 'With pixels in 0-255 and no working norm, as printed, the first loss is more than 10 times that of a net that knows nothing.',
        zh: '像素取 0-255 且归一化不起作用（如文中代码）时，初始损失超过一无所知的网络的 10 倍。',
      },
      rule: {
        kind: 'threshold',
        arm: 'project first, none, 0-255',
        metric: 'first loss',
        is: 'above',
        bound: 10 * Math.log(10),
      },
      claims: { 53: 'informs' },
    },
    'hidden layer norm': {
      says: {
        en: 'With layer norm in the block the net is at least 1 point less accurate on pixels in 0-255 than in 0-1.',
        zh: '块内有层归一化时，像素取 0-255 比取 0-1 准确率至少低 1 个百分点。',
      },
      rule: scale('hidden layer'),
      claims: { 37: 'informs' },
    },
    'input layer norm': {
      says: {
        en: 'With layer norm of the input the net is at least 1 point less accurate on pixels in 0-255 than in 0-1.',
        zh: '对输入做层归一化时，像素取 0-255 比取 0-1 准确率至少低 1 个百分点。',
      },
      rule: scale('input layer'),
      claims: { 37: 'informs' },
    },
    'statistics per pixel': {
      says: {
        en: 'With pixels in 0-255 layer norm of the input is at least 1 point more accurate than a standardiser of the features, which is what statistics of this shape make.',
        zh: '像素取 0-255 时，对输入做层归一化的准确率比逐特征标准化（这种形状的统计量所做的正是它）至少高 1 个百分点。',
      },
      rule: {
        ...{ kind: 'difference', metric: 'accuracy', better: 'higher', smallest: 0.01 },
        arms: ['project first, input layer, 0-255', 'project first, standardiser, 0-255'],
      },
      claims: { 54: 'informs' },
    },
  },
})

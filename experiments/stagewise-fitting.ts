/**
 * E6: is y - L(x) sound as what the next stage is to fit?
 *
 * 8,000 digits of MNIST, batches of 64, AdamW with a linear decay in each fit. Stagewise: 8 nets of 16 ReLU units, each
 * fitted by least squares to what those before it leave of the one-hot targets, output weights starting at 0 (drawn ones
 * left whole stages with no ReLU alive, which lowered nothing). Joint: one net of their 128 units, with as many passes over
 * the data in all, or as many per unit (same work). Block by block, after BoostResNet (Huang et al. 2018,
 * arXiv:1706.04964): a residual net gets 8 blocks of width 32 one after the other, cross-entropy, one head that goes on; the
 * blocks before are frozen. End to end: the same net with as many passes in all. The worst ratio is that of training losses
 * after and before a stage or block, the first being compared with chance.
 */
import { data, DivergedError, metrics, models, nn, ops, optim, stagewise } from 'residua'
import * as lab from 'residua/lab'

interface Fits {
  /** How many, one after the other, and how many passes over the data each takes. */
  readonly fits: number
  readonly passes: number
}
type Trial = lab.Trial<lab.Size & { readonly passes: number }>

const [examples, batchSize] = [8000, 64]
const { accuracy } = metrics
const open = async () => {
  const { train, test } = await data.mnist()
  return { train: data.take(train, examples), test: data.take(test, 2000) }
}
const budget = ({ learningRate, size }: Trial, passes: number) => {
  const steps = (passes * size.passes * examples) / batchSize
  return { steps, optimizer: optim.adamW({ learningRate: optim.linear({ peak: learningRate, steps }) }) }
}
const metricsOf = (losses: readonly number[], accuracies: readonly number[]) => ({
  'worst ratio of losses': Math.max(...losses.slice(1).map((loss, i) => loss / losses[i]!)),
  'test accuracy': accuracies.at(-1)!,
  'test accuracy after the first fit': accuracies[0]!,
  'training loss': losses.at(-1)!,
})

/** Nets of one hidden layer that fit what is left, summed; losses are squared residuals per example. */
async function leastSquares({ fits, passes, units }: Fits & { readonly units: number }, trial: Trial) {
  const { steps, optimizer } = budget(trial, passes)
  const { stages, model } = await stagewise({
    ...{
      stages: fits,
      stage: () => nn.sequential(nn.linear(units), (_, x) => ops.relu(x), nn.linear(10, { init: nn.zeros })),
    },
    ...{ ...(await open()), metrics: { accuracy }, optimizer, stepsPerStage: steps, batchSize },
    ...{ seed: trial.seed, threads: trial.threads },
  })
  await model.close()
  const losses = stages.map(({ residual }) => 10 * residual)
  return metricsOf(
    [1, ...losses],
    stages.map(({ test }) => test.accuracy),
  )
}

/** A residual net that gets `blocks / fits` blocks more with each fit. */
async function blocks({ fits, passes }: Fits, trial: Trial) {
  const { train, test } = await open()
  const wiring = { skip: 'identity', norm: 'none', branchScale: 1 / Math.sqrt(8) }
  const [losses, accuracies] = [[Math.LN10], [] as number[]]
  let weights = {}
  for (let fit = 1; fit <= fits; fit++) {
    const { steps, optimizer } = budget(trial, passes)
    const net = models.mlp({ depth: (8 / fits) * fit, width: 32, outputs: 10, wiring })
    const before = ['input.*', ...Array.from({ length: fit - 1 }, (_, i) => `blocks.${i}.**`)]
    const model = await trial.compile(fit === 1 ? net : nn.freeze(net, before), {
      ...{ train, loss: nn.crossEntropy, metrics: { accuracy }, optimizer },
    })
    if (fit > 1) await model.setWeights(weights, 'frozen')
    await model.fit({ steps, batchSize, signal: trial.signal, progress: false })
    weights = await model.weights()
    losses.push((await model.evaluate(train)).loss)
    accuracies.push((await model.evaluate(test)).accuracy)
  }
  return metricsOf(losses, accuracies)
}

const better = { kind: 'difference', metric: 'test accuracy', better: 'higher', smallest: 0.01, large: 0.03 } as const
const falls = { kind: 'threshold', metric: 'worst ratio of losses', is: 'below', bound: 1 } as const

export default lab.experiment({
  id: 'E6',
  file: import.meta.url,
  minutes: { full: 5, short: 0.6 },
  arms: {
    stagewise: { fits: 8, passes: 1, units: 16 },
    joint: { fits: 1, passes: 8, units: 128 },
    'joint, same work': { fits: 1, passes: 1, units: 128 },
    'block by block': { fits: 8, passes: 1, units: null },
    'end to end': { fits: 1, passes: 8, units: null },
  },
  full: { seeds: 5, learningRates: [1e-3, 3e-3, 1e-2], passes: 4 },
  short: { seeds: 3, learningRates: [3e-3], passes: 2 },
  async measure({ units, ...fits }, trial) {
    try {
      return units === null ? await blocks(fits, trial) : await leastSquares({ ...fits, units }, trial)
    } catch (error) {
      if (error instanceof DivergedError) return { state: 'diverged', metrics: {} }
      throw error
    }
  },
  statements: {
    falls: {
      says: {
        en: 'As the target of the next stage y - F(x) is sound: what is left falls with every stage.',
        zh: '把 y - F(x) 当作下一阶段的目标是合理的：每个阶段之后，剩余都更小。',
      },
      rule: { ...falls, arm: 'stagewise' },
      claims: { 43: 'informs', 48: 'informs' },
    },
    blocks: {
      says: {
        en: 'Residual blocks can also be trained one after the other, on the loss itself: it falls with every block.',
        zh: '残差块也可以直接按损失逐块训练：每加一块，损失都更低。',
      },
      rule: { ...falls, arm: 'block by block' },
      claims: { 12: 'informs' },
    },
    joint: {
      says: {
        en: 'The same units trained jointly, with as many passes in all, are better.',
        zh: '总遍数相同，同样多的单元联合训练更好。',
      },
      rule: { ...better, arms: ['joint', 'stagewise'] },
      claims: { 12: 'informs', 43: 'informs', 48: 'informs' },
    },
    work: {
      says: {
        en: 'They are better also with as many passes per unit, which is an eighth of the passes in all.',
        zh: '即使只让每个单元的遍数相同（总遍数的八分之一），联合训练也更好。',
      },
      rule: { ...better, arms: ['joint, same work', 'stagewise'] },
      claims: { 12: 'informs' },
    },
    end: {
      says: {
        en: 'A residual net trained end to end is better than block by block.',
        zh: '残差网络端到端训练优于逐块训练。',
      },
      rule: { ...better, arms: ['end to end', 'block by block'] },
      claims: { 12: 'informs' },
    },
  },
})

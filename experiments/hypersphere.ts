/**
 * E48: does nGPT need fewer steps than a pre-norm GPT?
 *
 * GPTs of 12 blocks, width 48, on the characters of Moby Dick (LM-S: batches of 8 windows of 64, AdamW with beta2 0.95,
 * linear decay, no warm-up, no weight decay), pre-norm with RMS norm after 300 steps, nGPT after 300, 150 and 75, each with
 * a decay of its own length, as the paper compares budgets; each at the best of three rates by test loss, an octave apart
 * around the best of one seed that was looked at: nGPT's are the higher, the fewer its steps.
 *
 * nGPT is the norm `hypersphere`, and a learned factor per logit that starts at 1 for cosines, which the paper has and the
 * wiring not; one arm goes without, its logits being sqrt(48) cosines. Other than in the paper the hidden units of feed-
 * forward have no factors, those of steps, queries and keys are not stored scaled down, and both nets have biases, learned
 * positions and a plain feed-forward with GELU.
 *
 * Time is that of training steps at a rate of 1e-6, both nets taking turns, one step each; the metric is the median of the
 * rounds' ratios. The trials run one at a time on all cores.
 */
import { type Layer, nn, ops, optim } from 'residua'
import * as lab from 'residua/lab'
import { bestOf, trainAtRates } from './kit/learning-rates.ts'
import { above, lower } from './kit/rules.ts'
import { median, stepTimes } from './kit/step-times.ts'

const width = 48
const task = lab.tasks.characters({ depth: 12, width })
const logitFactors: Layer = (s, logits) =>
  ops.mul(
    logits,
    s.parameter('factor', [logits.shape.at(-1)!], { role: 'gain', init: nn.constant(1 / Math.sqrt(width)) }),
  )
const scaled: typeof task = {
  ...task,
  name: 'characters, factors on logits',
  net: (options, wiring, of) => nn.sequential(task.net(options, wiring, of), logitFactors),
}
const ratio = 'time of a step, over that of pre-norm'
const [pre, nGpt] = [
  { wiring: { norm: 'rms', placement: 'pre' }, factors: false },
  { wiring: { norm: 'hypersphere' }, factors: true },
]

interface Size extends lab.Size {
  readonly rates: readonly number[]
  readonly steps: number
  readonly depth: number
  readonly rounds: number
}

async function measureTime({ size, compile, signal }: lab.Trial<Size>): Promise<Record<string, number>> {
  const options = { ...task.options, depth: size.depth }
  const text = await task.open(options)
  const models = []
  for (const { wiring, factors } of [pre, nGpt]) {
    const net = (factors ? scaled : task).net(options, nn.resolveWiring(wiring), text)
    const optimizer = optim.adamW({ learningRate: 1e-6 })
    models.push(await compile(net, { train: text.train, loss: task.loss, optimizer }))
  }
  const [before, after] = await stepTimes(models, { rounds: size.rounds, batchSize: task.batchSize, signal })
  return {
    [ratio]: median(after!.map((ms, round) => ms / before![round]!)),
    ...{ 'pre-norm: ms per step': median(before!), 'nGPT: ms per step': median(after!) },
  }
}

const quarter = 'nGPT, a quarter of the steps'
const unscaled = 'nGPT without factors on logits, a quarter of the steps'

export default lab.experiment({
  id: 'E48',
  file: import.meta.url,
  minutes: { full: 8, short: 0.5 },
  alone: true,
  arms: {
    'pre-norm': { ...pre, share: 1, scale: 1 },
    nGPT: { ...nGpt, share: 1, scale: 4 },
    'nGPT, half the steps': { ...nGpt, share: 0.5, scale: 8 },
    [quarter]: { ...nGpt, share: 0.25, scale: 16 },
    [unscaled]: { ...nGpt, factors: false, share: 0.25, scale: 8 },
    time: { ...nGpt, share: 0, scale: 0 },
  },
  full: { seeds: 5, rates: [2e-3, 4e-3, 8e-3], steps: 300, depth: 12, rounds: 60 },
  short: { seeds: 3, rates: [4e-3], steps: 120, depth: 2, rounds: 20 },
  async measure({ wiring, factors, scale, share }, trial) {
    if (trial.name === 'time') return measureTime(trial)
    const { rates, steps, depth } = trial.size
    const runs = await trainAtRates(
      trial,
      factors ? scaled : task,
      { ...wiring, depth },
      rates.map((rate) => scale * rate),
      { steps: Math.round(share * steps), training: { schedule: 'linear', beta2: 0.95 } },
    )
    const { loss, learningRate, result } = bestOf(runs)
    if (result.state !== 'trained') return { state: result.state, metrics: {} }
    return { loss, 'log2 best learning rate': Math.log2(learningRate) }
  },
  statements: {
    'a quarter of the steps': {
      says: {
        en: 'After a quarter of the steps nGPT is not there yet: pre-norm after all of them is ahead by 0.02 nats.',
        zh: 'nGPT 训练四分之一的步数时尚未赶上：pre-norm 训练全部步数后领先 0.02 nat。',
      },
      rule: lower('pre-norm', quarter, 'loss', 0.02),
      papers: { 'ngpt-2024': 'refutes' },
    },
    'half the steps': {
      says: {
        en: 'After half the steps nGPT is not there yet: pre-norm after all of them is ahead by 0.02 nats.',
        zh: 'nGPT 训练一半的步数时尚未赶上：pre-norm 训练全部步数后领先 0.02 nat。',
      },
      rule: lower('pre-norm', 'nGPT, half the steps', 'loss', 0.02),
      papers: { 'ngpt-2024': 'refutes' },
    },
    'equal steps': {
      says: {
        en: 'After equal steps nGPT is ahead of pre-norm by 0.02 nats.',
        zh: '步数相同时，nGPT 领先 pre-norm 0.02 nat。',
      },
      rule: lower('nGPT', 'pre-norm', 'loss', 0.02),
      papers: { 'ngpt-2024': 'informs' },
    },
    'without factors on logits': {
      says: {
        en: 'Nor is nGPT without learned factors on its logits there after a quarter of the steps: pre-norm is ahead by 0.02 nats.',
        zh: '去掉 logit 上的可学习系数，nGPT 训练四分之一的步数时同样未赶上：pre-norm 领先 0.02 nat。',
      },
      rule: lower('pre-norm', unscaled, 'loss', 0.02),
      papers: { 'ngpt-2024': 'informs' },
    },
    'time of a step': {
      says: {
        en: 'A training step of nGPT takes at least 1.2 times as long as one of pre-norm.',
        zh: 'nGPT 一步训练的时间至少是 pre-norm 的 1.2 倍。',
      },
      rule: above('time', ratio, 1.2),
      papers: { 'ngpt-2024': 'informs' },
    },
  },
})

/**
 * E47: does batch norm help by fewer shifts of its inputs, or by a smoother loss?
 *
 * MLPs of 16 layers (width 64, He's initial values, relu, no skips) on MNIST, one pass of plain gradient descent in batches
 * of 128, each arm at the best of five rates by training loss. Noisy batch norm: behind the norm every unit is multiplied by
 * U(1, 1.25) and shifted by U(-0.5, 0.5), drawn anew every step (the paper adds a smaller noise per example). Loss and
 * accuracy are those of the last fifth of the batches, before each is learned from, of the net as it trains: without its
 * noise and by running statistics a noisy net is another net, whose accuracy is shown and decides nothing.
 *
 * A quarter, a half and three quarters on, from one step to the next: the shift of the units that a layer reads, and the
 * change of a layer's gradient by the step of the layers below it, the paper's own measure of covariate shift (see
 * kit/input-shifts.ts); and effective smoothness, the largest |g(w - s g) - g(w)| / |s g| on 500 digits at s of 0.03, 0.1
 * and 0.3, the same for all: the smaller, the further the gradient predicts.
 *
 * One seed was looked at for the rates and for how accuracy is measured, before the rules were written.
 */
import { data, type Layer, nn, ops, optim, type Value } from 'residua'
import * as lab from 'residua/lab'
import { inputShifts, mean, type Snapshot } from './kit/input-shifts.ts'
import { higher, lower } from './kit/rules.ts'

const [layers, width] = [16, 64]
const [accuracy, shift, change, smoothness] = [
  'accuracy as it trains',
  'ln shift of the inputs',
  'ln change of the gradient by the layers below',
  'ln effective smoothness',
]
const task = lab.tasks.mnist()
const norms: Readonly<Record<string, Layer>> = {
  none: (_, x) => x,
  batch: nn.batchNorm(),
  noisy(s, x) {
    const y = nn.batchNorm()(s, x)
    if (s.mode !== 'train') return y
    const drawn = (name: string): Value => s.in('noise').noise(name, [width], 'uniform')
    return ops.add(ops.mul(y, ops.add(ops.mul(drawn('scale'), 0.25), 1)), ops.sub(drawn('shift'), 0.5))
  },
}

function netOf(norm: string): Layer {
  const map = nn.linear(width, { init: nn.he() })
  const layer: Layer = (s, x) => s.tap('units', ops.relu(norms[norm]!(s.in('norm'), map(s.in('map'), x))))
  return nn.sequential(...new Array<Layer>(layers).fill(layer), nn.linear(10, { role: 'head' }))
}

interface Size extends lab.Size {
  readonly rates: readonly number[]
  readonly steps: number
  /** When shifts are measured, in shares of the training. */
  readonly moments: readonly number[]
}

/** Loss and accuracy of the last fifth, and the net before and after some steps; null where it diverged. */
async function trainAt(net: Layer, learningRate: number, { size, compile, signal }: lab.Trial<Size>) {
  const { train } = await task.open(task.options)
  const { steps } = size
  const { loss, metrics } = task
  const model = await compile(net, { train, loss, metrics, optimizer: optim.sgd({ learningRate }) })
  const kept = new Map<number, Snapshot>()
  const last: { loss: number; accuracy: number }[] = []
  const moments = size.moments.map((share) => Math.round(share * steps))
  for await (const event of model.train({ steps, batchSize: 128, signal })) {
    if (event.type === 'diverged') return null
    if (event.type !== 'step') continue
    if (moments.some((moment) => event.step === moment || event.step === moment + 1))
      kept.set(event.step, await model.snapshot())
    if (event.step > 0.8 * steps) last.push({ loss: event.loss, accuracy: event.metrics.accuracy! })
  }
  signal.throwIfAborted()
  const pairs = moments.map((moment) => [kept.get(moment)!, kept.get(moment + 1)!] as const)
  const means = { loss: mean(last.map((of) => of.loss)), accuracy: mean(last.map((of) => of.accuracy)) }
  return { learningRate, model, pairs, ...means }
}

export default lab.experiment({
  id: 'E47',
  file: import.meta.url,
  minutes: { full: 3, short: 0.4 },
  arms: { none: { norm: 'none' }, batch: { norm: 'batch' }, noisy: { norm: 'noisy' } },
  full: { seeds: 5, rates: [0.01, 0.03, 0.1, 0.3, 1], steps: 460, moments: [0.25, 0.5, 0.75] },
  short: { seeds: 3, rates: [0.03, 0.3], steps: 120, moments: [0.5] },
  async measure({ norm }, trial) {
    const net = netOf(norm)
    const runs = []
    for (const rate of trial.size.rates) runs.push(await trainAt(net, rate, trial))
    const best = runs.filter((run) => run !== null).toSorted((a, b) => a.loss - b.loss)[0]
    if (best === undefined) return { state: 'diverged', metrics: {} }
    const { train, test } = await task.open(task.options)
    const shifts: Record<string, number>[] = []
    for (const pair of best.pairs) {
      const of = await inputShifts(net, pair, trial.seed)
      const predicted = await lab.gradientPredictiveness(pair[0], data.take(train, 500), {
        ...{ learningRate: 0.1, steps: [0.3, 1, 3] },
      })
      shifts.push({ [shift]: of.shift, [change]: of.change, [smoothness]: predicted.smoothness })
    }
    return {
      ...{ [accuracy]: best.accuracy, 'log10 best learning rate': Math.log10(best.learningRate) },
      ...{ loss: best.loss, 'accuracy by running statistics': (await best.model.evaluate(test)).accuracy! },
      ...Object.fromEntries(
        [shift, change, smoothness].map((name) => [name, mean(shifts.map((of) => Math.log(of[name]!)))]),
      ),
    }
  },
  statements: {
    'noisy inputs': {
      says: {
        en: 'From step to step, the inputs of a layer shift at least 1.25 times as far with noisy batch norm as without a norm.',
        zh: '从一步到下一步，使用加噪声的批归一化时，各层输入的偏移至少是不用归一化时的 1.25 倍。',
      },
      rule: higher('noisy', 'none', shift, Math.log(1.25), Math.log(2)),
      papers: { 'santurkar-2018': 'supports' },
    },
    'noisy training': {
      says: {
        en: 'Yet a net with noisy batch norm trains to an accuracy at least 1 point higher than one without a norm.',
        zh: '尽管如此，使用加噪声的批归一化的网络，训练所达准确率比不用归一化的至少高 1 个百分点。',
      },
      rule: higher('noisy', 'none', accuracy, 0.01),
      papers: { 'santurkar-2018': 'supports' },
    },
    smoother: {
      says: {
        en: 'With batch norm the gradient predicts further: effective smoothness is lower than without a norm by a factor of 1.25 or more.',
        zh: '使用批归一化时，梯度的预测更远：有效光滑度常数比不用归一化时至少小到 1/1.25。',
      },
      rule: lower('batch', 'none', smoothness, Math.log(1.25), Math.log(2)),
      papers: { 'santurkar-2018': 'supports' },
    },
    'covariate shift': {
      says: {
        en: 'With batch norm the step of the layers below changes the gradient of a layer less than without a norm, by a factor of 1.25 or more.',
        zh: '使用批归一化时，下方各层的一步更新引起的本层梯度变化，比不用归一化时至少小到 1/1.25。',
      },
      rule: lower('batch', 'none', change, Math.log(1.25), Math.log(2)),
      papers: { 'santurkar-2018': 'refutes' },
    },
    'steadier inputs': {
      says: {
        en: 'With batch norm the inputs of a layer shift less from step to step than without a norm, by a factor of 1.25 or more.',
        zh: '使用批归一化时，各层输入逐步的偏移比不用归一化时至少小到 1/1.25。',
      },
      rule: lower('batch', 'none', shift, Math.log(1.25), Math.log(2)),
      papers: { 'santurkar-2018': 'refutes' },
    },
    'batch norm': {
      says: {
        en: 'A net with batch norm trains to an accuracy at least 1 point higher than one without a norm.',
        zh: '使用批归一化的网络，训练所达准确率比不用归一化的至少高 1 个百分点。',
      },
      rule: higher('batch', 'none', accuracy, 0.01),
      papers: { 'santurkar-2018': 'informs' },
    },
  },
})

/**
 * E36: is RMS norm as good as layer norm, and how much faster?
 *
 * GPTs of 12 blocks, width 48, on the characters of Moby Dick (LM-S: 300 steps, batches of 8 windows of 64, AdamW with
 * beta2 0.95, linear decay, no warm-up), pre-norm, at the best of four rates by test loss, in pairs by seed. Time is that
 * of training steps at a rate of 1e-6, nets with layer norm and RMS norm taking turns, one step each; what RMS norm saves
 * is the median over the rounds. For the time of the norm itself 48 of them stand in a row on 512 tokens, as many as a
 * batch has, after one linear layer, which alone is subtracted; a step's share is that of as many as the model has. (Not
 * the time of a model without norms: its activations grow, and arithmetic on what underflows there takes longer.) The
 * trials run one at a time on all cores; 2 arms, 4 rates, 5 seeds at about 10 s, and a quarter of a minute per seed for time.
 */
import { data, type Model, nn, optim } from 'residua'
import * as lab from 'residua/lab'
import { bestOf, trainAtRates } from './kit/learning-rates.ts'
import { normals } from './kit/normals.ts'
import { above, below, lower } from './kit/rules.ts'
import { median, stepTimes } from './kit/step-times.ts'

const width = 48
const task = lab.tasks.characters({ depth: 12, width })
const norms = { layer: [nn.layerNorm()], rms: [nn.rmsNorm()] }
const inRow = 48
const [share, ratio, saved] = [
  'share of a step that layer norm takes',
  'time of RMS norm over layer norm',
  'share of a step that RMS norm saves',
]

interface Size extends lab.Size {
  readonly depth: number
  readonly rounds: number
}

/** Milliseconds of a step with each of the norms: of the model, and of 48 norms in a row. */
async function times({ size, seed, compile, signal }: lab.Trial<Size>): Promise<Record<'model' | 'row', number[][]>> {
  const options = { ...task.options, depth: size.depth }
  const text = await task.open(options)
  const optimizer = optim.adamW({ learningRate: 1e-6 })
  const values = Float32Array.from(normals([512 * width], seed, 'tokens').data as Float64Array)
  const tokens = data.arrays({ inputs: values, targets: values, shape: [width] })
  const [models, rows]: [Model[], Model[]] = [[], []]
  for (const norm of Object.keys(norms)) {
    const net = task.net(options, nn.resolveWiring({ norm }), text)
    models.push(await compile(net, { train: text.train, loss: task.loss, optimizer }))
  }
  for (const layers of [...Object.values(norms), []]) {
    const row = nn.sequential(nn.linear(width), ...Array.from({ length: inRow }, () => layers).flat())
    rows.push(await compile(row, { train: tokens, loss: nn.meanSquaredError, optimizer }))
  }
  return {
    model: await stepTimes(models, { rounds: size.rounds, batchSize: task.batchSize, signal }),
    row: await stepTimes(rows, { rounds: size.rounds, batchSize: 512, signal }),
  }
}

async function measureTime(trial: lab.Trial<Size>): Promise<Record<string, number>> {
  const { model, row } = await times(trial)
  const [layer, rms] = model.map(median) as [number, number]
  const [layers, rmses, linear] = row.map(median) as [number, number, number]
  return {
    [share]: (((layers - linear) / inRow) * (2 * trial.size.depth + 1)) / layer,
    [saved]: median(model[0]!.map((ms, round) => 1 - model[1]![round]! / ms)),
    [ratio]: (rmses - linear) / (layers - linear),
    ...{ 'layer: ms per step': layer, 'rms: ms per step': rms },
    ...{ 'layer: ms of 48 in a row': layers - linear, 'rms: ms of 48 in a row': rmses - linear },
  }
}

export default lab.experiment({
  id: 'E36',
  file: import.meta.url,
  minutes: { full: 12, short: 0.6 },
  alone: true,
  arms: { layer: { norm: 'layer' }, rms: { norm: 'rms' }, time: {} },
  full: { seeds: 5, rates: [2e-3, 4e-3, 8e-3, 1.6e-2], steps: 300, depth: 12, rounds: 100 },
  short: { seeds: 3, rates: [4e-3], steps: 120, depth: 2, rounds: 20 },
  async measure(arm, trial) {
    if (trial.name === 'time') return measureTime(trial)
    const { rates, steps, depth } = trial.size
    const training = { schedule: 'linear', beta2: 0.95 } as const
    const runs = await trainAtRates(trial, task, { ...arm, depth }, rates, { steps, training })
    const { loss, learningRate, result } = bestOf(runs)
    if (result.state !== 'trained') return { state: result.state, metrics: {} }
    return { loss, 'log2 best learning rate': Math.log2(learningRate) }
  },
  statements: {
    quality: {
      says: {
        en: 'Layer norm is ahead of RMS norm by 0.02 nats.',
        zh: '层归一化领先 RMS 归一化 0.02 nat。',
      },
      rule: lower('layer', 'rms', 'loss', 0.02),
      claims: { 72: 'informs' },
      papers: { 'rms-norm-2019': 'refutes' },
    },
    'time of a step': {
      says: {
        en: 'RMS norm in place of layer norm saves at least 7% of the time of a training step.',
        zh: '以 RMS 归一化代替层归一化，一步训练至少省 7% 的时间。',
      },
      rule: above('time', saved, 0.07),
      papers: { 'rms-norm-2019': 'supports' },
    },
    'time of the norm': {
      says: {
        en: 'RMS norm itself takes at least 7% less time than layer norm.',
        zh: 'RMS 归一化本身比层归一化至少省 7% 的时间。',
      },
      rule: below('time', ratio, 0.93),
      claims: { 72: 'informs' },
      papers: { 'rms-norm-2019': 'informs' },
    },
    share: {
      says: {
        en: 'Layer norm takes less than a tenth of the time of a training step.',
        zh: '层归一化所占时间不到一步训练的十分之一。',
      },
      rule: below('time', share, 0.1),
      claims: { 72: 'informs' },
    },
  },
})

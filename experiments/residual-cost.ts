/**
 * E11: does a residual connection cost compute?
 *
 * A character model on Moby Dick (LM-S: 12 blocks, 4 heads, windows of 64, batches of 8), pre-norm, without a skip and with
 * one of four kinds. FLOPs of a training step per token are counted in its graph. Time: in every round each net does
 * one step, and the share is the median of the rounds' own, so that a machine that slows down slows all; 3 rounds before
 * are not counted. Concatenation widens the stream by 16 per branch, and the branches with it.
 */
import { type Model, nn, optim } from 'residua'
import * as lab from 'residua/lab'
import { deterministic } from './kit/statements.ts'
import { median, stepTimes } from './kit/step-times.ts'

const task = lab.tasks.characters()
const skips = {
  none: 'none',
  identity: 'identity',
  projection: 'projection',
  concatenation: { name: 'dense', growth: 16 },
  '4 streams': { name: 'hyper', streams: 4 },
}

export default lab.experiment({
  id: 'E11',
  file: import.meta.url,
  minutes: { full: 8, short: 0.7 },
  alone: true,
  arms: { 'width 48': { width: 48 }, 'width 96': { width: 96 } },
  full: { seeds: 5, depth: 12, rounds: 40 },
  short: { seeds: 3, depth: 4, rounds: 8, arms: ['width 48'] },
  async measure({ width }, trial) {
    const { depth, rounds } = trial.size
    const options = { ...task.options, depth, width }
    const text = await task.open(options)
    const models: Model[] = []
    for (const skip of Object.values(skips)) {
      const net = task.net(options, nn.resolveWiring({ skip, norm: 'layer', placement: 'pre' }), text)
      const optimizer = optim.adamW({ learningRate: 1e-3 })
      models.push(await trial.compile(net, { train: text.train, loss: task.loss, optimizer }))
    }
    const times = await stepTimes(models, { rounds, batchSize: 8, signal: trial.signal })
    const flops: number[] = []
    for (const model of models) flops.push((await model.pace({ batchSize: 8 }))!.flopsPerToken)
    const more = (i: number): number => flops[i]! / flops[0]! - 1
    return {
      'share of FLOPs that identity adds': more(1),
      'FLOPs that identity adds per token and block, over 4 d': (flops[1]! - flops[0]!) / (4 * width * depth),
      'share of time that identity adds': median(times[1]!.map((ms, round) => ms / times[0]![round]!)) - 1,
      'number of other skips that add more than 1% FLOPs': [2, 3, 4].filter((i) => more(i) > 0.01).length,
      ...Object.fromEntries(
        Object.keys(skips).flatMap((name, i) => [
          [`${name}: MFLOP per token`, flops[i]! / 1e6],
          [`${name}: ms per step`, median(times[i]!)],
        ]),
      ),
    }
  },
  statements: {
    additions: deterministic(
      'FLOPs that identity adds per token and block, over 4 d',
      1,
      'Identity adds 2 d additions per token and block forward and as many backward, and nothing else.',
      '恒等捷径对每个词元、每个块，前向和反向各只多 2 d 次加法，此外没有别的。',
      { 34: 'refutes' },
    ),
    flops: {
      says: {
        en: 'An identity skip adds less than 1% FLOPs to a step of training.',
        zh: '恒等捷径使一步训练的 FLOPs 增加不到 1%。',
      },
      rule: {
        ...{ kind: 'identity', metric: 'share of FLOPs that identity adds', tolerance: 0.01 },
        strength: 'deterministic',
      },
      claims: { 34: 'refutes' },
    },
    time: {
      says: {
        en: 'An identity skip adds less than 3% time to a step of training.',
        zh: '恒等捷径使一步训练的时间增加不到 3%。',
      },
      rule: {
        ...{ kind: 'threshold', arm: 'width 48', metric: 'share of time that identity adds' },
        ...{ is: 'below', bound: 0.03 },
      },
      claims: { 34: 'refutes' },
    },
    latency: {
      says: {
        en: 'A step of training of a net with identity skips is not faster than of one without: the layers still run.',
        zh: '带恒等捷径的网络，一步训练并不比没有的更快：各层照样要运行。',
      },
      rule: {
        ...{ kind: 'threshold', arm: 'width 48', metric: 'share of time that identity adds' },
        ...{ is: 'above', bound: -0.03 },
      },
      claims: { 22: 'refutes' },
    },
    others: deterministic(
      'number of other skips that add more than 1% FLOPs',
      3,
      'Projection, concatenation and 4 streams each add more than 1% FLOPs: they do cost.',
      '投影、拼接和 4 条流各自增加的 FLOPs 都超过 1%：它们确有开销。',
      { 34: 'informs', 72: 'informs' },
    ),
  },
})

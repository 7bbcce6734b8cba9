/**
 * E16: is concatenation what a ResNet does?
 *
 * MLPs of 8 blocks on MNIST and Fashion-MNIST, pre-norm: what a block gives is added to the stream, or 16 features of it are
 * put beside the stream (DenseNet). The same specification is width 64 for both. Counted in the graphs: width, parameters,
 * activation memory of a training step on 64 images. Trained: both, and a sum of width 66, which has about as many
 * parameters as the concatenation.
 */
import { evaluate, graph, inspect, nn, ops, optim, trace } from 'residua'
import * as lab from 'residua/lab'
import { above, higher } from './kit/rules.ts'
import { normals } from './kit/normals.ts'
import { deterministic, exact } from './kit/statements.ts'

const [width, depth, growth] = [64, 8, 16]
const tasks = { mnist: lab.tasks.mnist({ depth, width }), fashion: lab.tasks.fashionMnist({ depth, width }) }
const kinds = {
  sum: { skip: 'identity', width },
  concatenation: { skip: { name: 'dense', growth }, width },
  'sum, equal parameters': { skip: 'identity', width: 66 },
}
const arms = Object.fromEntries(
  Object.entries(kinds).flatMap(([name, kind]) => Object.keys(tasks).map((of) => [`${name}, ${of}`, { ...kind, of }])),
)

/** What a net is, apart from training. */
async function countsOf({ skip, width: features }: (typeof kinds)[keyof typeof kinds]) {
  const { loss, options, open, net: build } = tasks.mnist
  const of = await open(options)
  const net = build({ ...options, width: features }, nn.resolveWiring({ skip }), of)
  const snapshot = lab.initialSnapshot(net, { train: of.train, loss })
  const { taps } = trace(net, 'float32', [4, 784])
  const [start, end] = [taps.get('input')!, taps.get(`blocks.${depth - 1}.stream`)!]
  const optimizer = optim.adamW({ learningRate: 1e-3 })
  const { bytes, parameters } = inspect({ ...snapshot, optimizer }, { batchSize: 64 })
  const change = ops.max(ops.abs(ops.sub(ops.sliceAxis(end, 1, 0, features), start)))
  const inputs = normals([4, 784], 1, 'inputs')
  return {
    added: end.shape[1]! - features,
    parameters: parameters.total,
    memory: bytes.activations,
    change: evaluate(graph({ change }), { ...snapshot.weights, inputs }).change!.data[0]!,
  }
}

async function counted(): Promise<Record<string, number>> {
  const sum = await countsOf(kinds.sum)
  const concatenation = await countsOf(kinds.concatenation)
  const equal = await countsOf(kinds['sum, equal parameters'])
  const ratios = {
    'parameters, concatenation over sum': concatenation.parameters / sum.parameters,
    'activation memory, concatenation over sum': concatenation.memory / sum.memory,
  }
  return {
    ...ratios,
    'features a sum adds': sum.added,
    'features concatenation adds': concatenation.added,
    'counts that concatenation raises': Object.values(ratios).filter((ratio) => ratio > 1).length,
    'what enters, change by concatenation': concatenation.change,
    'parameters, equal sum over concatenation': equal.parameters / concatenation.parameters,
  }
}
let counts: ReturnType<typeof counted> | undefined

export default lab.experiment({
  id: 'E16',
  file: import.meta.url,
  minutes: { full: 3, short: 0.2 },
  arms,
  full: { seeds: 5, learningRates: [3e-4, 1e-3, 3e-3], steps: 400 },
  short: { seeds: 3, learningRates: [1e-3], steps: 80 },
  async measure({ of, ...factors }, { train, size }) {
    const { state, metrics } = await train(tasks[of as keyof typeof tasks], factors, { steps: size.steps })
    return { state, metrics: { ...metrics, ...(await (counts ??= counted())) } }
  },
  statements: {
    width: deterministic(
      'features concatenation adds',
      depth * growth,
      'Concatenation widens the stream by 16 features per block, to 192 after 8 blocks.',
      '拼接使流每过一个块加宽 16 个特征，8 个块之后为 192。',
      { 24: 'informs' },
    ),
    'width of the sum': deterministic(
      'features a sum adds',
      0,
      'A sum keeps the width of the stream.',
      '相加保持流的宽度。',
      { 24: 'informs' },
    ),
    counts: deterministic(
      'counts that concatenation raises',
      2,
      'For the same specification concatenation has more parameters and more activation memory than the sum: it is another design.',
      '同样的规格下，拼接的参数和激活内存都多于相加：它是另一种设计。',
      { 24: 'informs' },
    ),
    information: exact(
      'what enters, change by concatenation',
      0,
      'With concatenation what enters the stack reaches its end unchanged, and every block on the way.',
      '用拼接时，进入网络的内容原样到达末端，以及途中的每一个块。',
      { 19: 'informs', 25: 'supports' },
    ),
    'equal parameters': {
      says: {
        en: 'The sum that is compared at equal parameters has as many as concatenation, to 1%.',
        zh: '按相同参数量比较的相加网络，其参数量与拼接之差不超过 1%。',
      },
      rule: {
        ...{ kind: 'identity', metric: 'parameters, equal sum over concatenation', equals: 1, tolerance: 0.01 },
        strength: 'deterministic',
      },
    },
    learns: {
      says: {
        en: 'Concatenation learns as well: more than 80% of the test digits are right.',
        zh: '拼接也能学会：测试数字的准确率超过 80%。',
      },
      rule: above('concatenation, mnist', 'accuracy', 0.8),
      claims: { 24: 'informs' },
    },
    ...Object.fromEntries(
      [
        ['mnist', 'MNIST'],
        ['fashion', 'Fashion-MNIST'],
      ].map(([of, name]): [string, lab.Statement] => [
        `accuracy, ${of}`,
        {
          says: {
            en: `At as many parameters the sum is at least half a point more accurate than concatenation on ${name}.`,
            zh: `参数量相同时，在 ${name} 上相加的准确率比拼接至少高 0.5 个百分点。`,
          },
          rule: higher(`sum, equal parameters, ${of}`, `concatenation, ${of}`, 'accuracy', 0.005),
          claims: { 24: 'informs' },
        },
      ]),
    ),
  },
})

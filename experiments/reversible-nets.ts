/**
 * E38: what do reversible nets save, and at which error?
 *
 * RevNet and momentum nets (share 0.9) against the identity skip: stacks of one feed-forward per block, width 64, pre-norm,
 * at their initial values; nothing is trained. Memory is the highest point of a training step's activations, computed from
 * its graph for a batch of 512 (`residua inspect --measure` holds such figures against measured memory); its exponent over
 * 4 to 64 blocks is 1 where every block keeps its own. The error is the largest difference between what the first branch
 * read on the way up and what the gradient finds in its place on the way down, in float32 by ONNX Runtime and in float64.
 */
import { data, grad, type HostTensor, inspect, type Layer, nn, ops, optim, tensor, type Value } from 'residua'
import * as lab from 'residua/lab'
import { above, below, lower } from './kit/rules.ts'

const width = 64
const depths = [4, 16, 64]
const arms = { identity: { skip: 'identity' }, RevNet: { skip: 'reversible' }, 'momentum net': { skip: 'momentum' } }
const rows = [new Float32Array(width)]
const problem = { train: data.arrays({ inputs: rows, targets: rows }), loss: nn.meanSquaredError }
const optimizer = optim.adamW({ learningRate: 1e-3 })

const stackOf = (skip: string, depth: number, block: nn.Block = nn.feedForward({ hidden: width })): Layer =>
  nn.wire(new Array<nn.Block>(depth).fill(block), { skip, norm: 'layer', placement: 'pre' })

const activationBytes = (skip: string, depth: number): number =>
  inspect({ ...lab.initialSnapshot(stackOf(skip, depth), problem), optimizer }, { batchSize: 512 }).bytes.activations

/** A net that gives what its first branch reads, less what its gradient finds in its place. */
const wayBack =
  (skip: string, depth: number): Layer =>
  (s, zeros) => {
    const reads: Value[] = []
    const watched: nn.Block = (scope, x) => {
      if (scope.path === 'blocks.0') reads.push(x)
      return nn.feedForward({ hidden: width })(scope, x)
    }
    const x = ops.add(zeros, s.parameter('x', [width], { role: 'embed', init: nn.normal(1) }))
    grad(ops.sum(stackOf(skip, depth, watched)(s, x)), [x])
    return ops.sub(reads[0]!, reads[1]!)
  }

const log10Largest = ({ data: errors }: HostTensor): number => Math.log10(Math.max(...Array.from(errors, Math.abs)))

export default lab.experiment({
  id: 'E38',
  file: import.meta.url,
  minutes: { full: 0.4, short: 0.2 },
  arms,
  full: { seeds: 10 },
  short: { seeds: 3 },
  async measure({ skip }, trial) {
    const memory = depths.map((depth) => [depth, activationBytes(skip, depth)] as const)
    const metrics: Record<string, number> = {
      'exponent of activation memory': lab.powerLaw(memory)!,
      'activations at 64 blocks, MiB': memory.at(-1)![1] / 2 ** 20,
    }
    for (const depth of skip === 'identity' ? [] : depths) {
      const net = wayBack(skip, depth)
      const model = await trial.compile(net, { ...problem, optimizer })
      const zeros = tensor(new Float32Array(width), [1, width])
      metrics[`log10 error in float32, ${depth} blocks`] = log10Largest(await model.predict(zeros))
      const { error } = lab.initialOutputs((s) => ({ error: net(s, ops.constant(zeros)) }), trial.seed)
      metrics[`log10 error in float64, ${depth} blocks`] = log10Largest(error!)
    }
    const [shallow, deep] = [4, 64].map((depth) => metrics[`log10 error in float32, ${depth} blocks`])
    if (deep !== undefined) metrics['decades of float32 error from 4 to 64 blocks'] = deep - shallow!
    return metrics
  },
  statements: {
    all: {
      says: {
        en: 'With identity skips activation memory grows with depth.',
        zh: '用恒等跳跃连接时，激活占用的内存随深度增长。',
      },
      rule: above('identity', 'exponent of activation memory', 0.9),
    },
    RevNet: {
      says: { en: 'The activation memory of a RevNet does not depend on depth.', zh: 'RevNet 的激活内存与深度无关。' },
      rule: below('RevNet', 'exponent of activation memory', 0.1, 0.05),
      claims: { 72: 'informs' },
    },
    'momentum net': {
      says: {
        en: 'The activation memory of a momentum net does not depend on depth.',
        zh: '动量网络的激活内存与深度无关。',
      },
      rule: below('momentum net', 'exponent of activation memory', 0.1, 0.05),
      claims: { 72: 'informs' },
    },
    inverse: {
      says: {
        en: 'In float64 64 RevNet blocks are undone to 1e-10.',
        zh: '在 float64 下，64 个 RevNet 块的逆运算误差小于 1e-10。',
      },
      rule: below('RevNet', 'log10 error in float64, 64 blocks', -10, 1),
    },
    grows: {
      says: {
        en: 'In float32 the error of going back is more than twice as large over 64 RevNet blocks as over 4.',
        zh: '在 float32 下，回溯 64 个 RevNet 块的误差是 4 个块的两倍以上。',
      },
      rule: above('RevNet', 'decades of float32 error from 4 to 64 blocks', Math.log10(2), 0.5),
      claims: { 72: 'informs' },
    },
    worse: {
      says: {
        en: 'In float32 going back over 64 momentum blocks loses at least ten times more than over 64 RevNet blocks.',
        zh: '在 float32 下，回溯 64 个动量块的误差至少是 64 个 RevNet 块的十倍。',
      },
      rule: lower('RevNet', 'momentum net', 'log10 error in float32, 64 blocks', 1, 1),
      claims: { 72: 'informs' },
    },
  },
})

/**
 * E5: is the residual path R(x) = y - L(x) of the article circular?
 *
 * Its net f(L(x) + R(x)), L being one linear layer of drawn weights, gets 1,000 training digits with the target y that R
 * asks for, and 1,000 test digits with zeros instead, since there y is not known; float64, no training. The gradient is
 * relative to that of f(L(x)). Where several outputs are largest, each counts its share.
 */
import { evaluate, grad, graph, input, nn, ops, tensor, type Value } from 'residua'
import * as lab from 'residua/lab'
import { digits } from './kit/digits.ts'
import { normals } from './kit/normals.ts'
import { shapeClash } from './kit/shape-clash.ts'
import { deterministic, exact } from './kit/statements.ts'

const count = 1000
const [x, w] = [input('x', 'float32', [count, 784]), input('w', 'float32', [784, 10])]
const [y, labels] = [input('y', 'float32', [count, 10]), input('labels', 'int32', [count])]
const largest = (value: Value): Value => ops.max(ops.abs(value))

function accuracy(outputs: Value): Value {
  const winners = ops.cast(ops.equal(outputs, ops.max(outputs, [1], true)), 'float32')
  const right = ops.sum(ops.mul(winners, ops.oneHot(labels, 10)), [1])
  return ops.mean(ops.div(right, ops.sum(winners, [1])))
}

function graphOf(f: 'tanh' | 'relu') {
  const linear = ops.matMul(x, w)
  const output = ops[f](ops.add(linear, ops.sub(y, linear)))
  const gradient = (of: Value): Value => largest(grad(nn.crossEntropy(of, labels), [w])[0]!)
  const change = largest(ops.sub(output, ops[f](y)))
  return graph({ accuracy: accuracy(output), change, circular: gradient(output), alone: gradient(ops[f](linear)) })
}

async function feedsOf(part: 'train' | 'test', seed: number) {
  const { pixels, labels } = await digits(part, count * seed, count)
  const wanted = Float32Array.from({ length: count * 10 }, (_, i) =>
    Number(part === 'train' && labels.data[Math.floor(i / 10)] === i % 10),
  )
  return { x: pixels, labels, y: tensor(wanted, y.shape), w: normals(w.shape, seed, 'w') }
}

export default lab.experiment({
  id: 'E5',
  file: import.meta.url,
  minutes: { full: 0.2, short: 0.1 },
  arms: { 'f = tanh': { f: 'tanh' }, 'f = ReLU': { f: 'relu' } } as const,
  full: { seeds: 3 },
  short: { seeds: 1 },
  async measure({ f }, { seed }) {
    const built = graphOf(f)
    const [train, test] = await Promise.all([feedsOf('train', seed), feedsOf('test', seed)])
    const [known, unknown] = [evaluate(built, train), evaluate(built, test)]
    return {
      'gradient of the weights': known.circular!.data[0]! / known.alone!.data[0]!,
      'difference between the output and f(y)': known.change!.data[0]!,
      'training accuracy before any step': known.accuracy!.data[0]!,
      'test accuracy with zeros for y': unknown.accuracy!.data[0]!,
      'number of shape errors that name 784 and 10': shapeClash(784, 10, () => ops.sub(x, y)),
    }
  },
  statements: {
    gradient: exact(
      'gradient of the weights',
      0,
      'The loss does not depend on the weights of L: their gradient is 0.',
      '损失与 L 的权重无关：梯度为 0。',
      { 43: 'refutes', 44: 'refutes' },
    ),
    circle: exact(
      'difference between the output and f(y)',
      0,
      'What comes out is f(y), whatever x and the weights are: the target went in.',
      '不论 x 和权重如何，输出都是 f(y)：目标早已输入其中。',
      { 44: 'supports', 48: 'informs' },
    ),
    leak: exact(
      'training accuracy before any step',
      1,
      'With R = y - L(x) the label leaks: all training digits are right before any step of training.',
      '取 R = y - L(x) 时标签泄漏：一步都没训练，训练集已全部分对。',
      { 27: 'informs', 28: 'refutes', 48: 'informs' },
    ),
    chance: exact(
      'test accuracy with zeros for y',
      0.1,
      'With zeros for y, which is not known at test time, that net gives every digit the same output: chance, 1 in 10.',
      '测试时 y 未知；以零代替，该网络对每个数字的输出都一样：随机水平，十分之一。',
      { 28: 'refutes', 43: 'refutes', 48: 'informs' },
    ),
    shapes: deterministic(
      'number of shape errors that name 784 and 10',
      1,
      'There is no residual between input and target: 784 pixels and 10 classes cannot be subtracted.',
      '输入与目标之间无残差可言：784 个像素与 10 个类别不能相减。',
      { 27: 'refutes', 48: 'refutes' },
    ),
  },
})

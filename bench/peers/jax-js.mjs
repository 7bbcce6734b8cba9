import { defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax'
import { labels, linearWeights, uniform } from '../data.mjs'
import { needParameters, requestedCase, serve, versionOf } from '../serve.mjs'

// jax-js counts references: a call consumes its arguments, `.ref` keeps one for later.

const { name, shape } = requestedCase()
await init('wasm')
defaultDevice('wasm')

let seed = 1
function linearParameters(/** @type {number} */ inputs, /** @type {number} */ outputs) {
  const weight = np.array(linearWeights(inputs, outputs, seed++), { shape: [inputs, outputs] })
  return { weight, bias: np.zeros([outputs]) }
}

const normParameters = (/** @type {number} */ width) => ({ gain: np.ones([width]), bias: np.zeros([width]) })

const linear = ({ weight, bias }, x) => np.matmul(x, weight).add(bias)
const layerNorm = ({ gain, bias }, x) => nn.standardize(x, -1).mul(gain).add(bias)

const models = {
  mlp: {
    parameters() {
      const sizes = [shape.inputs, ...shape.hidden, shape.classes]
      return sizes.slice(1).map((outputs, i) => linearParameters(sizes[i], outputs))
    },
    forward: (parameters, x) => parameters.reduce((h, layer, i) => linear(layer, i === 0 ? h : nn.relu(h)), x),
  },
  'residual-mlp': {
    parameters() {
      const { inputs, width, blocks, classes } = shape
      return {
        embed: linearParameters(inputs, width),
        blocks: Array.from({ length: blocks }, () => ({
          norm: normParameters(width),
          up: linearParameters(width, width),
          down: linearParameters(width, width),
        })),
        norm: normParameters(width),
        head: linearParameters(width, classes),
      }
    },
    forward({ embed, blocks, norm, head }, x) {
      const branch = ({ norm, up, down }, h) => linear(down, nn.relu(linear(up, layerNorm(norm, h))))
      const stream = blocks.reduce((h, block) => h.ref.add(branch(block, h)), linear(embed, x))
      return linear(head, layerNorm(norm, stream))
    },
  },
  gpt: {
    parameters() {
      const { layers, width, context, vocabulary } = shape
      const table = (/** @type {number} */ rows) =>
        np.array(uniform(rows * width, -0.035, 0.035, seed++), { shape: [rows, width] })
      return {
        tokens: table(vocabulary),
        positions: table(context),
        blocks: Array.from({ length: layers }, () => ({
          attentionNorm: normParameters(width),
          ...{ query: linearParameters(width, width), key: linearParameters(width, width) },
          ...{ value: linearParameters(width, width), out: linearParameters(width, width) },
          norm: normParameters(width),
          up: linearParameters(width, 4 * width),
          down: linearParameters(4 * width, width),
        })),
        norm: normParameters(width),
        head: linearParameters(width, vocabulary).weight,
      }
    },
    forward({ tokens, positions, blocks, norm, head }, ids) {
      const { batch, context, width, heads } = shape
      const split = (x) => np.transpose(np.reshape(x, [batch, context, heads, width / heads]), [0, 2, 1, 3])
      const future = np.triu(np.ones([context, context]), 1).mul(-1e9)
      // not nn.dotProductAttention, whose einsum needs the iterator helpers of Node 22
      const attention = ({ query, key, value, out }, x) => {
        const [q, k] = [query, key].map((map) => split(linear(map, x.ref)))
        const scores = np.matmul(q, np.transpose(k, [0, 1, 3, 2])).mul((width / heads) ** -0.5)
        const mixed = np.matmul(nn.softmax(scores.add(future.ref), -1), split(linear(value, x)))
        return linear(out, np.reshape(np.transpose(mixed, [0, 2, 1, 3]), [batch, context, width]))
      }
      const block = ({ attentionNorm, query, key, value, out, norm, up, down }, h) => {
        const attended = h.ref.add(attention({ query, key, value, out }, layerNorm(attentionNorm, h)))
        return attended.ref.add(linear(down, nn.gelu(linear(up, layerNorm(norm, attended)), { approximate: false })))
      }
      const embedded = np.matmul(nn.oneHot(ids, shape.vocabulary), tokens).add(positions)
      const stream = blocks.reduce((h, parameters) => block(parameters, h), embedded)
      return np.matmul(layerNorm(norm, stream), head)
    },
  },
}

const { parameters: initial, forward } = models[name]
if (shape.parameters) {
  const sizes = tree.leaves(initial()).map(({ size }) => size)
  needParameters(
    'jax-js',
    shape.parameters,
    sizes.reduce((sum, size) => sum + size, 0),
  )
}
const classes = shape.classes ?? shape.vocabulary
const examples = shape.batch * (shape.context ?? 1)

function crossEntropy(parameters, x, y) {
  const logProbabilities = nn.logSoftmax(forward(parameters, x))
  return logProbabilities
    .mul(nn.oneHot(y, classes))
    .sum()
    .mul(-1 / examples)
}

const lossAndGradients = (parameters, x, y) => valueAndGrad(crossEntropy)(tree.ref(parameters), x, y)

function sgd() {
  const update = jit((parameters, x, y) => {
    const [loss, gradients] = lossAndGradients(parameters, x, y)
    return [loss, tree.map((p, g) => p.sub(g.mul(shape.learningRate)), parameters, gradients)]
  })
  let parameters = initial()
  return (x, y) => {
    const [loss, updated] = update(parameters, x, y)
    parameters = updated
    return loss
  }
}

function adamW() {
  const { learningRate, beta1, beta2, epsilon } = shape
  const weightDecay = 0.01
  const update = jit((parameters, m, v, x, y, correction1, correction2) => {
    const [loss, gradients] = lossAndGradients(parameters, x, y)
    const firsts = tree.map((m, g) => m.mul(beta1).add(g.mul(1 - beta1)), m, tree.ref(gradients))
    const seconds = tree.map((v, g) => v.mul(beta2).add(np.square(g).mul(1 - beta2)), v, gradients)
    const moved = (p, m, v) => {
      const root = np.sqrt(v.mul(correction2.ref)).add(epsilon)
      return p.mul(1 - learningRate * weightDecay).sub(m.mul(correction1.ref).div(root).mul(learningRate))
    }
    return [loss, tree.map(moved, parameters, tree.ref(firsts), tree.ref(seconds)), firsts, seconds]
  })
  const zeros = () => tree.map((p) => np.zerosLike(p), initial())
  let [parameters, m, v] = [initial(), zeros(), zeros()]
  let steps = 0
  return (x, y) => {
    steps++
    const [loss, ...updated] = update(parameters, m, v, x, y, 1 / (1 - beta1 ** steps), 1 / (1 - beta2 ** steps))
    ;[parameters, m, v] = updated
    return loss
  }
}

const isText = name === 'gpt'
const update = isText ? adamW() : sgd()
const inputShape = [shape.batch, isText ? shape.context : shape.inputs]
const x = isText ? labels(examples, classes, 5) : uniform(shape.batch * shape.inputs)
const y = labels(examples, classes)

async function step() {
  const inputs = np.array(x, { shape: inputShape, dtype: isText ? np.int32 : np.float32 })
  const targets = np.array(y, { shape: isText ? inputShape : [shape.batch], dtype: np.int32 })
  return (await update(inputs, targets).data())[0]
}

await step()
await serve({ peer: 'jax-js', version: versionOf('@jax-js/jax'), note: 'wasm, jit', step })

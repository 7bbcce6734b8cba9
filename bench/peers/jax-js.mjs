import { defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax'
import { labels, linearWeights, uniform } from '../data.mjs'
import { requestedCase, serve, versionOf } from '../serve.mjs'

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
}

const { parameters: initial, forward } = models[name]

function crossEntropy(parameters, x, y) {
  const logProbabilities = nn.logSoftmax(forward(parameters, x))
  return logProbabilities
    .mul(nn.oneHot(y, shape.classes))
    .sum()
    .mul(-1 / shape.batch)
}

const update = jit((parameters, x, y) => {
  const [loss, gradients] = valueAndGrad(crossEntropy)(tree.ref(parameters), x, y)
  const sgd = (p, g) => p.sub(g.mul(shape.learningRate))
  return [loss, tree.map(sgd, parameters, gradients)]
})

let parameters = initial()
const x = uniform(shape.batch * shape.inputs)
const y = labels(shape.batch, shape.classes)

async function step() {
  const images = np.array(x, { shape: [shape.batch, shape.inputs] })
  const [loss, updated] = update(parameters, images, np.array(y, { dtype: np.int32 }))
  parameters = updated
  return (await loss.data())[0]
}

await step()
await serve({ peer: 'jax-js', version: versionOf('@jax-js/jax'), note: 'wasm, jit', step })

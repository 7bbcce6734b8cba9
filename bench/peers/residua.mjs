import { compile, models, nn, optim } from '../../dist/index.js'
import { column } from '../../dist/data/column.js'
import { random } from '../../dist/random.js'
import { needParameters, requestedCase, serve } from '../serve.mjs'
import { createRequire } from 'node:module'

// Residua as a user runs it: compile() and the events of train(); the time is from one event to the next, so that
// messages to the worker, batch preparation and the loop itself are in it.

const { peer, name, shape, threads, setting = '' } = requestedCase()
const require = createRequire(import.meta.url)
const source = random(1, 'bench')
const batches = 8

const uniform = (/** @type {number} */ count) => Float32Array.from({ length: count }, source.uniform)
const below = (/** @type {number} */ count, /** @type {number} */ bound) =>
  Int32Array.from({ length: count }, () => source.below(bound))

function networkData() {
  const size = shape.batch * batches
  return {
    name: 'random',
    size,
    inputs: column(uniform(size * shape.inputs), [shape.inputs]),
    targets: column(below(size, shape.classes), []),
    classes: shape.classes,
  }
}

function textData() {
  const size = shape.batch * batches
  const tokens = () => column(below(size * shape.context, shape.vocabulary), [shape.context])
  return { name: 'random tokens', size, inputs: tokens(), targets: tokens() }
}

const relu = nn.activation('relu')
const { learningRate, momentum, beta1, beta2, epsilon } = shape
const { layers, heads, width, context, vocabulary } = shape
const cases = {
  mlp: () => ({
    net: nn.sequential(
      ...shape.hidden.flatMap((/** @type {number} */ width) => [nn.linear(width), relu]),
      nn.linear(shape.classes),
    ),
    train: networkData(),
    optimizer: optim.sgd({ learningRate }),
  }),
  'residual-mlp': () => ({
    net: nn.sequential(
      nn.linear(shape.width),
      nn.wire(
        Array.from({ length: shape.blocks }, () => nn.feedForward({ hidden: shape.width, activation: 'relu' })),
        { skip: 'identity', norm: 'layer', placement: 'pre' },
      ),
      nn.linear(shape.classes),
    ),
    train: networkData(),
    optimizer: optim.sgd({ learningRate }),
  }),
  resnet20: () => ({
    net: models.resnet({
      depth: shape.depth,
      channels: shape.channels,
      outputs: shape.classes,
      image: { channels: 1, height: shape.side, width: shape.side },
    }),
    train: networkData(),
    optimizer: optim.sgd({ learningRate, momentum }),
  }),
  gpt: () => ({
    net: models.gpt({ layers, heads, width, context, vocabulary }),
    train: textData(),
    optimizer: optim.adamW({ learningRate, beta1, beta2, epsilon, weightDecay: 0.01 }),
  }),
}

const { net, train, optimizer } = cases[/** @type {keyof typeof cases} */ (name)]()
const zeroCopy = setting !== 'plain'
const began = performance.now()
const model = await compile(net, { train, loss: nn.crossEntropy, optimizer, threads, zeroCopy })
if (shape.parameters) needParameters(peer, shape.parameters, model.parameterCount)
const events = model.train({ steps: 1e9, batchSize: shape.batch, runAhead: true })
await events.next()
const compileMs = performance.now() - began

async function step() {
  for (;;) {
    const { value } = await events.next()
    if (value?.type === 'step') return value.loss
    if (value?.type !== 'plateau') throw new Error(`bench: unexpected event ${JSON.stringify(value)}`)
  }
}

const version = require('../../package.json').version
const note = `${zeroCopy ? 'zero-copy outputs' : 'plain outputs'}, ${threads} threads, from compile() to the first loss ${compileMs.toFixed(0)} ms`
await serve({ peer, version, note, step })

// The article's network, repaired, on MNIST.
import { compile, data, metrics, nn, optim } from 'residua'

const { train, test } = await data.mnist()
const net = nn.sequential(
  nn.linear(128), // 784 -> 128
  nn.wire([nn.feedForward({ hidden: 128, activation: 'relu' })], { skip: 'identity', norm: 'layer', placement: 'pre' }),
  nn.linear(10),
)
const optimizer = optim.adamW({ learningRate: optim.cosine({ peak: 1e-3, steps: 18_750 }) })
const model = await compile(net, { train, loss: nn.crossEntropy, optimizer, metrics: { accuracy: metrics.accuracy } })
await model.fit({ epochs: 10, batchSize: 32 })
console.log(`Test accuracy: ${(await model.evaluate(test)).accuracy}`)
await model.export('article.onnx')

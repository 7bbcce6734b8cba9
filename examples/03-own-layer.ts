// A branch of your own, with a parameter and a norm site, in a deep stack that trains on a spiral.
import { compile, data, type Layer, metrics, nn, ops, optim } from 'residua'

/** A gated branch: `W2 (W1 x * sigmoid(gate * x))`, one gate per feature. */
const gated: Layer = (s, x) => {
  const width = x.shape.at(-1)!
  const gate = s.parameter('gate', [width], { role: 'gain', init: nn.ones })
  const up = ops.mul(nn.linear(width)(s.in('up'), x), ops.sigmoid(ops.mul(x, gate)))
  return nn.linear(width, { role: 'out' })(s.in('down'), s.site('hidden', up))
}

const train = data.spiral({ points: 200, noise: 0.02 })
const blocks = Array.from({ length: 16 }, () => nn.branch('gated', gated))
const net = nn.sequential(
  nn.linear(32),
  nn.wire(blocks, { skip: 'identity', norm: 'rms', placement: 'pre' }),
  nn.linear(3),
)
const optimizer = optim.clipNorm(1, optim.adamW({ learningRate: 3e-3 }))
const model = await compile(net, { train, loss: nn.crossEntropy, optimizer, metrics: { accuracy: metrics.accuracy } })
for await (const event of model.train({ steps: 300, batchSize: 64 })) {
  if (event.type === 'step' && event.step % 100 === 0) console.log(event.step, event.loss.toFixed(3))
}
console.log(`Accuracy on the spiral: ${(await model.evaluate(train)).accuracy}`)

// A GPT on a novel, then words out of it.
import { compile, data, models, nn, optim } from 'residua'

const text = await data.text(data.mobyDick(), { tokenizer: 'char', context: 64 })
const gpt = models.gpt({
  layers: 4,
  heads: 4,
  width: 128,
  vocabulary: text.vocabulary,
  wiring: { skip: 'identity', norm: 'rms', placement: 'pre' },
})
const lm = await compile(gpt, {
  train: text.train,
  loss: nn.crossEntropy,
  optimizer: optim.adamW({ learningRate: optim.cosine({ peak: 1e-3, warmupSteps: 100, steps: 2000 }) }),
})
for await (const event of lm.train({ steps: 2000, batchSize: 12 }))
  if (event.type === 'step') console.log(event.step, event.loss)
for await (const piece of lm.generate('Call me', { tokens: 200, temperature: 0.8 })) process.stdout.write(piece)
await lm.close()

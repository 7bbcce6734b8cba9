/**
 * E34: is the loss of residual nets less sharp than that of plain ones?
 *
 * MLPs of 8 blocks, width 32, on 500 digits of MNIST, by plain gradient descent on all of them at once (AdamW has another
 * line than 2 / rate, small batches none), 20 steps of warm-up, until the training loss is 0.1: sharpness falls with the
 * loss, so nets are compared at the same. One trial tries eight rates, an octave apart, and judges at the one that is there
 * first. Sharpness is the largest eigenvalue of the Hessian, by Lanczos; a rate is stable below 2 over it. The slice is
 * filter-normalised: the loss half as far from the weights as they are from 0, mean over 5 random directions.
 * The rates were chosen by a look at one seed. 4 arms, 5 seeds at about 25 s.
 */
import { type Model, nn, optim } from 'residua'
import * as lab from 'residua/lab'
import { lower } from './kit/rules.ts'

const task = lab.tasks.mnist({ depth: 8, width: 32, trainSize: 500 })
const [sharp, line, off] = ['ln sharpness', 'ln sharpness over 2 / rate', 'ln loss off the minimum']
const warmupSteps = 20

/** Trains all examples at once, down to the loss; the steps it took, or null. */
async function stepsTo(loss: number, model: Model, steps: number, size: number): Promise<number | null> {
  for await (const event of model.train({ steps, batchSize: size })) {
    if (event.type === 'diverged') return null
    if (event.type === 'step' && event.step > warmupSteps && event.loss <= loss) return event.step
  }
  return null
}

async function lossOff(model: Model, train: lab.TaskData['train'], directions: number): Promise<number> {
  let total = 0
  for (let seed = 0; seed < directions; seed++) {
    const { loss } = await lab.landscapeSlice(model, train, { radius: 0.5, points: 3, seed })
    total += (loss[0]![0]! + loss[0]![2]!) / (2 * directions)
  }
  return total
}

export default lab.experiment({
  id: 'E34',
  file: import.meta.url,
  minutes: { full: 6, short: 0.6 },
  arms: {
    plain: { skip: 'none', norm: 'none' },
    residual: { norm: 'none' },
    'residual / sqrt(n)': { norm: 'none', branchScale: { exponent: 0.5 } },
    pre: { norm: 'layer', placement: 'pre' },
  },
  full: { seeds: 5, rates: [3e-3, 6e-3, 0.0125, 0.025, 0.05, 0.1, 0.2, 0.4], steps: 600 },
  short: { seeds: 3, rates: [6e-3, 0.025, 0.05], steps: 300 },
  async measure(arm, { size: { rates, steps }, compile }) {
    const { train } = await task.open({ ...task.options })
    const net = task.net(task.options, nn.resolveWiring(arm), { train, test: train, measures: {} })
    const { loss, metrics } = task
    const found: { rate: number; took: number; model: Model; sharpness: lab.Sharpness }[] = []
    for (const rate of rates) {
      const learningRate = optim.linear({ peak: rate, final: rate, warmupSteps, steps })
      const model = await compile(net, { train, loss, metrics, optimizer: optim.sgd({ learningRate }) })
      const took = await stepsTo(0.1, model, steps, train.size)
      if (took !== null) found.push({ rate, took, model, sharpness: await lab.sharpness(model, train) })
    }
    const best = found.toSorted((a, b) => a.took - b.took)[0]
    if (best === undefined) return { state: 'plateaued', metrics: {} }
    const { eigenvalue, threshold } = best.sharpness
    return {
      ...{ [sharp]: Math.log(eigenvalue), [line]: Math.log(eigenvalue / threshold) },
      [off]: Math.log(await lossOff(best.model, train, 5)),
      ...{ steps: best.took, 'log2 best learning rate': Math.log2(best.rate) },
      ...Object.fromEntries(found.map((of) => [`sharpness at rate ${of.rate}`, of.sharpness.eigenvalue])),
    }
  },
  statements: {
    sharpness: {
      says: {
        en: 'At the same training loss, each at its best rate, the loss of a residual net is less than half as sharp as that of a plain one.',
        zh: '训练损失相同、各用最佳学习率时，残差网络的损失尖锐度不到普通网络的一半。',
      },
      rule: lower('residual', 'plain', sharp, Math.log(2)),
    },
    'scaled branches': {
      says: {
        en: 'With residual branches over sqrt(n) it is less than half as sharp as that of a plain net.',
        zh: '残差分支除以 sqrt(n) 时，尖锐度不到普通网络的一半。',
      },
      rule: lower('residual / sqrt(n)', 'plain', sharp, Math.log(2)),
    },
    'pre-norm': {
      says: {
        en: 'In pre-norm it is less than half as sharp as that of a plain net.',
        zh: 'pre-norm 的尖锐度不到普通网络的一半。',
      },
      rule: lower('pre', 'plain', sharp, Math.log(2)),
    },
    slice: {
      says: {
        en: 'Half as far from the weights as they are from 0, the loss of a residual net over sqrt(n) is less than half that of a plain one.',
        zh: '离权重半个权重长度处，除以 sqrt(n) 的残差网络的损失不到普通网络的一半。',
      },
      rule: lower('residual / sqrt(n)', 'plain', off, Math.log(2)),
    },
    'the line 2 / rate': {
      says: {
        en: 'Each at its best rate, the sharpness of a residual net over sqrt(n) is less than half as high as that of a plain one, measured by 2 / rate, where gradient descent becomes unstable.',
        zh: '各用最佳学习率、以梯度下降的不稳定线 2 / 学习率为单位时，除以 sqrt(n) 的残差网络的尖锐度不到普通网络的一半。',
      },
      rule: lower('residual / sqrt(n)', 'plain', line, Math.log(2)),
    },
  },
})

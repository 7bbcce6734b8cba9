/**
 * E14: is layer norm a regularisation technique?
 *
 * An MLP 784-128-128-10 on 500 digits, trained until it fits all of them (at most 2,000 steps of 50, checked every 50),
 * AdamW at the best of three rates; what counts is the accuracy on 10,000 test digits with no error left in training.
 * By accuracy the controls, batch norm and dropout, show nothing either; the statements on the test loss, by which batch
 * norm does, were added after the run, from its results.
 */
import { nn, ops, optim, type Layer } from 'residua'
import * as lab from 'residua/lab'

const task = lab.tasks.mnist({ trainSize: 500 })
const between: Record<string, () => Layer> = {
  none: () => (_, x) => x,
  layer: () => nn.layerNorm(),
  batch: () => nn.batchNorm(),
  dropout: () => nn.dropout(0.3),
}
const hidden = (kind: string): Layer => {
  return (s, x) => ops.relu(between[kind]!()(s.in('between'), nn.linear(128)(s.in('linear'), x)))
}

export default lab.experiment({
  id: 'E14',
  file: import.meta.url,
  minutes: { full: 3, short: 0.4 },
  arms: { none: {}, layer: {}, batch: {}, dropout: {} },
  full: { seeds: 5, learningRates: [3e-4, 1e-3, 3e-3], steps: 2000 },
  short: { seeds: 3, learningRates: [1e-3], steps: 300 },
  async measure(_, { name, learningRate, size, compile }) {
    const { train, test } = await task.open({ ...task.options })
    const net = nn.sequential(hidden(name), hidden(name), nn.linear(10, { role: 'head' }))
    const { loss, metrics } = task
    const model = await compile(net, { train, loss, metrics, optimizer: optim.adamW({ learningRate }) })
    for (let steps = 50; steps <= size.steps; steps += 50) {
      for await (const _ of model.train({ steps, batchSize: 50 }));
      if ((await model.evaluate(train)).accuracy === 1) break
    }
    const fitted = (await model.evaluate(train)).accuracy === 1
    const measured = { ...(await model.evaluate(test)), steps: model.step }
    return { state: fitted ? 'trained' : 'plateaued', metrics: measured }
  },
  statements: Object.fromEntries(
    Object.entries({
      layer: ['Layer norm', '层归一化'],
      batch: ['Batch norm', '批归一化'],
      dropout: ['Dropout', 'dropout'],
    }).flatMap(([arm, [en, zh]]): [string, lab.Statement][] => [
      [
        arm,
        {
          says: {
            en: `${en} regularises: at zero training error it is at least 2 points more accurate on test digits than nothing.`,
            zh: `${zh}有正则化作用：训练误差为零时，测试准确率比什么都不用至少高 2 个百分点。`,
          },
          rule: { kind: 'difference', metric: 'accuracy', better: 'higher', arms: [arm, 'none'], smallest: 0.02 },
          claims: { 7: arm === 'layer' ? 'supports' : 'informs' },
        },
      ],
      [
        `${arm}, loss`,
        {
          says: {
            en: `${en} regularises by the test loss: at zero training error it is at least 0.03 nats below that of nothing.`,
            zh: `就测试损失而言，${zh}有正则化作用：训练误差为零时，比什么都不用至少低 0.03 nat。`,
          },
          rule: { kind: 'difference', metric: 'loss', better: 'lower', arms: [arm, 'none'], smallest: 0.03 },
          claims: { 7: 'informs' },
        },
      ],
    ]),
  ),
})

// A study: which wiring trains at depth 32?
import * as lab from 'residua/lab'

const study = lab.study({
  question: 'Which wirings train a 32-block MLP?',
  task: lab.tasks.mnist({ depth: 32, width: 64 }),
  arms: lab.grid({ skip: ['none', 'identity', 'reZero'], norm: ['none', 'layer'], placement: ['pre', 'post'] }),
  learningRates: [3e-4, 1e-3, 3e-3],
  seeds: 3,
  steps: 400,
  metric: 'accuracy',
})
const result = await study.run({ folder: 'runs/depth-32' })
console.log(result.verdict.sentence)

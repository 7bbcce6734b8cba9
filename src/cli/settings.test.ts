import { Command } from 'commander'
import { expect, test } from 'vitest'
import { arrays } from '../data/arrays.ts'
import { optimizerOf } from './optimizer.ts'
import { evaluateEveryOf, netOf, type Settings, settingsSchema, stepsOf } from './settings.ts'
import { addTrainFlags, settingsOf, type TrainFlags } from './train-flags.ts'

const data = arrays({ inputs: Array.from({ length: 65 }, (_, i) => [i]), targets: new Int32Array(65), classes: 1 })

function settings(...args: string[]): Settings {
  const command = addTrainFlags(new Command())
  command.parse(['--data', 'x.csv', ...args], { from: 'user' })
  return settingsOf('mlp', command.opts<TrainFlags>())
}

test('the defaults, as a run stores them', () => {
  const defaults = settings()
  expect(settingsSchema.parse(JSON.parse(JSON.stringify(defaults)))).toEqual(defaults)
  expect(defaults).toMatchObject({ depth: 2, width: 128, hidden: 128, optimizer: 'adamW', learningRate: 1e-3 })
  expect(defaults).toMatchObject({ epochs: 2, steps: null, batchSize: 32, seed: 0, holdOut: 0.2 })
  expect(settings('--optimizer', 'sgd').learningRate).toBe(1e-2)
})

test('a wiring may be incomplete and lie in a file', () => {
  expect(settings('--wiring', '{"norm":"rms"}').wiring).toMatchObject({
    skip: 'identity',
    norm: 'rms',
    placement: 'pre',
  })
})

test.each([
  [['--epochs', '3'], 9],
  [['--steps', '7'], 7],
  [['--epochs', '3', '--accumulate', '2'], 6],
  [['--epochs', '3', '--wiring', '{"norm":"batch"}'], 6], // the remainder of one is left out
])('steps of %j', (args, steps) => {
  expect(stepsOf(settings(...args), data)).toBe(steps)
})

test('evaluates once per epoch, at most 20 times, or as asked', () => {
  expect(evaluateEveryOf(settings('--epochs', '20'), data)).toBeNull()
  expect(evaluateEveryOf(settings('--epochs', '21'), data)).toBe(4)
  expect(evaluateEveryOf(settings('--evaluate-every', '5'), data)).toBe(5)
})

test('learning rates at the steps 1, 2, 6 and 10', () => {
  const rates = (...args: string[]): number[] => {
    const { learningRate } = optimizerOf(settings('--learning-rate', '8', ...args), 10)
    return [1, 2, 6, 10].map((step) => Number(learningRate.at(step).toFixed(6)))
  }
  expect(rates()).toEqual([8, 8, 8, 8])
  expect(rates('--warmup', '2')).toEqual([4, 8, 8, 8])
  expect(rates('--schedule', 'linear', '--warmup', '2')).toEqual([4, 8, 4, 0])
  expect(rates('--schedule', 'cosine', '--warmup', '2')).toEqual([4, 8, 4, 0])
})

test('the optimizer has what was asked for', () => {
  const sgd = optimizerOf(settings('--optimizer', 'sgd', '--momentum', '0.9', '--weight-decay', '0.1'), 10)
  expect(sgd).toMatchObject({ name: 'sgd', options: { momentum: 0.9, weightDecay: 0.1 } })
  expect(optimizerOf(settings('--clip-norm', '2'), 10)).toMatchObject({ name: 'adamW', clipNorm: 2 })
  expect(() => optimizerOf(settings('--optimizer', 'adam', '--weight-decay', '0.1'), 10)).toThrow('use adamW')
})

test('a net that no file could hold is refused before anything is allocated', () => {
  expect(() => netOf(settings('--depth', '9', '--width', '8000'), 2)).toThrow(
    'mlp: depth 9, width 8000 and hidden 8000 make 1152016000 parameters, expected fewer than 536870912',
  )
})

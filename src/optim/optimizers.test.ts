import { describe, expect, test } from 'vitest'
import { loadFixture, type OptimizerCase, type Tensors } from '../../test/fixtures/load.ts'
import { expectNear, float64, runOnnx, type Tolerance } from '../../test/run-layer.ts'
import { type Graph, graph } from '../graph/graph.ts'
import { input, type Value } from '../graph/value.ts'
import { evaluate } from '../runtime/reference.ts'
import { type HostTensor, tensor } from '../tensor.ts'
import { adam, adamW } from './adam.ts'
import { mul } from '../ops/arithmetic.ts'
import { clipFactor } from './clip.ts'
import { clipNorm, type Optimizer } from './optimizer.ts'
import { type Schedule, stepDecay } from './schedule.ts'
import { sgd } from './sgd.ts'

type Float = 'float32' | 'float64'

function optimizerOf({ options }: OptimizerCase): Optimizer {
  if (options.optimizer === 'sgd') {
    const { clipNorm: limit } = options
    return limit === undefined ? sgd(options) : clipNorm(limit, sgd(options))
  }
  const { eps: epsilon } = options
  return options.optimizer === 'adam' ? adam({ ...options, epsilon }) : adamW({ ...options, epsilon })
}

/** One update of all parameters: inputs `w`, `gradient w`, `w.m`, scalars by name; outputs `new w`, `new w.m`, `norm`. */
function updateGraph(optimizer: Optimizer, initial: Tensors, decayed: readonly string[], dtype: Float): Graph {
  const leaf = (name: string, path: string): Value => input(name, dtype, initial[path]!.shape)
  const scalars = Object.fromEntries(optimizer.scalarNames.map((name) => [name, input(name, dtype, [])]))
  const paths = Object.keys(initial)
  const given = paths.map((path) => leaf(`gradient ${path}`, path))
  const clipped = optimizer.clipNorm === undefined ? undefined : clipFactor(given, optimizer.clipNorm)
  const outputs: Record<string, Value> = clipped ? { norm: clipped.norm } : {}
  paths.forEach((path, i) => {
    const slots = Object.fromEntries(optimizer.slots.map((slot) => [slot, leaf(`${path}.${slot}`, path)]))
    const gradient = clipped ? mul(given[i]!, clipped.factor) : given[i]!
    const decay = decayed.includes(path)
    const updated = optimizer.update({ parameter: leaf(path, path), gradient, slots, decay }, scalars)
    outputs[`new ${path}`] = updated.parameter
    for (const slot of optimizer.slots) outputs[`new ${path}.${slot}`] = updated.slots[slot]!
  })
  return graph(outputs)
}

type Run = (traced: Graph, feeds: Tensors) => Record<string, HostTensor> | Promise<Record<string, HostTensor>>

/** Carries parameters and slots through all recorded steps, and compares after each. */
async function follow(recorded: OptimizerCase, dtype: Float, run: Run, tolerance: Tolerance): Promise<void> {
  const { initial, options, steps } = recorded
  const optimizer = optimizerOf(recorded)
  const traced = updateGraph(optimizer, initial, 'decayed' in options ? options.decayed : Object.keys(initial), dtype)
  let state: Record<string, HostTensor> = { ...initial }
  for (const [path, { shape, data }] of Object.entries(initial)) {
    for (const slot of optimizer.slots) state[`${path}.${slot}`] = tensor(new Float64Array(data.length), shape)
  }
  let step = 0
  for (const { gradients, parameters, norm } of steps) {
    step++
    const numbers = Object.entries(optimizer.scalars(step)).map(
      ([name, value]) => [name, tensor(value, [], 'float64')] as const,
    )
    const named = Object.entries(gradients).map(([path, value]) => [`gradient ${path}`, value] as const)
    const results = await run(traced, { ...state, ...Object.fromEntries([...numbers, ...named]) })
    for (const [path, value] of Object.entries(parameters)) {
      expectNear(results[`new ${path}`], value, tolerance, `${path} after step ${step}`)
    }
    if (norm) expectNear(results.norm, norm, tolerance, `norm of step ${step}`)
    state = Object.fromEntries(Object.keys(state).map((name) => [name, results[`new ${name}`]!]))
  }
  expect(step).toBe(12)
}

describe.each(loadFixture('optimizers'))('$name, twelve steps', (recorded) => {
  test('in float64', () => follow(recorded, 'float64', evaluate, float64))
  test('in float32 on ONNX Runtime', () => follow(recorded, 'float32', runOnnx, { relative: 1e-6, absolute: 0 }))
})

test('a schedule sets the rate of each step, and Adam corrects its bias by step', () => {
  const learningRate: Schedule = stepDecay({ initial: 1, every: 1, factor: 0.5 })
  expect([1, 2, 3].map((step) => sgd({ learningRate }).scalars(step).rate)).toEqual([1, 0.5, 0.25])
  const scalars = adamW({ learningRate, weightDecay: 0.1 }).scalars(2)
  expect(Object.keys(scalars)).toEqual(adamW({ learningRate }).scalarNames)
  expect(scalars.rate).toBeCloseTo(0.5 / (1 - 0.81), 12)
  expect(scalars.inverseRoot).toBeCloseTo(1 / Math.sqrt(1 - 0.998001), 12)
  expect(scalars.shrink).toBe(0.95)
})

test('what a rule needs is refused', () => {
  expect(() => sgd({ learningRate: -1 })).toThrowErrorMatchingInlineSnapshot(
    `[OptionError: constant: rate must be >= 0 and finite, got -1]`,
  )
  expect(() => sgd({ learningRate: 0.1, momentum: 1 })).toThrowErrorMatchingInlineSnapshot(
    `[OptionError: sgd: momentum must be in [0, 1), got 1]`,
  )
  expect(() => sgd({ learningRate: 0.1, nesterov: true })).toThrowErrorMatchingInlineSnapshot(
    `[OptionError: sgd: nesterov needs a momentum above 0]`,
  )
  expect(() => sgd({ learningRate: 0.1, weightDecay: NaN })).toThrow('sgd: weightDecay')
  expect(() => adam({ learningRate: NaN })).toThrow('rate must be >= 0 and finite, got NaN')
  expect(() => adam({ learningRate: 0.1, beta1: 1 })).toThrow('adam: beta1 must be in [0, 1), got 1')
  expect(() => adam({ learningRate: 0.1, beta2: -0.1 })).toThrow('adam: beta2')
  expect(() => adam({ learningRate: 0.1, epsilon: 0 })).toThrowErrorMatchingInlineSnapshot(
    `[OptionError: adam: epsilon must be positive and finite, got 0]`,
  )
  expect(() => adamW({ learningRate: 0.1, weightDecay: -1 })).toThrow('adamW: weightDecay')
  for (const limit of [0, -1, NaN])
    expect(() => clipNorm(limit, sgd({ learningRate: 0.1 }))).toThrow('must be positive')
})

import { describe, expect, test } from 'vitest'
import { trace } from '../../graph/scope.ts'
import { gpt } from '../../models/gpt.ts'
import { mlp } from '../../models/mlp.ts'
import { resnet } from '../../models/resnet.ts'
import { freeze } from '../../nn/freeze.ts'
import { crossEntropy } from '../../nn/loss.ts'
import { adamW } from '../../optim/adam.ts'
import { clipNorm } from '../../optim/optimizer.ts'
import { sgd } from '../../optim/sgd.ts'
import { sizeOf } from '../../tensor.ts'
import { build, type Recipe } from '../step.ts'
import { inspect } from './inspect.ts'
import { liveBytes } from './memory.ts'

const common = { loss: crossEntropy, metrics: {}, optimizer: adamW({ learningRate: 1e-3 }) }

const rows: Recipe = {
  ...common,
  net: mlp({ depth: 2, width: 16, outputs: 10, wiring: {} }),
  inputs: { dtype: 'float32', shape: [20] },
  targets: { dtype: 'int32', shape: [] },
}
const images: Recipe = {
  ...rows,
  net: resnet({ depth: 8, channels: 4, outputs: 10, image: { channels: 1, height: 8, width: 8 } }),
  inputs: { dtype: 'float32', shape: [64] },
}
const tokens: Recipe = {
  ...common,
  net: gpt({ layers: 3, heads: 4, width: 64, vocabulary: 100, context: 32 }),
  inputs: { dtype: 'int32', shape: [32] },
  targets: { dtype: 'int32', shape: [32] },
}

/** 20 to 16; twice a norm and two maps of 16; a norm; 16 to 10. */
const inRows = { input: 20 * 16 + 16, blocks: 2 * (2 * 16 + 2 * (16 * 16 + 16)), finalNorm: 2 * 16, head: 16 * 10 + 10 }
const total = Object.values(inRows).reduce((a, b) => a + b, 0)

describe('parameters', () => {
  test('by part and by role, each counted once', () => {
    const { parameters } = inspect(rows)
    expect(parameters).toMatchObject({ total, trained: total, byPart: inRows })
    const byRole = { inner: 20 * 16 + 2 * 256, bias: 16 + 4 * 16 + 3 * 16 + 10, out: 2 * 256, gain: 3 * 16, head: 160 }
    expect(parameters.byRole).toEqual(byRole)
  })

  test('the frozen ones are told apart, and nothing is kept for them', () => {
    const whole = inspect(rows).bytes
    const { parameters, bytes } = inspect({ ...rows, net: freeze(rows.net, ['blocks.**']) })
    expect(parameters.trained).toBe(total - inRows.blocks)
    expect([bytes.parameters, bytes.slots, bytes.gradients]).toEqual([
      4 * total,
      8 * parameters.trained,
      4 * parameters.trained,
    ])
    expect(bytes.peak).toBeLessThan(whole.peak)
  })
})

describe('memory', () => {
  const sum = ({ peak: _, ...kinds }: object & { peak: number }): number =>
    Object.values(kinds as Record<string, number>).reduce((a, b) => a + b, 0)

  test('the parts add up', () => {
    for (const recipe of [rows, images, tokens]) {
      const { bytes } = inspect(recipe)
      expect(bytes.peak).toBe(sum(bytes))
    }
  })

  test('a fused update keeps gradients, one in the graph writes beside the old values', () => {
    expect(inspect(rows).bytes).toMatchObject({
      parameters: 4 * total,
      slots: 8 * total,
      gradients: 4 * total,
      copies: 0,
    })
    const inGraph = inspect({ ...rows, fusedUpdate: false }).bytes
    expect(inGraph).toMatchObject({ parameters: 4 * total, slots: 8 * total, gradients: 0, copies: 12 * total })
    expect(inspect({ ...rows, optimizer: sgd({ learningRate: 1 }) }).bytes.slots).toBe(0)
  })

  test('accumulation keeps sums, which are written beside the old ones', () => {
    const { bytes } = inspect(rows, { accumulate: 4 })
    expect(bytes).toMatchObject({ slots: 8 * total, gradients: 8 * total, copies: 4 * total })
  })

  test('running statistics are neither parameters nor slots', () => {
    const states = [...trace(images.net, 'float32', [2, 64]).states.values()]
    const bytes = states.reduce((all, { value }) => all + 4 * sizeOf(value.shape), 0)
    expect(bytes).toBeGreaterThan(0)
    expect(inspect(images).bytes).toMatchObject({ states: bytes, copies: bytes })
  })

  test('the batch is what the graph is fed: inputs, targets and, for an update in it, the scalars of the optimizer', () => {
    const scalars = rows.optimizer.scalarNames.length
    expect(inspect(rows, { batchSize: 8 }).bytes.batch).toBe(4 * (8 * 20 + 8))
    expect(inspect({ ...rows, fusedUpdate: false }, { batchSize: 8 }).bytes.batch).toBe(4 * (8 * 20 + 8 + scalars))
    expect(inspect(tokens, { batchSize: 2 }).bytes.batch).toBe(4 * (2 * 32 + 2 * 32))
  })

  test('activations go with the batch, parameters do not', () => {
    const [small, large] = [8, 32].map((batchSize) => inspect(rows, { batchSize }).bytes)
    expect(large!.activations / small!.activations).toBeGreaterThan(2)
    expect(large!.parameters).toBe(small!.parameters)
  })

  test('a program that only predicts keeps parameters alone', () => {
    const { parameters } = trace(rows.net, 'float32', [2, 20])
    const bytes = liveBytes([build(rows, 'predict', 4)], new Set(parameters.keys()))
    expect(bytes).toMatchObject({ parameters: 4 * total, slots: 0, gradients: 0, copies: 0, results: 4 * 4 * 10 })
  })
})

describe('work', () => {
  test('of an mlp: its maps, and what is done to each activation', () => {
    const { perExample, perToken, textbook } = inspect(rows).flops
    const maps = 2 * (20 * 16 + 4 * 16 * 16 + 16 * 10)
    const rest = 16 + 10 + 3 * 7 * 16 + 4 * 16 + 2 * 16 + 2 * 16 // biases, norms, biases, rectifiers, sums
    expect(perExample.forward).toBe(maps + rest)
    expect([perToken, textbook]).toEqual([null, null])
  })

  test('of a step it is near three times that, however the update runs', () => {
    const { forward, step } = inspect(tokens).flops.perToken!
    expect(step / forward).toBeGreaterThan(2.9)
    expect(step / forward).toBeLessThan(3.2)
    expect(inspect({ ...tokens, fusedUpdate: false }).flops).toEqual(inspect(tokens).flops)
  })

  test('per token it is a part of that per example', () => {
    const { perExample, perToken } = inspect(tokens).flops
    expect(perToken).toEqual({ forward: perExample.forward / 32, step: perExample.step / 32 })
  })

  test('near the estimate of textbooks, tables that are only looked up left out', () => {
    const { flops, parameters } = inspect(tokens)
    const maps = parameters.total - 100 * 64
    expect(flops.textbook).toBe(6 * maps + 12 * 3 * 64 * 32)
    expect(flops.perToken!.step / flops.textbook!).toBeCloseTo(1, 1)
    const options = { layers: 3, heads: 4, width: 64, vocabulary: 100, context: 32, tied: true }
    const tied = inspect({ ...tokens, net: gpt(options) })
    expect(tied.flops.textbook).toBe(6 * tied.parameters.total + 12 * 3 * 64 * 32)
  })

  test('a clipped update does more, and an update for several batches less per example', () => {
    const stepOf = (recipe: Recipe, accumulate: number): number => inspect(recipe, { accumulate }).flops.perExample.step
    expect(stepOf({ ...rows, optimizer: clipNorm(1, rows.optimizer) }, 1)).toBeGreaterThan(stepOf(rows, 1))
    expect(stepOf(rows, 16)).toBeLessThan(stepOf(rows, 1))
  })
})

test('graphs: nodes, and the longest way through them', () => {
  const { forward, step } = inspect(rows).graphs
  const deeper = inspect({ ...rows, net: mlp({ depth: 12, width: 16, outputs: 10, wiring: {} }) }).graphs
  const { nodes } = build(rows, 'predict', 32).graph
  expect(forward.nodes).toBe(nodes.length)
  expect(forward.depth).toBeLessThanOrEqual(forward.nodes)
  expect(step.depth).toBeGreaterThan(2 * forward.depth)
  expect((deeper.forward.depth - forward.depth) % 10).toBe(0)
  expect(deeper.forward.depth).toBeGreaterThan(forward.depth)
})

test('sizes are whole numbers from 1 on', () => {
  expect(() => inspect(rows, { batchSize: 0 })).toThrow('batchSize')
  expect(() => inspect(rows, { accumulate: 1.5 })).toThrow('accumulate')
})

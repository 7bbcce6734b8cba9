import { describe, expect, test } from 'vitest'
import { expectClose } from '../../test/close.ts'
import { graph } from '../graph/graph.ts'
import { type Layer, trace } from '../graph/scope.ts'
import { random } from '../random.ts'
import { evaluate } from '../runtime/reference.ts'
import { type HostTensor, tensor, type TensorType } from '../tensor.ts'
import { feedForward } from './feed-forward.ts'
import { linear } from './linear.ts'
import { lora } from './lora.ts'
import { adaptersOf, mergeLora } from './lora-weights.ts'
import { batchNorm } from './norms/batch.ts'
import { sequential } from './sequential.ts'
import { wire } from './wiring/wire.ts'
import type { Wiring } from './wiring/wiring.ts'

const example: TensorType = { dtype: 'float32', shape: [5] }
const drawn = (name: string, shape: readonly number[]): HostTensor => {
  const { normal } = random(1, name)
  const size = shape.reduce((a, b) => a * b, 1)
  return tensor(
    Float32Array.from({ length: size }, () => 0.5 * normal()),
    shape,
  )
}

/** Weights of a net, none of them at its initial value. */
function weightsOf(net: Layer): Record<string, HostTensor> {
  const { parameters, states } = trace(net, 'float32', [2, 5])
  return Object.fromEntries(
    [...parameters.values(), ...states.values()].map(({ path, value }) => {
      const { data, shape } = drawn(path, value.shape)
      return [
        path,
        path.endsWith('variance')
          ? tensor(
              Float32Array.from(data, (x) => x * x + 0.5),
              shape,
            )
          : { dtype: 'float32', data, shape },
      ]
    }),
  )
}

const x = drawn('inputs', [3, 5])
function run(net: Layer, weights: Readonly<Record<string, HostTensor>>): HostTensor {
  return evaluate(graph({ output: trace(net, 'float32', x.shape, 'evaluate').output }), { ...weights, inputs: x })
    .output!
}

const stack = (wiring: Wiring): Layer => wire([feedForward({ hidden: 7 }), feedForward({ hidden: 4 })], wiring)

test.each<[string, Layer]>([
  ['linear maps', sequential(linear(4), batchNorm(), linear(3, { bias: false }))],
  ['a stack', stack({ norm: 'rms', placement: 'pre', init: 'depthScaled' })],
  ['a stack on a sphere', stack({ norm: 'hypersphere' })],
])('%s: merged weights compute the same without adapters', (_, base) => {
  const net = lora(base, { targets: ['**'], rank: 2, alpha: 5 })
  const weights = weightsOf(net)
  const merged = mergeLora(net, example, weights)
  expect(Object.keys(merged)).toEqual(Object.keys(weights).filter((name) => !name.includes('lora')))
  const { parameters, states } = trace(base, 'float32', x.shape, 'evaluate')
  expect(Object.keys(merged).sort()).toEqual([...parameters.keys(), ...states.keys()].sort())
  expectClose(run(base, merged), run(net, weights), 1e-6)
  expect(run(base, weights).data).not.toEqual(run(base, merged).data)
})

test('W + (alpha / rank) B A, and nothing else is touched', () => {
  const net = lora(sequential(linear(2), linear(2)), { targets: ['1'], rank: 1, alpha: 3 })
  const weights = {
    ...{ '0.weight': drawn('w', [2, 5]), '0.bias': drawn('b', [2]), '1.bias': drawn('c', [2]) },
    '1.weight': tensor([1, 2, 3, 4], [2, 2]),
    '1.lora.A': tensor([10, 20], [1, 2]),
    '1.lora.B': tensor([1, -1], [2, 1]),
  }
  const merged = mergeLora(net, example, weights)
  expect([...merged['1.weight']!.data]).toEqual([31, 62, -27, -56])
  for (const name of ['0.weight', '0.bias', '1.bias'] as const) expect(merged[name]).toBe(weights[name])
  expect([...weights['1.weight'].data]).toEqual([1, 2, 3, 4])
})

test('adapters by the path of their layer', () => {
  const weights = weightsOf(lora(sequential(linear(4), linear(3)), { targets: ['*'], rank: 2 }))
  expect([...adaptersOf(weights)]).toEqual(
    ['0', '1'].map((path) => [path, { a: weights[`${path}.lora.A`], b: weights[`${path}.lora.B`] }]),
  )
  expect(adaptersOf({ 'x.weight': x }).size).toBe(0)
})

describe('what cannot be merged', () => {
  const net = lora(sequential(linear(4)), { targets: ['*'], rank: 2 })
  const weights = weightsOf(net)
  const without = (name: string): Record<string, HostTensor> =>
    Object.fromEntries(Object.entries(weights).filter(([other]) => other !== name))

  test.each<[string, Readonly<Record<string, HostTensor>>]>([
    ["lora: expected A and B for '0', got B alone", without('0.lora.A')],
    ["lora: expected A and B for '0', got A alone", without('0.lora.B')],
    ["mergeLora: '0' has an adapter, but the net has no '0.weight'", without('0.weight')],
    [
      "mergeLora: '0' needs A [2, 5] and B [4, 2], got float32[3, 5] and float32[4, 2]",
      { ...weights, '0.lora.A': drawn('a', [3, 5]) },
    ],
    [
      "mergeLora: '0' needs A [2, 5] and B [4, 2], got float32[2, 5] and float32[2, 4]",
      { ...weights, '0.lora.B': drawn('b', [2, 4]) },
    ],
  ])('%s', (message, given) => {
    expect(() => mergeLora(net, example, given)).toThrow(message)
  })

  test.each(['weight', 'spectral'])('a weight behind %s normalisation', (norm) => {
    const behind = lora(stack({ norm }), { targets: ['**.up'] })
    expect(() => mergeLora(behind, example, weightsOf(behind))).toThrow(
      "mergeLora: 'blocks.0.up.weight' is seen through a transform, so nothing can be added to what is stored; keep the adapters apart",
    )
  })
})

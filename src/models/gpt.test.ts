import { describe, expect, test } from 'vitest'
import { graph } from '../graph/graph.ts'
import { trace } from '../graph/scope.ts'
import { initialize } from '../nn/initialize.ts'
import { random } from '../random.ts'
import { evaluate } from '../runtime/reference.ts'
import { type HostTensor, tensor } from '../tensor.ts'
import { gpt, type GptOptions } from './gpt.ts'
import { modelOf } from './table.ts'

const small: GptOptions = { layers: 2, heads: 4, width: 16, vocabulary: 7 }
const ids = (seed = 1): HostTensor => {
  const source = random(seed, 'ids')
  return tensor(
    Int32Array.from({ length: 12 }, () => source.below(7)),
    [2, 6],
  )
}
const shapes = (options: GptOptions): Record<string, readonly number[]> =>
  Object.fromEntries(
    Array.from(trace(gpt(options), 'int32', [2, 6]).parameters, ([path, { value }]) => [path, value.shape]),
  )

function run(options: GptOptions, inputs = ids()): Float64Array {
  const { output, parameters } = trace(gpt(options), 'int32', [2, 6], 'evaluate')
  return Float64Array.from(evaluate(graph({ output }), { ...initialize(parameters.values(), 2), inputs }).output!.data)
}

describe('options of a gpt', () => {
  test('heads may share keys and values, and have a size of their own', () => {
    const found = shapes({ ...small, keyValueHeads: 2, headSize: 6 })
    expect(found['blocks.0.attention.query.weight']).toEqual([24, 16])
    expect(found['blocks.0.attention.key.weight']).toEqual([12, 16])
    expect(found['blocks.0.attention.out.weight']).toEqual([16, 24])
  })

  test('biases stand where they are asked for', () => {
    const biased = (bias: NonNullable<GptOptions['bias']>): string[] =>
      Object.keys(shapes({ ...small, bias, wiring: { norm: 'rms', placement: 'pre' } })).filter((path) =>
        path.endsWith('bias'),
      )
    expect(biased(false)).toEqual([])
    expect(biased({ attention: ['query', 'key', 'value'], feedForward: false })).toEqual(
      [0, 1].flatMap((l) => ['query', 'key', 'value'].map((map) => `blocks.${l}.attention.${map}.bias`)),
    )
    expect(biased(true)).toHaveLength(12)
  })

  test('a tied head is the table of the embedding', () => {
    const found = shapes({ ...small, tied: true })
    expect(found).not.toHaveProperty(['head.weight'])
    expect(shapes(small)['head.weight']).toEqual([7, 16])
  })

  test('gated units have a gate', () => {
    expect(shapes({ ...small, feedForward: 'gated', hidden: 20 })['blocks.1.mlp.gate.weight']).toEqual([20, 16])
  })

  test('a soft cap bounds logits and keeps their order', () => {
    const plain = run(small)
    const capped = run({ ...small, softcap: 0.5 })
    capped.forEach((value, i) => expect(value).toBeCloseTo(0.5 * Math.tanh(plain[i]! / 0.5), 10))
  })

  test('learned positions are as many as the context says, else as the first trace has', () => {
    expect(shapes(small)['positions.weight']).toEqual([6, 16])
    expect(shapes({ ...small, context: 9 })['positions.weight']).toEqual([9, 16])
    expect(() => shapes({ ...small, context: 5 })).toThrow(/at most 5 tokens, got 6/)
  })

  test('padding is seen by no token', () => {
    const padded = (last: number): HostTensor =>
      tensor(Int32Array.from([1, 2, 3, 0, last, 4, 1, 2, 3, 4, 5, 6]), [2, 6])
    const options = { ...small, padding: 0 }
    expect(run(options, padded(0)).slice(0, 21)).toEqual(run(options, padded(5)).slice(0, 21))
    expect(run(options, padded(0)).slice(35, 42)).not.toEqual(run(options, padded(5)).slice(35, 42))
  })

  test('what cannot be is refused', () => {
    expect(() => gpt({ ...small, softcap: 0 })).toThrow(/softcap must be positive/)
    expect(() => gpt({ ...small, rotary: {} })).toThrow(/rotary says how rotary positions turn/)
    expect(() => gpt({ ...small, layers: 0 })).toThrow(/gpt: layers/)
    expect(() => gpt({ ...small, padding: 7 })).toThrow(/padding must be a token from 0 to 6/)
    expect(() => gpt({ ...small, positions: 'rotery' as 'rotary' })).toThrow(/gpt\.positions/)
    expect(() => gpt({ ...small, positions: 'rotary', rotary: { scaling: { type: 'linear', factor: 0 } } })).toThrow(
      /scaling\.factor/,
    )
  })
})

test('the specification of a gpt makes it again', () => {
  const net = gpt({ ...small, positions: 'rotary', keyValueHeads: 2, wiring: { norm: 'rms', placement: 'pre' } })
  const again = modelOf(JSON.parse(JSON.stringify(net.spec)) as typeof net.spec)
  const paths = (layer: typeof net): string[] => [...trace(layer, 'int32', [2, 6]).parameters.keys()]
  expect(paths(again)).toEqual(paths(net))
})

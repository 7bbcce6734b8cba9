import { describe, expect, test } from 'vitest'
import { expectClose } from '../../test/close.ts'
import { type FunctionCase, loadCases } from '../../test/fixtures/load.ts'
import { differentiated, expectFixture } from '../../test/run-layer.ts'
import { graph } from '../graph/graph.ts'
import { type Layer, type Mode, trace, trainedOf } from '../graph/scope.ts'
import { random } from '../random.ts'
import { evaluate } from '../runtime/reference.ts'
import { type HostTensor, tensor } from '../tensor.ts'
import { attention } from './attention.ts'
import { feedForward } from './feed-forward.ts'
import { freeze } from './freeze.ts'
import { initialize } from './initialize.ts'
import { linear } from './linear.ts'
import { lora, type LoraOptions } from './lora.ts'
import { sequential } from './sequential.ts'
import { wire } from './wiring/wire.ts'
import type { Wiring } from './wiring/wiring.ts'

interface Options {
  readonly layer: 'linear' | 'feedForward'
  readonly width?: number
  readonly bias?: boolean
  readonly hidden?: number
  readonly lora: LoraOptions
}

const within =
  (net: Layer): Layer =>
  (s, x) =>
    net(s.in('map'), x)

test.each(loadCases<FunctionCase<Options>>('lora').map((c) => [c.name, c] as const))('%s', async (_, c) => {
  const { layer, width, bias, hidden } = c.options
  const net = layer === 'linear' ? linear(width!, { bias: bias! }) : feedForward({ hidden: hidden! })
  const { x, cotangent } = c.inputs
  const traced = trace(lora(within(net), { ...c.options.lora, targets: ['**'] }), 'float32', x!.shape)
  const leaves = Object.fromEntries(trainedOf(traced).map(({ path, value }) => [path, value]))
  const derived = differentiated({ y: traced.output }, { x: traced.input, ...leaves })
  await expectFixture(derived, { inputs: x!, cotangent: cotangent!, ...c.parameters }, c)
})

const tokens = [2, 3, 8]
const x = tensor(Float32Array.from({ length: 48 }, random(1, 'tokens').normal), tokens)
const stack = (wiring: Wiring = { norm: 'layer', placement: 'pre' }): Layer =>
  wire([{ attention: attention({ heads: 2 }), mlp: feedForward({ hidden: 6 }) }], wiring, {
    head: (s, y) => linear(3, { role: 'head' })(s.in('head'), y),
  })

function run(net: Layer, change: Readonly<Record<string, HostTensor>> = {}, mode: Mode = 'evaluate'): HostTensor {
  const { output, parameters, states } = trace(net, 'float32', tokens, mode)
  const weights = initialize([...parameters.values(), ...states.values()], 3)
  return evaluate(graph({ output }), { ...weights, inputs: x, ...change }).output!
}

const adaptersIn = (net: Layer): string[] => trainedOf(trace(net, 'float32', tokens)).map(({ path }) => path)

describe.each([
  { norm: 'layer', placement: 'pre' },
  { norm: 'rms', placement: 'post' },
  { norm: 'weight' },
  { norm: 'spectral' },
  { norm: 'rms', placement: 'pre', qkNorm: true, init: 'depthScaled' },
  { skip: 'reversible', norm: 'layer', placement: 'pre' },
  { skip: 'hyper', norm: 'layer', placement: 'pre' },
] as Wiring[])('%o', (wiring) => {
  const net = stack(wiring)
  const adapted = lora(net, { targets: 'all', rank: 2 })

  test('at first the net is as it was, and the adapters alone are trained', () => {
    expect(run(adapted).data).toEqual(run(net).data)
    const maps = ['query', 'key', 'value', 'out'].map((name) => `attention.${name}`).concat(['mlp.up', 'mlp.down'])
    expect(adaptersIn(adapted).sort()).toEqual(
      maps.flatMap((map) => ['A', 'B'].map((name) => `blocks.0.${map}.lora.${name}`)).sort(),
    )
  })

  test('no wiring reaches an adapter', () => {
    const { parameters } = trace(adapted, 'float32', tokens)
    const [a, b] = ['A', 'B'].map((name) => parameters.get(`blocks.0.mlp.down.lora.${name}`)!)
    expect([a, b].map((one) => [one!.init.name, one!.transform, one!.constraint, one!.calibrate])).toEqual([
      [`fanIn(${3 ** -0.5})`, undefined, undefined, undefined],
      ['constant(0)', undefined, undefined, undefined],
    ])
    expect([a!.value.shape, b!.value.shape]).toEqual([
      [2, 6],
      [8, 2],
    ])
  })

  test('an adapter changes the result', () => {
    const b = tensor(new Float32Array(16).fill(0.5), [8, 2])
    expect(run(adapted, { 'blocks.0.attention.value.lora.B': b }).data).not.toEqual(run(net).data)
  })
})

test('by default queries and values are adapted, at rank 8 and alpha 16', () => {
  const net = lora(stack())
  expect(adaptersIn(net)).toEqual(
    ['query', 'value'].flatMap((map) => ['A', 'B'].map((name) => `blocks.0.attention.${map}.lora.${name}`)),
  )
  expect(net.lora).toEqual({ rank: 8, alpha: 16, targets: ['**.query', '**.value'], dropout: 0, trained: [] })
})

test('some parameters of the net can be trained as well, and an adapter can be frozen from outside', () => {
  const net = lora(stack(), { targets: ['**.query'], trained: ['head.*'] })
  expect(adaptersIn(net).slice(2)).toEqual(['head.weight', 'head.bias'])
  expect(adaptersIn(freeze(net, ['**.lora.A', 'head.bias']))).toEqual([
    'blocks.0.attention.query.lora.B',
    'head.weight',
  ])
})

test('paths are those below the net', () => {
  const net = sequential(lora(sequential(linear(8), linear(8)), { targets: ['1'], trained: ['0.bias'] }), linear(2))
  expect(adaptersIn(net)).toEqual(['0.0.bias', '0.1.lora.A', '0.1.lora.B', '1.weight', '1.bias'])
})

test('an overlay that adapts already goes on', () => {
  const seen: string[] = []
  const net: Layer = (s, value) =>
    lora(linear(3), { targets: ['**'] })(s.with({ adapt: (at, _, y) => (seen.push(at.path), y) }).in('map'), value)
  const both = trace((s, value) => lora(within(linear(3)), { targets: ['map'] })(s, value), 'float32', tokens)
  const { parameters } = trace(net, 'float32', tokens)
  expect(seen).toEqual(['map'])
  expect([...parameters.keys()]).toEqual([...both.parameters.keys()])
})

test('dropout is of the inputs of adapters, in training', () => {
  const net = lora(within(linear(3)), { targets: ['map'], dropout: 0.25, rank: 2 })
  const { noises } = trace(net, 'float32', tokens)
  expect([...noises.values()].map(({ path, rate, value }) => [path, rate, value.shape])).toEqual([
    ['map.lora.dropout.mask', 0.75, tokens],
  ])
  expect(trace(net, 'float32', tokens, 'evaluate').noises.size).toBe(0)
  const b = { 'map.lora.B': tensor(Float32Array.of(1, 0, 0, 1, 1, 1), [3, 2]) }
  const masked = (value: number): HostTensor =>
    run(net, { ...b, 'map.lora.dropout.mask': tensor(new Float32Array(48).fill(value), tokens) }, 'train')
  expectClose(masked(0.75), run(net, b), 1e-12)
  expectClose(masked(0), run(within(linear(3))), 1e-12)
})

describe('what cannot be', () => {
  test.each<[string, LoraOptions]>([
    ['lora: rank must be a positive integer, got 0', { rank: 0 }],
    ['lora: alpha must be positive and finite, got 0', { alpha: 0 }],
    ['lora: alpha must be positive and finite, got NaN', { alpha: NaN }],
    ["lora: expected targets, got none; 'all' are those of wired blocks", { targets: [] }],
    ['dropout: rate must be in [0, 1), got 1', { dropout: 1 }],
    ['lora: targets: expected names between dots', { targets: ['a..b'] }],
  ])('%s', (message, options) => {
    expect(() => lora(stack(), options)).toThrow(message)
  })

  test('patterns that match nothing', () => {
    const missing = (options: LoraOptions) => (): unknown => trace(lora(stack(), options), 'float32', tokens)
    expect(missing({ targets: ['**.query', 'blocks.*.attention.vlaue'] })).toThrowErrorMatchingInlineSnapshot(
      `[OptionError: lora: targets: no linear layer matches 'blocks.*.attention.vlaue', did you mean 'blocks.*.attention.value'? Known: blocks.*.attention.query, blocks.*.attention.key, blocks.*.attention.value, blocks.*.attention.out, blocks.*.mlp.up, blocks.*.mlp.down, head]`,
    )
    expect(missing({ trained: ['haed.*'] })).toThrow(
      "lora: trained: no parameter matches 'haed.*', did you mean 'head.bias'?",
    )
    expect(() =>
      trace(
        lora((_, y) => y),
        'float32',
        tokens,
      ),
    ).toThrow("lora: targets: no linear layer matches '**.query', there is none")
  })
})

import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { bits } from '../../test/training.ts'
import { choiceOf, smallTransformer } from '../../test/wiring-cover.ts'
import { ancestors, graph, type Graph } from '../graph/graph.ts'
import { type Layer, trace, type Traced } from '../graph/scope.ts'
import { simplify } from '../graph/simplify.ts'
import { input, type Value } from '../graph/value.ts'
import { resnet } from '../models/resnet.ts'
import { transformer } from '../models/transformer.ts'
import { attention } from '../nn/attention.ts'
import { tiedEmbedding } from '../nn/embedding.ts'
import { feedForward } from '../nn/feed-forward.ts'
import { initialize } from '../nn/initialize.ts'
import { sequential } from '../nn/sequential.ts'
import { norms, placements, skips } from '../nn/wiring/tables.ts'
import { wire } from '../nn/wiring/wire.ts'
import type { Wiring } from '../nn/wiring/wiring.ts'
import { toOnnx } from '../onnx/model.ts'
import { equal, not } from '../ops/compare.ts'
import { random, type Random } from '../random.ts'
import { sessionOptions } from '../runtime/node/session-options.ts'
import { evaluate } from '../runtime/reference.ts'
import { type DType, type HostTensor, type Shape, sizeOf, tensor } from '../tensor.ts'
import { vjp } from './grad.ts'
import { vjpRecomputing } from './recompute.ts'

type Feeds = Readonly<Record<string, HostTensor>>

function draw(name: string, shape: Shape, next: (source: Random) => number): HostTensor {
  const source = random(5, name)
  return tensor(
    Float32Array.from({ length: sizeOf(shape) }, () => next(source)),
    shape,
  )
}

/** Initial values moved at random, so that no gradient is 0 because a gain or a branch starts at 0; masks; tokens below 7. */
function feedsOf({ parameters, states, noises, input: x, output }: Traced): Feeds {
  const initial = initialize([...parameters.values(), ...states.values()], 5)
  const moved = Array.from(parameters.keys(), (path) => {
    const { shape, data } = initial[path]!
    const shift = draw(`shift ${path}`, shape, (source) => 0.2 * source.normal())
    return [path, { ...shift, data: shift.data.map((by, i) => data[i]! + by) }] as const
  })
  const masks = Array.from(noises.values(), ({ path, value, rate }) => {
    return [path, draw(path, value.shape, (source) => Number(source.uniform() < rate))] as const
  })
  const ids = Int32Array.from({ length: sizeOf(x.shape) }, (_, i) => (3 * i + 1) % 7)
  return {
    ...initial,
    ...Object.fromEntries([...moved, ...masks]),
    inputs: x.dtype === 'int32' ? tensor(ids, x.shape) : draw('inputs', x.shape, (source) => source.normal()),
    cotangent: draw('cotangent', output.shape, (source) => source.normal()),
  }
}

const fed = ({ inputs }: Graph, feeds: Feeds): Feeds =>
  Object.fromEntries(Array.from(inputs.keys(), (name) => [name, feeds[name]!]))

/** What ONNX Runtime computes, under the session options of training. */
async function run(traced: Graph, feeds: Feeds): Promise<Record<string, HostTensor>> {
  const session = await InferenceSession.create(toOnnx(traced, { target: 'cpu' }), sessionOptions(1))
  const tensors = Object.entries(fed(traced, feeds)).map(
    ([name, { dtype, data, shape }]) => [name, new Tensor(dtype, data as Float32Array, shape)] as const,
  )
  const results = await session.run(Object.fromEntries(tensors))
  await session.release()
  return Object.fromEntries(
    Array.from(traced.outputs, ([name, { type }]) => [
      name,
      { ...type, data: results[name]?.data as Float32Array<ArrayBuffer> },
    ]),
  )
}

/** Gradients of all parameters by path, plain and recomputed, of one trace. */
function differentiated(traced: Traced): { plain: Map<string, Value>; recomputed: Map<string, Value> } {
  const { output, parameters, blocks } = traced
  const cotangent = input('cotangent', 'float32', output.shape)
  const leaves = Array.from(parameters.values(), ({ value }) => value)
  const named = (gradients: readonly Value[]): Map<string, Value> =>
    new Map(Array.from(parameters.keys(), (path, i) => [path, gradients[i]!]))
  return {
    plain: named(vjp([output], [cotangent], leaves)),
    recomputed: named(vjpRecomputing([output], [cotangent], leaves, blocks)),
  }
}

/** Holds gradients with recomputation to those without, bit for bit, in ONNX Runtime and in the float64 reference. */
async function expectSameBits(layer: Layer, dtype: DType, shape: Shape): Promise<void> {
  const traced = trace(layer, dtype, shape)
  const { plain: one, recomputed: other } = differentiated(traced)
  const named = (gradients: ReadonlyMap<string, Value>): Graph => {
    const results = Array.from(gradients, ([path, value]) => [`gradient of ${path}`, value] as const)
    return simplify(graph(new Map([['output', traced.output], ...results])))
  }
  const [plain, recomputed] = [named(one), named(other)]
  const feeds = feedsOf(traced)
  expect(recomputed.nodes.length).toBeGreaterThan(plain.nodes.length)
  const expected = evaluate(plain, fed(plain, feeds))
  expect(bits(evaluate(recomputed, fed(recomputed, feeds)))).toEqual(bits(expected))
  expect(bits(await run(recomputed, feeds))).toEqual(bits(await run(plain, feeds)))
  const moving = Object.values(expected).filter(({ data }) => data.some((x) => x !== 0 && Number.isFinite(x)))
  expect(moving.length).toBeGreaterThan(0.8 * traced.parameters.size)
}

/** Token numbers to logits with one table; token 0 is padding; dropout in both branches. */
function tokens(wiring: Wiring): Layer {
  const tied = tiedEmbedding({ vocabulary: 7, width: 8 })
  const block = {
    attention: attention({ heads: 2, causal: true, dropout: 0.3 }),
    mlp: feedForward({ hidden: 12, dropout: 0.3 }),
  }
  const stack = wire([block, block, block], wiring, {
    embed: (s, ids) => tied.embed(s.in('embed'), ids),
    head: (s, x) => tied.head(s.in('embed'), x),
  })
  return (s, ids) => stack(s, ids, not(equal(ids, 0)))
}

const mlp = feedForward({ hidden: 12 })
const reversible = ['reversible', 'momentum']
/** Skips that go without norms, or widen the stream. */
const special = ['fixup', 'normalizerFree', 'dense']

describe('the bits of gradients', () => {
  const usual = Object.keys(skips).filter((name) => ![...reversible, ...special].includes(name))
  test.each(usual)('skip %s', async (skip) => {
    await expectSameBits(tokens({ skip: choiceOf(skip), norm: 'rms' }), 'int32', [2, 5])
  })
  test.each(special)('skip %s', async (skip) => {
    await expectSameBits(smallTransformer({ skip, norm: 'none', placement: 'none' }), 'float32', [2, 3, 8])
  })
  test.each(Object.keys(placements))('placement %s', async (placement) => {
    await expectSameBits(tokens({ skip: 'identity', norm: 'layer', placement }), 'int32', [2, 5])
  })
  test.each(Object.keys(norms))('norm %s', async (norm) => {
    const net = wire([mlp, mlp], { skip: 'identity', norm: choiceOf(norm) })
    await expectSameBits(net, 'float32', [4, 3, 8])
  })

  test('hyper-connections that depend on the stream', async () => {
    await expectSameBits(tokens({ skip: { name: 'hyper', streams: 2, dynamic: true }, norm: 'rms' }), 'int32', [2, 5])
  })

  test('a stack inside a branch', async () => {
    const wiring = { skip: 'identity', norm: 'layer' }
    await expectSameBits(wire([mlp, wire([mlp, mlp], wiring), mlp], wiring), 'float32', [4, 8])
  })

  test('two stacks, of which one looks at the other', async () => {
    const net = transformer({
      ...{ kind: 'encoderDecoder', depth: 2, width: 8, heads: 2, vocabulary: 7, context: 5, source: 4 },
      ...{ padding: 0, dropout: 0.3, positions: 'rotary' },
    })
    await expectSameBits(net, 'int32', [2, 9])
  })

  test('blocks that change the shape of the stream, with running statistics', async () => {
    const net = resnet({ depth: 8, channels: 4, outputs: 3, image: { channels: 1, height: 8, width: 8 } })
    await expectSameBits(net, 'float32', [2, 1, 8, 8])
  })
})

/** Blocks alone: what enters them is the net's input, what leaves the last is its output. */
const stack = (skip: string): Layer =>
  wire([mlp, mlp, mlp], { skip, norm: 'layer', placement: 'pre', finalNorm: 'omitted' })

test('the way back reads the streams before and after blocks, and nothing else of the forward pass', () => {
  const traced = trace(stack('identity'), 'float32', [2, 8])
  const forward = new Set(ancestors([traced.output]))
  const readBy = (gradients: ReadonlyMap<string, Value>): Set<Value> => {
    const back = ancestors(gradients.values()).filter((node) => !forward.has(node))
    const read = back.flatMap(({ inputs }) => inputs.filter(({ node }) => forward.has(node)))
    return new Set(read.filter(({ node }) => node.inputs.length > 0 || node.name === 'inputs'))
  }
  const { plain, recomputed } = differentiated(traced)
  const streams = traced.blocks.map(({ before }) => before[0]!)
  expect([...readBy(recomputed)].toSorted((a, b) => a.node.id - b.node.id)).toEqual(streams)
  expect(readBy(plain).size).toBeGreaterThan(3 * streams.length)
})

test('a block waits for its gradient and for those of all parameters of later blocks', () => {
  const { recomputed } = differentiated(trace(stack('identity'), 'float32', [2, 8]))
  const { nodes, outputs } = simplify(graph(recomputed))
  const entries = nodes.filter(({ op }) => op?.name === 'concat').toReversed() // those of the first block come last
  expect(entries.length).toBe(3)
  entries.forEach((entry, block) => {
    const earlier = new Set(ancestors(entry.outputs))
    const there = Array.from(outputs).filter(([, { node }]) => earlier.has(node))
    const later = Array.from(outputs.keys()).filter((path) => Number(path.split('.')[1]) > block)
    expect(there.map(([path]) => path)).toEqual(later)
  })
})

test('what needs no gradient is not computed again', () => {
  const { parameters, output, blocks } = trace(stack('identity'), 'float32', [2, 8])
  const last = Array.from(parameters.values()).filter(({ path }) => path.startsWith('blocks.2.'))
  const leaves = last.map(({ value }) => value)
  const gradients = vjpRecomputing([output], [input('cotangent', 'float32', output.shape)], leaves, blocks)
  expect(ancestors(gradients).filter(({ op }) => op?.name === 'concat').length).toBe(1)
})

test.each(reversible)('blocks of a %s stack are not recorded: their gradients recompute already', (skip) => {
  expect(trace(stack(skip), 'float32', [2, 8]).blocks).toEqual([])
  const around = sequential(stack('identity'), stack(skip))
  expect(trace(around, 'float32', [2, 8]).blocks.length).toBe(3)
})
